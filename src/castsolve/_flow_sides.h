/* Momentum through the sides of the faces' volumes, in vectors. */
#ifndef CASTSOLVE_FLOW_SIDES_H
#define CASTSOLVE_FLOW_SIDES_H

#include "_flow_momentum.h"

/* Find the faces without an edge, once for all. */
void sides_find(void *flow, ptrdiff_t i0, ptrdiff_t i1) {
    const Flow *s = (const Flow *)flow;
    for (int d = 0; d < 3; ++d)
        FLOW_ALL(s, i0, i1) {
            int plain = 1;
            for (int e = 0; e < 3; ++e) {
                const ptrdiff_t se = s->step[e];
                for (int side = 0; side < 2 && e != d; ++side) {
                    const ptrdiff_t donor = side ? n + se : n - se;
                    if (flow_shut(s, donor, d, donor - s->step[d]) != 0.0 || flow_shut(s, donor, d, donor) != 0.0) plain = 0;
                }
            }
            s->plain[d][n] = (uint8_t)plain;
        }
}

/* Whether both voxels of the faces from n on lie deep. */
#define SIDES_DEEP(s, n, d) \
    ((DOUBLES_OF_BYTES((s)->depth, n) >= DEPTH_LEAST) & (DOUBLES_OF_BYTES((s)->depth, (n) - (s)->step[d]) >= DEPTH_LEAST))
/* Of the upwind side of g < 0 (out) or g > 0. */
#define SIDES_OF(out, here, low) ((out & (here)) | (~out & (low)))

/* Whether the faces from n on are such that liquid is behind them, as flow_usable says. */
INLINE DoubleBits sides_usable(const uint8_t *face, ptrdiff_t n, int along) {
    const DoubleBits kind = DOUBLES_OF_BYTES(face, n);
    const DoubleBits usable = (kind == FACE_OPEN) | (kind == FACE_SLANTED);
    return along ? usable | (kind == FACE_ALIGNED) : usable;
}

/* What flow_side gives the low sides along e of the volumes of the faces from n on, where no port is. */
INLINE Doubles sides_passed(const Flow *s, ptrdiff_t n, int d, int e) {
    const ptrdiff_t sd = s->step[d], se = s->step[e];
    const int along = e == d;
    const double *u = s->un[d], *G = s->G[e], *F = s->Fn, *drifts = s->drift[d];
    const uint8_t *face = s->face[d];
    const Doubles zero = {0.0}, one = zero + 1.0, tiny = zero + 1e-12;
    const Doubles g = 0.5 * (DOUBLES_AT(G, n) + DOUBLES_AT(G, n - (along ? se : sd)));
    const DoubleBits out = g < zero; /* the face itself is the donor */
    const Doubles here = DOUBLES_AT(u, n), low = DOUBLES_AT(u, n - se);
    const Doubles own = DOUBLES_IF(out, here, low), down = DOUBLES_IF(out, low, here);
    const Doubles far = DOUBLES_IF(out, DOUBLES_AT(u, n + se), DOUBLES_AT(u, n - 2 * se));
    /* behind a wall that holds, half a voxel beyond the donor; mirrored in a wall as at a plane of symmetry */
    const DoubleBits here_usable = sides_usable(face, n, along), low_usable = sides_usable(face, n - se, along);
    const DoubleBits donor = SIDES_OF(out, here_usable, low_usable), other = SIDES_OF(out, low_usable, here_usable);
    const DoubleBits beyond = SIDES_OF(out, sides_usable(face, n + se, along), sides_usable(face, n - 2 * se, along));
    Doubles behind = far, mass = 0.5 * DOUBLES_IF(out, DOUBLES_AT(F, n) + DOUBLES_AT(F, n - sd), DOUBLES_AT(F, n - se) + DOUBLES_AT(F, n - se - sd));
    DoubleBits known = beyond;
    if (along) {
        const DoubleBits wall = SIDES_OF(out, DOUBLES_OF_BYTES(face, n) == FACE_ALIGNED, DOUBLES_OF_BYTES(face, n - se) == FACE_ALIGNED);
        behind = DOUBLES_IF(beyond, far, 2.0 * own - down);
        mass = DOUBLES_IF(beyond, mass, 2.0 * mass);
        known |= wall;
    } else if (s->no_slip) {
        const DoubleBits wall = SIDES_OF(out, DOUBLES_OF_BYTES(face, n + se) == FACE_NONE, DOUBLES_OF_BYTES(face, n - 2 * se) == FACE_NONE);
        behind = DOUBLES_IF(beyond, far, 2.0 * far - own);
        known |= wall;
    }
    const Doubles before = own - behind, next = down - own;
    const Doubles both = before * next, rise = DOUBLES_IF(both > zero, 2.0 * both / (before + next), zero);
    const Doubles share = DOUBLES_SIZE(g * s->part) / mass, some = DOUBLES_IF(mass > tiny, share, one);
    const Doubles part = DOUBLES_IF(some > one, one, some);
    const Doubles drift = s->part * s->ratio * DOUBLES_IF(out, DOUBLES_AT(drifts, n), DOUBLES_AT(drifts, n - se));
    const DoubleBits deep = SIDES_OF(out, SIDES_DEEP(s, n, d), SIDES_DEEP(s, n - se, d));
    const Doubles gains = -drift / rise, gained = DOUBLES_IF(gains < zero, zero, gains);
    const Doubles lost = DOUBLES_IF(deep & (gained < part), gained, part);
    const Doubles most = (1.0 - part) * DOUBLES_SIZE(before), gain = 0.5 * (1.0 - lost) * part * DOUBLES_SIZE(rise);
    const Doubles kept = DOUBLES_IF(deep & (gain > most), most / gain, one);
    const DoubleBits sloped = donor & other & known & (rise != zero);
    Doubles carried = own + DOUBLES_IF(sloped, s->slope * kept * 0.5 * (1.0 - lost) * rise, zero);
    if (!along) carried = DOUBLES_IF(donor, carried, zero); /* nothing slides behind a wall */
    return DOUBLES_IF(g != zero, g * carried, zero);
}

/* Momentum of component d (s->pass) that passes the low sides of the volumes of its faces along every axis, into the work arrays: what
   enters one volume leaves the one before. */
LANES void flow_sides(void *flow, ptrdiff_t i0, ptrdiff_t i1) {
    const Flow *s = (const Flow *)flow;
    const int d = s->pass;
    double *const passed[3] = {s->q, s->r, s->z};
    FLOW_VECTORS(s, i0, i1) {
        for (int e = 0; e < 3; ++e) {
            const Doubles found = sides_passed(s, n, d, e);
            DOUBLES_SET(passed[e], n) = DOUBLES_IF(FLOW_WITHIN, found, DOUBLES_AT(passed[e], n));
        }
    }
}

#endif
