/* Liquid moved by split sweeps of plane-cut volumes; the new volume is the pure sum of the fluxes. */
#ifndef CASTSOLVE_FLOW_ADVECT_H
#define CASTSOLVE_FLOW_ADVECT_H

#include "_flow_content.h"
#include "_flow_depth.h"
#include "_flow_plic.h"

/* Take the liquid of now as the working copy. */
LANES void flow_take(void *flow, ptrdiff_t i0, ptrdiff_t i1) {
    const Flow *s = (const Flow *)flow;
    FLOW_VECTORS(s, i0, i1) DOUBLES_SET(s->F1, n) = DOUBLES_AT(s->F, n);
}

/* Filled share of every open voxel, from F1; walls follow with flow_ghosts. Dust is nothing. */
void flow_alpha(void *flow, ptrdiff_t i0, ptrdiff_t i1) {
    const Flow *s = (const Flow *)flow;
    FLOW_ROWS(s, i0, i1) {
        const int kind = s->kind[n];
        if (kind == FLOW_CAVITY) s->alpha[n] = s->F1[n] > FLOW_DUST ? clip01(s->F1[n] / s->V[n]) : 0.0;
        else if (kind == FLOW_RESERVOIR || kind == FLOW_FEED) s->alpha[n] = 1.0;
        else if (kind == FLOW_OUTLET) s->alpha[n] = 0.0;
        if (s->ncarried) flow_note_rich(s, n);
    }
}

void flow_ghosts(void *flow, ptrdiff_t i0, ptrdiff_t i1) {
    const Flow *s = (const Flow *)flow;
    for (int64_t g = s->ghost_first[i0]; g < s->ghost_first[i1]; ++g) {
        if (!s->near[s->ghost[g]]) continue;
        double sum = 0.0;
        for (int64_t q = s->ghost_row[g]; q < s->ghost_row[g + 1]; ++q) sum += s->alpha[s->ghost_of[q]];
        s->alpha[s->ghost[g]] = sum / (double)(s->ghost_row[g + 1] - s->ghost_row[g]);
    }
}

/* Fluxes of one sweep along s->axis: every donor voxel writes its own two faces, no face has two donors. */
LANES void flow_fluxes(void *flow, ptrdiff_t i0, ptrdiff_t i1) {
    const Flow *s = (const Flow *)flow;
    const int d = s->axis;
    const ptrdiff_t st = s->step[d];
    const double *u = s->u[d], *a = s->a[d], scale = s->dt / s->h;
    double *G = s->G[d];
    FLOW_ROWS(s, i0, i1) {
        const int kind = s->kind[n];
        if (kind == FLOW_SOLID || kind == FLOW_OUTLET) continue;
        const double low = -a[n] * u[n] * scale, high = a[n + st] * u[n + st] * scale;
        if (!(low > 0.0) && !(high > 0.0)) continue;
        if (kind != FLOW_CAVITY) {
            if (low > 0.0) G[n] = -low;
            if (high > 0.0) G[n + st] = high;
            continue;
        }
        const double V = s->V[n], F = s->F1[n];
        const int deep = s->depth[n] >= DEPTH_LEAST;
        if (!(F > FLOW_DUST) && !deep) continue;
        const double share = F / V;
        double m[3], c = 0.0;
        int cut = 0;
        if (!deep && share < 1.0 - FLOW_ROUNDING) {
            cut = plic_fitted(s->alpha + n, s->step, m);
            if (cut) {
                const double t[3] = {fabs(m[0]), fabs(m[1]), fabs(m[2])};
                c = plic_constant(t, share);
            }
        }
        for (int side = 0; side < 2; ++side) {
            const double out = side ? high : low;
            if (!(out > 0.0)) continue;
            if (deep && s->depth[side ? n + st : n - st] >= DEPTH_LEAST) {
                const double volume = flow_deep_flux(s, n, out);
                G[side ? n + st : n] = side ? volume : -volume;
                continue;
            }
            const double w = out < V ? out / V : 1.0;
            const double volume = V * w * (cut ? plic_slab(m, c, d, side, w) : share < 1.0 ? share : 1.0);
            if (side) G[n + st] = volume;
            else G[n] = -volume;
        }
    }
}

