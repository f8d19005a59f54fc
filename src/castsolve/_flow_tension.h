/* Surface tension: curvature of the surface from heights of columns, and the jump of pressure that it holds at the surface itself. */
#ifndef CASTSOLVE_FLOW_TENSION_H
#define CASTSOLVE_FLOW_TENSION_H

#include "_flow_plic.h"

#define TENSION_REACH 3 /* voxels that a column looks up and down */
#define TENSION_END 1e-6 /* a column ends where a voxel is that full or that empty */
#define TENSION_NONE 1e300

/* Height of the surface over the centre of voxel n along d, the liquid on the low side if `up`, in voxels; 0 if a wall or the reach
   cuts the column off. */
static int tension_height(const Flow *s, ptrdiff_t n, int d, int up, double *height) {
    const ptrdiff_t st = up ? s->step[d] : -s->step[d];
    double sum = s->alpha[n] - 0.5;
    int empty = s->alpha[n] <= TENSION_END, full = s->alpha[n] >= 1.0 - TENSION_END;
    for (int t = 1; t <= TENSION_REACH && !empty; ++t) {
        const ptrdiff_t c = n + t * st;
        if (s->kind[c] == FLOW_SOLID) return 0;
        sum += s->alpha[c];
        empty = s->alpha[c] <= TENSION_END;
    }
    for (int t = 1; t <= TENSION_REACH && !full; ++t) {
        const ptrdiff_t c = n - t * st;
        if (s->kind[c] == FLOW_SOLID) return 0;
        sum -= 1.0 - s->alpha[c];
        full = s->alpha[c] >= 1.0 - TENSION_END;
    }
    *height = sum;
    return empty && full;
}

/* Height of the column beside voxel n, q voxels along e[0] and r along e[1]; beyond a wall the surface goes on with the slope of the
   wetting angle. */
static int tension_beside(const Flow *s, ptrdiff_t n, int d, int up, const int *e, int q, int r, double *height) {
    int wall = 0;
    ptrdiff_t c = n;
    for (int a = 0; a < 2; ++a) {
        const int step = a ? r : q;
        const ptrdiff_t nb = c + step * s->step[e[a]];
        if (step && s->kind[nb] == FLOW_SOLID) wall += s->face[d][nb] != FACE_MIRROR; /* beyond a plane of symmetry nothing is wetted */
        else c = nb;
    }
    if (!tension_height(s, c, d, up, height)) return 0;
    *height += wall * s->cotangent;
    return 1;
}

/* Curvature (1/voxel) of the surface beside every voxel next to it, positive where the liquid bulges; from second differences of the
   heights of 3 x 3 columns along the axis that the normal is closest to. */
void flow_curvature(void *flow, ptrdiff_t i0, ptrdiff_t i1) {
    const Flow *s = (const Flow *)flow;
    FLOW_ROWS(s, i0, i1) {
        s->curve[n] = TENSION_NONE;
        if (s->kind[n] != FLOW_CAVITY) continue;
        int beside = 0;
        for (int side = 0; side < 6; ++side) {
            const ptrdiff_t st = s->step[side >> 1], nb = side & 1 ? n + st : n - st;
            beside |= s->kind[nb] == FLOW_CAVITY && s->wet[nb] != s->wet[n];
        }
        double m[3];
        if (!beside || !plic_normal(s->alpha + n, s->step, m)) continue;
        int d = 0;
        for (int a = 1; a < 3; ++a)
            if (fabs(m[a]) > fabs(m[d])) d = a;
        const int e[2] = {(d + 1) % 3, (d + 2) % 3}, up = m[d] > 0.0;
        double h[3][3];
        int known = 1;
        for (int q = -1; q <= 1 && known; ++q)
            for (int r = -1; r <= 1 && known; ++r) known = tension_beside(s, n, d, up, e, q, r, &h[q + 1][r + 1]);
        if (!known) continue;
        const double x = 0.5 * (h[2][1] - h[0][1]), y = 0.5 * (h[1][2] - h[1][0]);
        const double xx = h[2][1] - 2.0 * h[1][1] + h[0][1], yy = h[1][2] - 2.0 * h[1][1] + h[1][0];
        const double xy = 0.25 * (h[2][2] - h[2][0] - h[0][2] + h[0][0]), g = 1.0 + x * x + y * y;
        s->curve[n] = -(xx * (1.0 + y * y) + yy * (1.0 + x * x) - 2.0 * x * y * xy) / (g * sqrt(g));
    }
}

/* Curvature at a voxel: its own, else the mean of those around it that have one, else 0: what is smaller than its columns is round to
   no tension. */
static double tension_at(const Flow *s, ptrdiff_t n) {
    if (s->curve[n] < TENSION_NONE) return s->curve[n];
    double sum = 0.0;
    int found = 0;
    for (int p = -1; p <= 1; ++p)
        for (int q = -1; q <= 1; ++q)
            for (int r = -1; r <= 1; ++r) {
                const double k = s->curve[n + p * s->step[0] + q * s->step[1] + r * s->step[2]];
                if (!(k < TENSION_NONE)) continue;
                sum += k;
                ++found;
            }
    return found ? sum / found : 0.0;
}

/* Jump of pressure over density at the faces between liquid and air: the curvature where the surface crosses, between the two. */
void flow_jumps(void *flow, ptrdiff_t i0, ptrdiff_t i1) {
    const Flow *s = (const Flow *)flow;
    for (int d = 0; d < 3; ++d) {
        FLOW_ROWS(s, i0, i1) {
            const ptrdiff_t A = n - s->step[d];
            s->jump[d][n] = 0.0;
            if (!(s->coef[d][n] > 0.0) || s->wet[n] == s->wet[A]) continue;
            const ptrdiff_t wet = s->wet[n] ? n : A, dry = s->wet[n] ? A : n;
            if (s->kind[dry] != FLOW_CAVITY) continue;
            const double theta = s->a[d][n] * s->mob[d][n] / s->coef[d][n];
            s->jump[d][n] = s->tension / s->h * ((1.0 - theta) * tension_at(s, wet) + theta * tension_at(s, dry));
        }
    }
}

#endif
