/* What the liquid carries, such as its enthalpy: moved by the very volumes of the sweeps, never beyond what there was. */
#ifndef CASTSOLVE_FLOW_CONTENT_H
#define CASTSOLVE_FLOW_CONTENT_H

#include "_flow.h"

/* Overfill (or lack) below this is rounding, and what is left of a lack is dust; deep in the liquid, where no room is near, it is what the
   pressure solve leaves: the next one makes it good. */
#define FLOW_ROUNDING FLOW_DUST
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

/* The same for vectors, in place: within what there is; content over volume. */
INLINE void flow_bound(const Flow *s, int c, Doubles *value) {
    const Doubles zero = {0.0}, least = zero + s->least[c], most = zero + s->most[c];
    *value = DOUBLES_IF(*value < least, least, *value);
    *value = DOUBLES_IF(*value > most, most, *value);
}
INLINE void flow_divide(const Flow *s, int c, Doubles *content, const Doubles *volume) {
    const Doubles zero = {0.0}, middle = zero + 0.5 * (s->least[c] + s->most[c]);
    *content /= *volume;
    flow_bound(s, c, content);
    *content = DOUBLES_IF(*volume > zero, *content, middle);
}

/* Whether a voxel is filled far enough for a slope to be read from it; reservoirs and feeds are full. */
INLINE int flow_rich(const Flow *s, ptrdiff_t n) {
    return s->kind[n] == FLOW_CAVITY ? s->F1[n] > 0.5 * s->V[n] : s->kind[n] == FLOW_RESERVOIR || s->kind[n] == FLOW_FEED;
}

/* What a sweep asks of every voxel, into the work array r: whether it is rich, of the cavity or not; of quick ones only that, for what
   passes them is known before the sweeps. */
enum { RICH_QUICK = -2, RICH_QUICK_NOT = -1, RICH_NOT = 0, RICH_CAVITY = 1, RICH_PORT = 2 };

INLINE void flow_note_rich(const Flow *s, ptrdiff_t n) {
    const int rich = flow_rich(s, n), quick = s->depth[n] == DEPTH_QUICK;
    if (quick) s->r[n] = rich ? RICH_QUICK : RICH_QUICK_NOT;
    else s->r[n] = !rich ? RICH_NOT : s->kind[n] == FLOW_CAVITY ? RICH_CAVITY : RICH_PORT;
}

/* Contents per volume before the first sweep; flow_between writes those of the next ones. */
LANES void flow_means(void *flow, ptrdiff_t i0, ptrdiff_t i1) {
    const Flow *s = (const Flow *)flow;
    FLOW_VECTORS(s, i0, i1) {
        const Doubles volume = DOUBLES_AT(s->F1, n);
        for (int c = 0; c < s->ncarried; ++c) {
            Doubles mean = DOUBLES_AT(s->E1[c], n);
            flow_divide(s, c, &mean, &volume);
            DOUBLES_SET(s->mean[c], n) = DOUBLES_IF(FLOW_WITHIN, mean, DOUBLES_AT(s->mean[c], n));
        }
    }
}

/* What the fluxes of one sweep carry of content c: the donor's content per volume, with a limited slope where it and both
   neighbours along the sweep are more than half full (van Leer 1977), and with that from behind (Warming and Beam 1976) where it flows into
   a voxel that is not: what leads a front is what came first. */