/* The working copy after one sweep: liquid of a voxel that was half full is stretched with the divergence of that sweep. Only the cavity
   has a volume. */
LANES void flow_between(void *flow, ptrdiff_t i0, ptrdiff_t i1) {
    const Flow *s = (const Flow *)flow;
    const int d = s->axis;
    const ptrdiff_t st = s->step[d];
    const double *u = s->u[d], *a = s->a[d], *G = s->G[d], *V = s->V, *Fn = s->Fn, scale = s->dt / s->h;
    double *F1 = s->F1;
    const Doubles zero = {0.0}, film = zero + FLOW_FILM;
    FLOW_VECTORS(s, i0, i1) {
        const Doubles room = DOUBLES_AT(V, n), had = DOUBLES_AT(F1, n);
        const DoubleBits cavity = (room > zero) & FLOW_WITHIN;
        const Doubles F = had - (DOUBLES_AT(G, n + st) - DOUBLES_AT(G, n));
        const Doubles gain = scale * (DOUBLES_AT(a, n + st) * DOUBLES_AT(u, n + st) - DOUBLES_AT(a, n) * DOUBLES_AT(u, n));
        const Doubles full = F + DOUBLES_IF(DOUBLES_AT(Fn, n) > 0.5 * room, gain, zero);
        const Doubles some = DOUBLES_IF(full < zero, zero, full), kept = DOUBLES_IF(some > room, room, some);
        const Doubles held = DOUBLES_IF(F > film, F, had);
        for (int c = 0; c < s->ncarried; ++c) {
            /* stretched and cut off at the content that the voxel has after the exchange, or had where nothing is left of it */
            const double *GE = s->GE[c] + d * s->nx * s->step[0];
            double *E1 = s->E1[c];
            const Doubles before = DOUBLES_AT(E1, n), after = before - (DOUBLES_AT(GE, n + st) - DOUBLES_AT(GE, n));
            Doubles mean = DOUBLES_IF(F > film, after, before);
            flow_divide(s, c, &mean, &held);
            const Doubles left = kept * mean;
            DOUBLES_SET(E1, n) = DOUBLES_IF(cavity, left, before);
            mean = left;
            flow_divide(s, c, &mean, &kept);
            DOUBLES_SET(s->mean[c], n) = DOUBLES_IF(cavity, mean, DOUBLES_AT(s->mean[c], n));
        }
        DOUBLES_SET(F1, n) = DOUBLES_IF(cavity, kept, had);
    }
}

/* How far a voxel's liquid is beyond what it can hold, or below nothing. */
INLINE double flow_over(const Flow *s, ptrdiff_t n) {
    const double F = s->F[n];
    return F > s->V[n] ? F - s->V[n] : F < 0.0 ? -F : 0.0;
}

/* How much of that is left where it is. */
INLINE double flow_slack(const Flow *s, ptrdiff_t n) { return s->F[n] > 0.0 && s->depth[n] >= DEPTH_LEAST ? FLOW_LEFT : FLOW_ROUNDING; }

/* What a voxel of the cavity holds after the step: what it held less what left it. */
#define FLOW_SUM(before, G)                                                                          \
    (DOUBLES_AT(before, n) - (DOUBLES_AT((G)[0], n + sx) - DOUBLES_AT((G)[0], n)) -                 \
     (DOUBLES_AT((G)[1], n + sy) - DOUBLES_AT((G)[1], n)) - (DOUBLES_AT((G)[2], n + 1) - DOUBLES_AT((G)[2], n)))

