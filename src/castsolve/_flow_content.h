/* What the liquid carries, such as its enthalpy: moved by the very volumes of the sweeps, never beyond what there was. */
#ifndef CASTSOLVE_FLOW_CONTENT_H
#define CASTSOLVE_FLOW_CONTENT_H

#include "_flow.h"

/* Overfill below this is rounding; deep in the liquid, where no room is near, what the pressure solve leaves: the next one makes it good. */
#define FLOW_ROUNDING 1e-12
#define FLOW_LEFT 1e-8
/* Less liquid than this has no content of its own that could be told from rounding. */
#define FLOW_FILM 1e-9
#define FLOW_NEAR 20000

/* Content per volume, within what there is. */
INLINE double flow_within(const Flow *s, int c, double content, double volume) {
    if (!(volume > 0.0)) return 0.5 * (s->least[c] + s->most[c]);
    const double value = content / volume;
    return value < s->least[c] ? s->least[c] : value > s->most[c] ? s->most[c] : value;
}

/* Whether a voxel is filled far enough for a slope to be read from it; reservoirs and feeds are full. */
INLINE int flow_rich(const Flow *s, ptrdiff_t n) {
    return s->kind[n] == FLOW_CAVITY ? s->F1[n] > 0.5 * s->V[n] : s->kind[n] == FLOW_RESERVOIR || s->kind[n] == FLOW_FEED;
}

/* What the fluxes of one sweep carry: the donor's content per volume, with a limited slope where it and both neighbours along the
   sweep are more than half full (van Leer 1977), and with that from behind (Warming and Beam 1976) where it flows into a voxel that
   is not: what leads a front is what came first. */
void flow_carry(void *flow, ptrdiff_t i0, ptrdiff_t i1) {
    const Flow *s = (const Flow *)flow;
    const ptrdiff_t st = s->step[s->axis], shift = s->axis * s->nx * s->step[0];
    const double *G = s->G[s->axis], *a = s->a[s->axis], *F = s->F1;
    for (int c = 0; c < s->ncarried; ++c) {
        const double *E = s->E1[c];
        FLOW_ROWS(s, i0, i1) {
            if (G[n] == 0.0 || s->depth[n] == DEPTH_QUICK || s->depth[n - st] == DEPTH_QUICK) continue;
            const int up = G[n] > 0.0;
            const ptrdiff_t donor = up ? n - st : n, down = up ? n : n - st, far = 2 * donor - down;
            const double own = flow_within(s, c, E[donor], F[donor]);
            double value = own;
            if (s->kind[donor] == FLOW_CAVITY && a[up ? donor : far] > 0.0 && flow_rich(s, donor) && flow_rich(s, far)) {
                const double before = flow_within(s, c, E[far], F[far]), rise = own - before;
                /* Beyond the surface nothing limits the slope but what there is. */
                const double slope = flow_rich(s, down) ? flow_limited(rise, flow_within(s, c, E[down], F[down]) - own) : rise;
                value += 0.5 * (1.0 - fabs(G[n]) / F[donor]) * slope;
            }
            s->GE[c][shift + n] = G[n] * flow_within(s, c, value, 1.0);
        }
    }
}

/* Most and least content c (s->pass) per volume, of the liquid and of what may come in, a plane each. */
void flow_extremes(void *flow, ptrdiff_t i0, ptrdiff_t i1) {
    const Flow *s = (const Flow *)flow;
    const double *E = s->E[s->pass];
    for (ptrdiff_t p = i0; p < i1; ++p) {
        double most = -INFINITY, least = INFINITY;
        FLOW_ROWS(s, p, p + 1) {
            if (s->kind[n] == FLOW_SOLID || s->kind[n] == FLOW_OUTLET || !(s->F[n] > FLOW_FILM)) continue;
            const double value = E[n] / s->F[n];
            if (value > most) most = value;
            if (value < least) least = value;
        }
        s->plane[4 * p] = most;
        s->plane[4 * p + 1] = least;
    }
}

/* How much content of a voxel lies beyond what there was: positive above the most, negative below the least. */
INLINE double flow_beyond(const Flow *s, int c, ptrdiff_t n) {
    const double volume = s->F[n] > 0.0 ? s->F[n] : 0.0, E = s->E[c][n];
    const double top = s->most[c] * volume, bottom = s->least[c] * volume;
    const double rounding = 1e-14 * (fabs(s->most[c]) + fabs(s->least[c]));
    return E > top + rounding ? E - top : E < bottom - rounding ? E - bottom : 0.0;
}