INLINE void flow_carry_one(const Flow *s, ptrdiff_t p, int c) {
    const ptrdiff_t st = s->step[s->axis];
    const double *G = s->G[s->axis], *a = s->a[s->axis], *F = s->F1, *C = s->mean[c], *R = s->r;
    double *GE = s->GE[c] + s->axis * s->nx * s->step[0];
    const Doubles zero = {0.0};
    FLOW_VECTORS(s, p, p + 1) {
        const Doubles through = DOUBLES_AT(G, n), low = DOUBLES_AT(R, n - st), high = DOUBLES_AT(R, n);
        const DoubleBits up = through > zero;
        const Doubles own = DOUBLES_IF(up, DOUBLES_AT(C, n - st), DOUBLES_AT(C, n));
        const Doubles down = DOUBLES_IF(up, DOUBLES_AT(C, n), DOUBLES_AT(C, n - st));
        const Doubles far = DOUBLES_IF(up, DOUBLES_AT(C, n - 2 * st), DOUBLES_AT(C, n + st));
        const Doubles rise = own - far, next = down - own, both = rise * next;
        const Doubles limited = DOUBLES_IF(both > zero, 2.0 * both / (rise + next), zero);
        /* Beyond the surface nothing limits the slope but what there is. */
        const Doubles rich = DOUBLES_IF(up, high, low), behind = DOUBLES_IF(up, DOUBLES_AT(R, n - 2 * st), DOUBLES_AT(R, n + st));
        const Doubles slope = DOUBLES_IF(rich > zero, limited, rise);
        const Doubles left = 1.0 - DOUBLES_SIZE(through) / DOUBLES_IF(up, DOUBLES_AT(F, n - st), DOUBLES_AT(F, n));
        const Doubles open = DOUBLES_IF(up, DOUBLES_AT(a, n - st), DOUBLES_AT(a, n + st));
        /* a donor of the cavity that is rich, and so is what lies behind it, quick or not */
        const Doubles donor = DOUBLES_IF(up, low, high);
        const DoubleBits known = (behind > zero) | (behind == zero + (double)RICH_QUICK);
        const DoubleBits sloped = (donor == zero + (double)RICH_CAVITY) & (open > zero) & known;
        Doubles value = own + DOUBLES_IF(sloped, 0.5 * left * slope, zero);
        flow_bound(s, c, &value);
        const DoubleBits quick = (low < zero) | (high < zero);
        const Doubles carried = DOUBLES_IF(through != zero, through * value, zero);
        DOUBLES_SET(GE, n) = DOUBLES_IF(quick, DOUBLES_AT(GE, n), carried);
    }
}

LANES void flow_carry(void *flow, ptrdiff_t i0, ptrdiff_t i1) {
    const Flow *s = (const Flow *)flow;
    for (ptrdiff_t p = i0; p < i1; ++p) /* what a plane reads is in the cache for the next content */
        for (int c = 0; c < s->ncarried; ++c) flow_carry_one(s, p, c);
}

/* Most and least content c (s->pass) per volume, of the liquid and of what may come in, a plane each. */
LANES void flow_extremes(void *flow, ptrdiff_t i0, ptrdiff_t i1) {
    const Flow *s = (const Flow *)flow;
    const double *E = s->E[s->pass], *F = s->F;
    const Doubles zero = {0.0}, film = zero + FLOW_FILM;
    for (ptrdiff_t p = i0; p < i1; ++p) {
        Doubles most = zero - INFINITY, least = zero + INFINITY;
        FLOW_VECTORS(s, p, p + 1) {
            const Doubles volume = DOUBLES_AT(F, n), value = DOUBLES_AT(E, n) / volume;
            const DoubleBits there = (volume > film) & FLOW_WITHIN;
            most = DOUBLES_IF(there & (value > most), value, most);
            least = DOUBLES_IF(there & (value < least), value, least);
        }
        s->plane[4 * p] = -INFINITY;
        s->plane[4 * p + 1] = INFINITY;
        for (int lane = 0; lane < DOUBLES; ++lane) {
            if (DOUBLE_OF(most, lane) > s->plane[4 * p]) s->plane[4 * p] = DOUBLE_OF(most, lane);
            if (DOUBLE_OF(least, lane) < s->plane[4 * p + 1]) s->plane[4 * p + 1] = DOUBLE_OF(least, lane);
        }
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
        FLOW_ALL(s, p, p + 1) if (s->kind[n] == FLOW_CAVITY) held += s->E[c][n];
        FLOW_ROWS(s, p, p + 1) {
            if (s->kind[n] != FLOW_CAVITY) continue;
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