/* The new volumes and contents. */
LANES void flow_sum(void *flow, ptrdiff_t i0, ptrdiff_t i1) {
    const Flow *s = (const Flow *)flow;
    const ptrdiff_t sx = s->step[0], sy = s->step[1], size = s->nx * sx;
    const double *V = s->V;
    const Doubles zero = {0.0};
    FLOW_VECTORS(s, i0, i1) {
        const DoubleBits cavity = DOUBLES_AT(V, n) > zero;
        for (int c = 0; c < s->ncarried; ++c) {
            const double *GE[3] = {s->GE[c], s->GE[c] + size, s->GE[c] + 2 * size};
            DOUBLES_SET(s->E[c], n) = DOUBLES_IF(cavity, FLOW_SUM(s->En[c], GE), DOUBLES_AT(s->E[c], n));
        }
        DOUBLES_SET(s->F, n) = DOUBLES_IF(cavity, FLOW_SUM(s->Fn, s->G), DOUBLES_AT(s->F, n));
    }
}

/* Per plane: the largest overfill, what came in through reservoirs, feeds and outlets, and offenders. */
void flow_total(void *flow, ptrdiff_t i0, ptrdiff_t i1) {
    const Flow *s = (const Flow *)flow;
    for (ptrdiff_t p = i0; p < i1; ++p) {
        double over = 0.0, in = 0.0, offenders = 0.0;
        FLOW_ROWS(s, p, p + 1) {
            if (s->kind[n] != FLOW_CAVITY) continue;
            for (int d = 0; d < 3; ++d) {
                const ptrdiff_t st = s->step[d];
                if (s->kind[n - st] >= FLOW_RESERVOIR) in += s->G[d][n];
                if (s->kind[n + st] >= FLOW_RESERVOIR) in -= s->G[d][n + st];
            }
            const double e = flow_over(s, n);
            if (e > over) over = e;
            if (e > flow_slack(s, n)) offenders += 1.0;
        }
        s->plane[4 * p] = over;
        s->plane[4 * p + 1] = in;
        s->plane[4 * p + 2] = offenders;
    }
}

/* Add a transfer from start to c, along the way that the search took, to the fluxes. */
static void flow_trace(Flow *s, ptrdiff_t start, ptrdiff_t c, double amount, const double *content) {
    while (c != start) {
        const int side = s->parent[c], d = side >> 1, up = side & 1;
        const ptrdiff_t face = up ? c : c + s->step[d];
        s->G[d][face] += up ? amount : -amount;
        for (int q = 0; q < s->ncarried; ++q) s->GE[q][d * s->nx * s->step[0] + face] += up ? content[q] : -content[q];
        c = up ? c - s->step[d] : c + s->step[d];
    }
}

/* Hand one voxel's overfill (or lack) on to the nearest voxels with room (or liquid), ring by ring, in proportion to it; every
   transfer is added to the fluxes on its way. What finds no room before the nearest reservoir or outlet goes there; beside one that feeds
   a full sprue the search would go through all of that. What finds neither is returned. */
