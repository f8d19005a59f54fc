/* Where liquid has come near: what lies beyond need not be looked at. */
#ifndef CASTSOLVE_FLOW_REACH_H
#define CASTSOLVE_FLOW_REACH_H

#include "_flow.h"

#define REACH_TILE 4 /* voxels along the edge of a tile */
/* Tiles around liquid that a step may touch: metal moves by one voxel, what is handed on by one more, and three layers of velocities
   lie beyond its faces. */
#define REACH_TILES 2

typedef struct {
    const Flow *flow;
    ptrdiff_t nx, ny, nz;         /* tiles */
    uint8_t *held;                /* [planes, ny, nz]: a voxel of this plane in the tile has held liquid */
    uint8_t *seen, *near;         /* [nx, ny, nz]: the tile has held liquid; liquid has come near it */
    FlowStretch *run;             /* room for every piece that tiles cut the stretches into */
    int64_t *run_of;
} FlowReach;

/* Note which tiles hold liquid in some planes. */
void reach_hold(void *reach, ptrdiff_t i0, ptrdiff_t i1) {
    const FlowReach *r = (const FlowReach *)reach;
    const Flow *s = r->flow;
    FLOW_ROWS(s, i0, i1) if (s->F[n] != 0.0) r->held[(i * r->ny + j / REACH_TILE) * r->nz + k / REACH_TILE] = 1;
}

INLINE ptrdiff_t reach_from(ptrdiff_t at) { return at < REACH_TILES ? 0 : at - REACH_TILES; }
INLINE ptrdiff_t reach_to(ptrdiff_t at, ptrdiff_t size) { return at + REACH_TILES >= size ? size - 1 : at + REACH_TILES; }

/* Take tiles that hold liquid for the first time, and those around; returns how many there are. */
static ptrdiff_t reach_grow(const FlowReach *r) {
    const ptrdiff_t plane = r->ny * r->nz;
    ptrdiff_t grown = 0;
    for (ptrdiff_t i = 0; i < r->flow->nx; ++i)
        for (ptrdiff_t t = 0; t < plane; ++t) {
            const ptrdiff_t a = i / REACH_TILE, b = t / r->nz, c = t % r->nz;
            if (!r->held[i * plane + t] || r->seen[a * plane + t]) continue;
            r->seen[a * plane + t] = 1;
            ++grown;
            for (ptrdiff_t p = reach_from(a); p <= reach_to(a, r->nx); ++p)
                for (ptrdiff_t q = reach_from(b); q <= reach_to(b, r->ny); ++q)
                    memset(r->near + (p * r->ny + q) * r->nz + reach_from(c), 1, (size_t)(reach_to(c, r->nz) - reach_from(c) + 1));
        }
    return grown;
}

/* Cut the stretches down to what liquid has come near; the very first time to less than all. Serial. */
void reach_cut(FlowReach *r, Flow *s) {
    if (!reach_grow(r) && s->run != s->all) return;
    int64_t count = 0;
    for (ptrdiff_t i = 0; i < s->nx; ++i) {
        r->run_of[i] = count;
        for (const FlowStretch *row = s->all + s->all_of[i]; row < s->all + s->all_of[i + 1]; ++row) {
            const uint8_t *near = r->near + ((i / REACH_TILE) * r->ny + row->j / REACH_TILE) * r->nz;
            int32_t k = row->first;
            while (k < row->end) {
                const int32_t tile = k / REACH_TILE, begin = k;
                int32_t end = (tile + 1) * REACH_TILE;
                if (!near[tile]) {
                    k = end;
                    continue;
                }
                while (end < row->end && near[end / REACH_TILE]) end += REACH_TILE;
                k = end < row->end ? end : row->end;
                r->run[count++] = (FlowStretch){row->j, begin, k};
            }
        }
    }
    r->run_of[s->nx] = count;
    s->run = r->run;
    s->run_of = r->run_of;
}

#endif
