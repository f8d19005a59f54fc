/* Momentum through the sides of the faces' volumes: in vectors where nothing but liquid can be around, else side by side. */
#ifndef CASTSOLVE_FLOW_SIDES_H
#define CASTSOLVE_FLOW_SIDES_H

#include "_flow_momentum.h"

/* Find the sides with nothing but liquid around, and the faces without an edge, once for all. */
void sides_find(void *flow, ptrdiff_t i0, ptrdiff_t i1) {
    const Flow *s = (const Flow *)flow;
    for (int d = 0; d < 3; ++d) {
        const uint8_t *face = s->face[d];
        FLOW_ALL(s, i0, i1) {
            int plain = PLAIN_EDGES;
            for (int e = 0; e < 3; ++e) {
                const ptrdiff_t se = s->step[e];
                const int along = e == d;
                int open = !along || s->kind[n - s->step[d]] == FLOW_CAVITY;
                for (ptrdiff_t f = n - 2 * se; f <= n + se; f += se) open &= flow_usable(face[f], along);
                if (open) plain |= 1 << e;
                for (int side = 0; side < 2 && !along; ++side) {
                    const ptrdiff_t donor = side ? n + se : n - se;
                    if (flow_shut(s, donor, d, donor - s->step[d]) != 0.0 || flow_shut(s, donor, d, donor) != 0.0) plain &= ~PLAIN_EDGES;
                }
            }
            s->plain[d][n] = (uint8_t)plain;
        }
    }
}

/* Whether both voxels of the faces from n on lie deep. */
#define SIDES_DEEP(s, n, d) \
    ((DOUBLES_OF_BYTES((s)->depth, n) >= DEPTH_LEAST) & (DOUBLES_OF_BYTES((s)->depth, (n) - (s)->step[d]) >= DEPTH_LEAST))

/* What flow_side gives the low sides along e of the volumes of the faces from n on, if all of them are plain. */
INLINE void sides_plain(const Flow *s, ptrdiff_t n, int d, int e, double *passed) {
    const ptrdiff_t sd = s->step[d], se = s->step[e];
    const double *u = s->un[d], *G = s->G[e], *F = s->Fn, *drifts = s->drift[d];
    const Doubles zero = {0.0}, one = zero + 1.0, tiny = zero + 1e-12;
    const Doubles g = 0.5 * (DOUBLES_AT(G, n) + DOUBLES_AT(G, n - (e == d ? se : sd)));
    const DoubleBits out = g < zero; /* the face itself is the donor */
    const Doubles here = DOUBLES_AT(u, n), low = DOUBLES_AT(u, n - se);
    const Doubles own = DOUBLES_IF(out, here, low), down = DOUBLES_IF(out, low, here);
    const Doubles before = own - DOUBLES_IF(out, DOUBLES_AT(u, n + se), DOUBLES_AT(u, n - 2 * se)), next = down - own;
    const Doubles both = before * next, rise = DOUBLES_IF(both > zero, 2.0 * both / (before + next), zero);
    const Doubles mass = 0.5 * DOUBLES_IF(out, DOUBLES_AT(F, n) + DOUBLES_AT(F, n - sd), DOUBLES_AT(F, n - se) + DOUBLES_AT(F, n - se - sd));
    const Doubles share = DOUBLES_SIZE(g * s->part) / mass, some = DOUBLES_IF(mass > tiny, share, one);
    const Doubles part = DOUBLES_IF(some > one, one, some);
    const Doubles drift = s->part * s->ratio * DOUBLES_IF(out, DOUBLES_AT(drifts, n), DOUBLES_AT(drifts, n - se));
    const DoubleBits deep = (out & SIDES_DEEP(s, n, d)) | (~out & SIDES_DEEP(s, n - se, d));
    const Doubles gains = -drift / rise, gained = DOUBLES_IF(gains < zero, zero, gains);
    const Doubles lost = DOUBLES_IF(deep & (gained < part), gained, part);
    const Doubles most = (1.0 - part) * DOUBLES_SIZE(before), gain = 0.5 * (1.0 - lost) * part * DOUBLES_SIZE(rise);
    const Doubles kept = DOUBLES_IF(deep & (gain > most), most / gain, one);
    const Doubles carried = own + DOUBLES_IF(rise != zero, s->slope * kept * 0.5 * (1.0 - lost) * rise, zero);
    DOUBLES_SET(passed, 0) = DOUBLES_IF(g != zero, g * carried, zero);
}

/* Momentum of component d (s->pass) that passes the low sides of the volumes of its faces along every axis, into the work arrays: what
   enters one volume leaves the one before. How a side is reckoned depends on nothing but its place. */
LANES void flow_sides(void *flow, ptrdiff_t i0, ptrdiff_t i1) {
    const Flow *s = (const Flow *)flow;
    const int d = s->pass;
    const uint8_t *face = s->face[d], *plain = s->plain[d];
    double *const passed[3] = {s->q, s->r, s->z};
    FLOW_VECTORS(s, i0, i1) {
        const int lanes = end - n < DOUBLES ? (int)(end - n) : DOUBLES;
        for (int e = 0; e < 3; ++e) {
            double found[DOUBLES];
            int any = 0, all = 1;
            for (int lane = 0; lane < lanes; ++lane) {
                any |= plain[n + lane] >> e & 1;
                all &= plain[n + lane] >> e & 1;
            }
            if (any) sides_plain(s, n, d, e, found);
            for (int lane = 0; lane < lanes && !all; ++lane) {
                const ptrdiff_t m = n + lane;
                double volume;
                if (plain[m] >> e & 1) continue;
                found[lane] = face[m] == FACE_OPEN || face[m - s->step[e]] == FACE_OPEN ? flow_side(s, m, d, e, 0, &volume) : 0.0;
            }
            if (lanes == DOUBLES) DOUBLES_SET(passed[e], n) = DOUBLES_AT(found, 0);
            else for (int lane = 0; lane < lanes; ++lane) passed[e][n + lane] = found[lane];
        }
    }
}

#endif
