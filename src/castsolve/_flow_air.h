/* Closed air: pockets of voxels that hold no liquid to speak of. Each is one unknown of the pressure system. */
#ifndef CASTSOLVE_FLOW_AIR_H
#define CASTSOLVE_FLOW_AIR_H

#include "_flow_gradients.h"

/* What is known of a pocket: one row of a table. Volumes in voxels (h^3), place in voxels times volume. */
enum { AIR_VOLUME = 0, AIR_ESCAPE, AIR_OPEN, AIR_X, AIR_Y, AIR_Z, AIR_MASS, AIR_WORK, AIR_BEFORE, AIR_TAKEN, AIR_COLUMNS };
/* Air in a voxel that is fuller than this is rounding. */
#define AIR_NONE 1e-12

INLINE double air_in(const Flow *s, const double *F, ptrdiff_t n) {
    const double air = s->V[n] - F[n];
    return air > AIR_NONE ? air : 0.0;
}

/* Voxels that are not liquid and hang together through open faces get one number, from 1 on, and so do liquid voxels beside them
   that are not full: the first pocket that reaches one has it. Serial. Returns the number of pockets. */
int32_t flow_pockets(Flow *s, int64_t *queue) {
    int32_t count = 0;
    FLOW_ALL(s, 2, s->nx - 2) s->pocket[n] = 0;
    FLOW_ALL(s, 2, s->nx - 2) {
        if (s->kind[n] != FLOW_CAVITY || s->wet[n] || s->pocket[n]) continue;
        ptrdiff_t head = 0, tail = 0;
        queue[tail++] = n;
        s->pocket[n] = ++count;
        while (head < tail) {
            const ptrdiff_t c = queue[head++];
            for (int side = 0; side < 6; ++side) {
                const int d = side >> 1;
                const ptrdiff_t nb = side & 1 ? c + s->step[d] : c - s->step[d], face = side & 1 ? nb : c;
                if (s->kind[nb] != FLOW_CAVITY || s->pocket[nb] || !(s->a[d][face] > 0.0)) continue;
                if (!s->wet[nb]) queue[tail++] = nb;
                else if (!(air_in(s, s->F, nb) > 0.0)) continue;
                s->pocket[nb] = count;
            }
        }
    }
    return count;
}

/* Sums over the voxels of every pocket: volume, what its vents let through, whether it reaches the open, place. Serial. */
void flow_measure(const Flow *s, const double *leak, double *table) {
    FLOW_ALL(s, 2, s->nx - 2) {
        if (!s->pocket[n]) continue;
        double *t = table + (ptrdiff_t)AIR_COLUMNS * (s->pocket[n] - 1);
        const double air = air_in(s, s->F, n), at[3] = {(double)i, (double)j, (double)k};
        t[AIR_VOLUME] += air;
        for (int d = 0; d < 3; ++d) t[AIR_X + d] += air * at[d];
        if (s->wet[n]) continue;
        if (leak[n] < 0.0) t[AIR_OPEN] = 1.0;
        else t[AIR_ESCAPE] += leak[n] * air / s->V[n];
        for (int side = 0; side < 6; ++side) {
            const int d = side >> 1;
            const ptrdiff_t nb = side & 1 ? n + s->step[d] : n - s->step[d], face = side & 1 ? nb : n;
            if (s->kind[nb] == FLOW_OUTLET && s->a[d][face] > 0.0) t[AIR_OPEN] = 1.0;
        }
    }
}

/* The pocket that a voxel's air is in now: its own, else with `near` that of the first open neighbour. */
static int32_t air_goes_to(const Flow *s, ptrdiff_t n, int near) {
    if (s->pocket[n] || !near) return s->pocket[n];
    for (int side = 0; side < 6; ++side) {
        const int d = side >> 1;
        const ptrdiff_t nb = side & 1 ? n + s->step[d] : n - s->step[d], face = side & 1 ? nb : n;
        if (s->pocket[nb] && s->a[d][face] > 0.0) return s->pocket[nb];
    }
    return 0;
}