static double flow_hand_on(Flow *s, ptrdiff_t start, int32_t mark, int64_t *queue, double *moved, double *back) {
    const int lack = s->F[start] < 0.0;
    double e = lack ? -s->F[start] : s->F[start] - s->V[start];
    ptrdiff_t head = 0, tail = 0, port = -1;
    queue[tail++] = start;
    s->stamp[start] = mark;
    while (head < tail && e > FLOW_ROUNDING && (lack || port < 0)) {
        const ptrdiff_t ring = tail;
        for (; head < ring; ++head) {
            const ptrdiff_t c = queue[head];
            for (int side = 0; side < 6 && tail < FLOW_NEAR; ++side) {
                const int d = side >> 1, up = side & 1;
                const ptrdiff_t nb = up ? c + s->step[d] : c - s->step[d], face = up ? nb : c;
                if (s->stamp[nb] == mark || !(s->a[d][face] > 0.0)) continue;
                if (port < 0 && (s->kind[nb] == FLOW_RESERVOIR || s->kind[nb] == FLOW_OUTLET)) {
                    port = nb;
                    s->parent[nb] = side;
                }
                if (s->kind[nb] != FLOW_CAVITY) continue;
                s->stamp[nb] = mark;
                s->parent[nb] = side;
                queue[tail++] = nb;
            }
        }
        double room = 0.0;
        for (ptrdiff_t t = head; t < tail; ++t) {
            const ptrdiff_t c = queue[t];
            const double r = lack ? s->F[c] : s->V[c] - s->F[c];
            if (r > 0.0) room += r;
        }
        if (!(room > 0.0)) continue;
        const double part = e < room ? e / room : 1.0;
        for (ptrdiff_t t = head; t < tail; ++t) {
            ptrdiff_t c = queue[t];
            const double r = lack ? s->F[c] : s->V[c] - s->F[c];
            if (!(r > 0.0)) continue;
            const double amount = part * r, sign = lack ? -1.0 : 1.0;
            const ptrdiff_t source = lack ? c : start, target = c;
            double content[FLOW_CARRIED];
            for (int q = 0; q < s->ncarried; ++q) {
                content[q] = sign * amount * flow_within(s, q, s->E[q][source], s->F[source]);
                s->E[q][target] += content[q];
                s->E[q][start] -= content[q];
            }
            s->F[c] += sign * amount;
            s->F[start] -= sign * amount;
            *moved += amount;
            flow_trace(s, start, c, sign * amount, content);
        }
        e = lack ? -s->F[start] : s->F[start] - s->V[start];
    }
    if (!(e > FLOW_ROUNDING)) return 0.0;
    if (lack || port < 0) return e;
    double content[FLOW_CARRIED];
    for (int q = 0; q < s->ncarried; ++q) {
        content[q] = e * (s->E[q][start] / s->F[start]);
        s->E[q][start] -= content[q];
    }
    s->F[start] -= e;
    *back += e;
    flow_trace(s, start, port, e, content);
    return 0.0;
}

typedef struct {
    double amount;
    ptrdiff_t voxel;
} FlowOffender;

static int flow_larger(const void *one, const void *other) {
    const FlowOffender *a = (const FlowOffender *)one, *b = (const FlowOffender *)other;
    if (a->amount != b->amount) return a->amount > b->amount ? -1 : 1;
    return a->voxel < b->voxel ? -1 : a->voxel > b->voxel;
}

/* Hand on everything that does not fit; serial, the largest first: in a mirrored cavity they come in the same order. flow_total has counted
   them. Returns the volume that found no place; back is what reservoirs took. */
double flow_settle(Flow *s, int64_t *queue, int32_t *mark, double *moved, double *back, int64_t *count) {
    double left = 0.0;
    size_t room = 0, found = 0;
    for (ptrdiff_t p = 2; p < s->nx - 2; ++p) room += (size_t)s->plane[4 * p + 2];
    if (!room) return 0.0;
    FlowOffender *offender = (FlowOffender *)malloc(room * sizeof(FlowOffender));
    if (offender == NULL) return INFINITY;
    for (ptrdiff_t p = 2; p < s->nx - 2; ++p) {
        if (!(s->plane[4 * p + 2] > 0.0)) continue;
        FLOW_ROWS(s, p, p + 1) {
            const double over = flow_over(s, n);
            if (s->kind[n] == FLOW_CAVITY && over > flow_slack(s, n) && found < room) offender[found++] = (FlowOffender){over, n};
        }
    }
    qsort(offender, found, sizeof(FlowOffender), flow_larger);
    for (size_t q = 0; q < found; ++q) left += flow_hand_on(s, offender[q].voxel, ++*mark, queue, moved, back);
    *count += (int64_t)found;
    free(offender);
    return left;
}

/* Liquid held, one partial sum a plane. */
void flow_held(void *flow, ptrdiff_t i0, ptrdiff_t i1) {
    const Flow *s = (const Flow *)flow;
    for (ptrdiff_t p = i0; p < i1; ++p) {
        double sum = 0.0;
        FLOW_ALL(s, p, p + 1) if (s->kind[n] == FLOW_CAVITY) sum += s->F[n];
        s->plane[4 * p + 3] = sum;
    }
}

#endif