/* Count the voxels whose content c (s->pass) lies beyond what there was, a plane each. */
void flow_offenders(void *flow, ptrdiff_t i0, ptrdiff_t i1) {
    const Flow *s = (const Flow *)flow;
    for (ptrdiff_t p = i0; p < i1; ++p) {
        double count = 0.0;
        FLOW_ROWS(s, p, p + 1) if (s->kind[n] == FLOW_CAVITY && flow_beyond(s, s->pass, n) != 0.0) count += 1.0;
        s->plane[4 * p] = count;
    }
}

/* Hand what lies beyond on to the nearest liquid with room for it, ring by ring, in proportion to the room. Returns what found none. */
static double flow_spread(Flow *s, int c, ptrdiff_t start, int32_t mark, int64_t *queue, double *moved) {
    double e = flow_beyond(s, c, start);
    const double bound = e > 0.0 ? s->most[c] : s->least[c];
    ptrdiff_t head = 0, tail = 0;
    queue[tail++] = start;
    s->stamp[start] = mark;
    while (head < tail && e != 0.0) {
        const ptrdiff_t ring = tail;
        for (; head < ring; ++head) {
            const ptrdiff_t at = queue[head];
            for (int side = 0; side < 6 && tail < FLOW_NEAR; ++side) {
                const int d = side >> 1, up = side & 1;
                const ptrdiff_t nb = up ? at + s->step[d] : at - s->step[d], face = up ? nb : at;
                if (s->kind[nb] != FLOW_CAVITY || s->stamp[nb] == mark || !(s->a[d][face] > 0.0)) continue;
                s->stamp[nb] = mark;
                queue[tail++] = nb;
            }
        }
        double room = 0.0; /* of the sign of e */
        for (ptrdiff_t t = head; t < tail; ++t) {
            const ptrdiff_t n = queue[t];
            const double r = s->F[n] > FLOW_FILM ? bound * s->F[n] - s->E[c][n] : 0.0;
            if (r * e > 0.0) room += r;
        }
        if (room == 0.0) continue;
        const double part = fabs(e) < fabs(room) ? e / room : 1.0;
        for (ptrdiff_t t = head; t < tail; ++t) {
            const ptrdiff_t n = queue[t];
            const double r = s->F[n] > FLOW_FILM ? bound * s->F[n] - s->E[c][n] : 0.0;
            if (!(r * e > 0.0)) continue;
            s->E[c][n] += part * r;
            s->E[c][start] -= part * r;
            *moved += fabs(part * r);
        }
        e = flow_beyond(s, c, start);
    }
    return fabs(e);
}

/* Hand on every content beyond what there was; serial, in the order of the voxels. Returns what found no place. */
double flow_settle_content(Flow *s, int c, int64_t *queue, int32_t *mark, double *moved) {
    double left = 0.0;
    for (ptrdiff_t p = 2; p < s->nx - 2; ++p) {
        if (!(s->plane[4 * p] > 0.0)) continue;
        FLOW_ROWS(s, p, p + 1)
            if (s->kind[n] == FLOW_CAVITY && flow_beyond(s, c, n) != 0.0) left += flow_spread(s, c, n, ++*mark, queue, moved);
    }
    return left;
}

/* Content c held (s->pass), and what of it came in, one partial sum a plane each. */
void flow_content(void *flow, ptrdiff_t i0, ptrdiff_t i1) {
    const Flow *s = (const Flow *)flow;
    const int c = s->pass;
    for (ptrdiff_t p = i0; p < i1; ++p) {
        double held = 0.0, in = 0.0;
        FLOW_ROWS(s, p, p + 1) {
            if (s->kind[n] != FLOW_CAVITY) continue;
            held += s->E[c][n];
            for (int d = 0; d < 3; ++d) {
                const double *GE = s->GE[c] + d * s->nx * s->step[0];
                if (s->kind[n - s->step[d]] >= FLOW_RESERVOIR) in += GE[n];
                if (s->kind[n + s->step[d]] >= FLOW_RESERVOIR) in -= GE[n + s->step[d]];
            }
        }
        s->plane[4 * p] = held;
        s->plane[4 * p + 1] = in;
    }
}

#endif