/* Air of the pockets before goes to those of now, in proportion to the air of the voxels that they have in common; a pocket that has
   none in common with any goes to one beside it. before: the table at the start of the step, AIR_WORK is pressure times volume;
   AIR_TAKEN is what came from pockets that were open. shared: room for two numbers a pocket, after it the share that found a place. Serial. */
void flow_hand_air(const Flow *s, const double *before, ptrdiff_t nbefore, double *shared, double *table) {
    for (int near = 0; near < 2; ++near) {
        FLOW_ALL(s, 2, s->nx - 2) {
            const ptrdiff_t from = s->pocket_before[n] - 1;
            if (from >= 0 && (!near || !(shared[2 * from] > 0.0)) && air_goes_to(s, n, near)) shared[2 * from + near] += air_in(s, s->Fn, n);
        }
    }
    FLOW_ALL(s, 2, s->nx - 2) {
        const ptrdiff_t from = s->pocket_before[n] - 1;
        if (from < 0) continue;
        const int near = !(shared[2 * from] > 0.0);
        const int32_t to = air_goes_to(s, n, near);
        if (!to || !(shared[2 * from + near] > 0.0)) continue;
        const double part = air_in(s, s->Fn, n) / shared[2 * from + near];
        const double *b = before + AIR_COLUMNS * from;
        double *t = table + (ptrdiff_t)AIR_COLUMNS * (to - 1);
        t[AIR_MASS] += part * b[AIR_MASS];
        t[AIR_WORK] += part * b[AIR_WORK];
        t[AIR_BEFORE] += part * b[AIR_VOLUME];
        if (b[AIR_OPEN] > 0.0) t[AIR_TAKEN] += part * b[AIR_MASS];
    }
    for (ptrdiff_t q = 0; q < nbefore; ++q) shared[2 * q] = shared[2 * q] > 0.0 || shared[2 * q + 1] > 0.0;
}

/* Faces between liquid and pockets with an unknown pressure. With first alone they are counted (first[k + 1]); else listed by pocket. */
void flow_border(const Flow *s, const uint8_t *closed, int64_t *first, int64_t *wet, int64_t *dry, double *coef) {
    for (int d = 0; d < 3; ++d) {
        FLOW_ROWS(s, 2, s->nx - 2) {
            const ptrdiff_t A = n - s->step[d];
            if (!(s->coef[d][n] > 0.0) || s->wet[n] == s->wet[A]) continue;
            const ptrdiff_t air = s->wet[n] ? A : n;
            const int32_t who = s->pocket[air] - 1;
            if (s->kind[air] != FLOW_CAVITY || who < 0 || !closed[who]) continue;
            if (!wet) {
                ++first[who + 1];
                continue;
            }
            const int64_t at = first[who]++;
            wet[at] = s->wet[n] ? n : A;
            dry[at] = air;
            coef[at] = s->coef[d][n];
        }
    }
}

/* What the velocities of now push into every pocket with an unknown pressure, through the surface and from feeds (m/s). */
void flow_pushed(const Flow *s, const uint8_t *closed, double *rhs) {
    for (int d = 0; d < 3; ++d) {
        FLOW_ROWS(s, 2, s->nx - 2) {
            const ptrdiff_t A = n - s->step[d];
            double push = s->a[d][n] * s->u[d][n];
            if (s->curve) push += (s->wet[n] ? 1.0 : -1.0) * s->coef[d][n] * s->jump[d][n] * s->kick / s->h;
            if (push == 0.0) continue;
            const int to_n = s->kind[n] == FLOW_CAVITY && !s->wet[n] && (s->coef[d][n] > 0.0 || s->kind[A] == FLOW_FEED);
            const int to_A = s->kind[A] == FLOW_CAVITY && !s->wet[A] && (s->coef[d][n] > 0.0 || s->kind[n] == FLOW_FEED);
            if (to_n && s->pocket[n] && closed[s->pocket[n] - 1]) rhs[s->pocket[n] - 1] += push;
            if (to_A && s->pocket[A] && closed[s->pocket[A] - 1]) rhs[s->pocket[A] - 1] -= push;
        }
    }
}

/* The rows of the pockets in the pressure system; vectors over all pockets, those without an unknown pressure hold zeros. */
typedef struct {
    ptrdiff_t count;
    const int64_t *row, *wet, *dry; /* surface faces of every pocket: first one, their two voxels */
    const double *coef;
    double *diag, *rhs, *x, *p, *q, *r, *z;
} FlowAir;

/* The voxels beside the liquid hold their pocket's value of x or p: the liquid's own rows then find it there. */
static void air_spread(const FlowAir *air, const double *of, double *field) {
    for (ptrdiff_t who = 0; who < air->count; ++who)
        for (int64_t b = air->row[who]; b < air->row[who + 1]; ++b) field[air->dry[b]] = of[who];
}

/* r = rhs - A x of the pockets, in the unit of the level; returns the largest (m/s). */
double air_residual(const FlowLevel *l, FlowAir *air) {
    double most = 0.0;
    for (ptrdiff_t who = 0; who < air->count; ++who) {
        double left = 0.0;
        if (air->diag[who] > 0.0) {
            left = air->rhs[who] - air->diag[who] * air->x[who];
            for (int64_t b = air->row[who]; b < air->row[who + 1]; ++b) left += air->coef[b] * l->flow->P[air->wet[b]];
        }
        air->r[who] = left / l->unit;
        if (!(fabs(left) <= most)) most = fabs(left);
    }
    return most;
}

/* z = r over the diagonal; returns z.r. */
double air_precondition(FlowAir *air) {
    double dot = 0.0;
    for (ptrdiff_t who = 0; who < air->count; ++who) {
        air->z[who] = air->diag[who] > 0.0 ? air->r[who] / air->diag[who] : 0.0;
        dot += air->z[who] * air->r[who];
    }
    return dot;
}

/* p = z + beta p. */
void air_turn(FlowAir *air, double beta) {
    for (ptrdiff_t who = 0; who < air->count; ++who) air->p[who] = air->z[who] + beta * air->p[who];
}

/* q = A p, and the pockets' part of q in the liquid; returns what both add to p.q. */
double air_apply(const FlowLevel *l, FlowAir *air) {
    double dot = 0.0;
    for (ptrdiff_t who = 0; who < air->count; ++who) {
        const double own = air->p[who];
        air->q[who] = 0.0;
        if (!(air->diag[who] > 0.0)) continue;
        double near = 0.0;
        for (int64_t b = air->row[who]; b < air->row[who + 1]; ++b) {
            const ptrdiff_t m = level_place(l, l->flow, air->wet[b]);
            near += air->coef[b] * (double)l->p[m];
            l->q[m] -= (float)(air->coef[b] * own);
        }
        air->q[who] = air->diag[who] * own - near;
        dot += own * (air->q[who] - near);
    }
    return dot;
}

/* x += alpha p, r -= alpha q; returns the largest residual. x and the residual are in m/s, p and q in the unit of the level. */
double air_march(const FlowLevel *l, FlowAir *air, double alpha) {
    double most = 0.0;
    for (ptrdiff_t who = 0; who < air->count; ++who) {
        air->x[who] += alpha * air->p[who] * l->unit;
        air->r[who] -= alpha * air->q[who];
        if (!(fabs(air->r[who]) <= most)) most = fabs(air->r[who]);
    }
    return most;
}

/* The pressures found, into the voxels of the pockets. */
void air_settle(const Flow *s, const FlowAir *air) {
    FLOW_ALL(s, 2, s->nx - 2)
        if (s->pocket[n] && !s->wet[n]) s->P[n] = air->diag[s->pocket[n] - 1] > 0.0 ? air->x[s->pocket[n] - 1] : 0.0;
}

#endif
