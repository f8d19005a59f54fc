/* Multigrid in single precision: 2 x 2 x 2 voxels make one, links across are summed and halved, red-black Gauss-Seidel. It is only
   ever a preconditioner: how good an answer is, the conjugate gradients in double precision say. */
#ifndef CASTSOLVE_FLOW_MULTIGRID_H
#define CASTSOLVE_FLOW_MULTIGRID_H

#include "_flow.h"

typedef struct FlowLevel {
    ptrdiff_t nx, ny, nz, step[2]; /* voxels without the border of one; strides of x and y */
    ptrdiff_t by[3];               /* fine voxels that make one of this level, along each axis */
    float *link[3], *outer, *inverse, *x, *b;
    const int32_t *lo, *hi;        /* stretch of every row (border included) that the cavity reaches */
    int32_t *first, *end;          /* stretch of every row that liquid reaches now */
    const struct FlowLevel *fine;
    const Flow *flow;
    float reach;                   /* half a voxel of the finer level, over its face: what lies between the two centres */
} FlowLevel;

#define LEVEL_ROW(l, i, j) (((i) * ((l)->ny + 2) + (j)) * ((l)->nz + 2))
/* Voxels n = row + k of the plane i, in the stretches that from and to give. */
#define LEVEL_SPANS(l, i, from, to)                                                                     \
    for (ptrdiff_t j = 1, at = (i) * ((l)->ny + 2) + 1; j <= (l)->ny; ++j, ++at)                        \
        for (ptrdiff_t row = at * ((l)->nz + 2), k = (l)->from[at], n = row + k; k < (l)->to[at]; ++k, ++n)

/* Stretches of the rows of a plane that have a diagonal, once it is known; nothing is left on the rest of them. */
static void level_reached(const FlowLevel *l, ptrdiff_t i) {
    for (ptrdiff_t j = 1, at = i * (l->ny + 2) + 1; j <= l->ny; ++j, ++at) {
        const ptrdiff_t row = at * (l->nz + 2);
        int32_t first = l->hi[at], end = l->lo[at];
        for (int32_t k = l->lo[at]; k < l->hi[at]; ++k) {
            l->x[row + k] = l->b[row + k] = 0.0f;
            if (l->inverse[row + k] == 0.0f) continue;
            if (k < first) first = k;
            end = k + 1;
        }
        l->first[at] = first;
        l->end[at] = end;
    }
}

static void level_inverse(const FlowLevel *l, ptrdiff_t i) {
    const ptrdiff_t sx = l->step[0], sy = l->step[1];
    LEVEL_SPANS(l, i, lo, hi) {
        const float sum = l->outer[n] + l->link[0][n] + l->link[0][n + sx] + l->link[1][n] + l->link[1][n + sy] +
                          l->link[2][n] + l->link[2][n + 1];
        l->inverse[n] = sum > 0.0f ? 1.0f / sum : 0.0f;
    }
    level_reached(l, i);
}

/* Place in the flow's arrays of the voxel before the first of a row of the finest level. */
#define LEVEL_FLOW(s, i, j) ((((i) + FLOW_HALO - 1) * (s)->ny + (j) + FLOW_HALO - 1) * (s)->nz + FLOW_HALO - 1)

/* The finest level, from the conductances. */
void level_first(void *level, ptrdiff_t i0, ptrdiff_t i1) {
    const FlowLevel *l = (const FlowLevel *)level;
    const Flow *s = l->flow;
    for (ptrdiff_t i = i0; i < i1; ++i) {
        LEVEL_SPANS(l, i, lo, hi) {
            const ptrdiff_t m = LEVEL_FLOW(s, i, j) + k;
            float outer = 0.0f;
            for (int d = 0; d < 3; ++d) {
                const ptrdiff_t st = s->step[d];
                const double low = s->coef[d][m], high = s->coef[d][m + st];
                l->link[d][n] = s->wet[m] && s->wet[m - st] ? (float)low : 0.0f;
                if (s->wet[m]) outer += (s->wet[m - st] ? 0.0f : (float)low) + (s->wet[m + st] ? 0.0f : (float)high);
            }
            l->outer[n] = outer;
            l->inverse[n] = s->diag[m] > 0.0 ? (float)(1.0 / s->diag[m]) : 0.0f;
        }
        level_reached(l, i);
    }
}

/* A coarser level. */
void level_coarse(void *level, ptrdiff_t i0, ptrdiff_t i1) {
    const FlowLevel *l = (const FlowLevel *)level, *f = l->fine;
    const ptrdiff_t fs[3] = {f->step[0], f->step[1], 1};
    for (ptrdiff_t i = i0; i < i1; ++i) {
        LEVEL_SPANS(l, i, lo, hi) {
            const ptrdiff_t corner[3] = {(i - 1) * l->by[0] + 1, (j - 1) * l->by[1] + 1, (k - 1) * l->by[2] + 1};
            float link[3] = {0.0f, 0.0f, 0.0f}, outer = 0.0f;
            for (ptrdiff_t a = 0; a < l->by[0] && corner[0] + a <= f->nx; ++a)
                for (ptrdiff_t b = 0; b < l->by[1] && corner[1] + b <= f->ny; ++b)
                    for (ptrdiff_t c = 0; c < l->by[2] && corner[2] + c <= f->nz; ++c) {
                        const ptrdiff_t m = corner[0] * fs[0] + LEVEL_ROW(f, a, corner[1] + b) + corner[2] + c;
                        const float e = f->outer[m];
                        if (e > 0.0f) outer += e / (1.0f + l->reach * e);
                        if (a == 0) link[0] += f->link[0][m];
                        if (b == 0) link[1] += f->link[1][m];
                        if (c == 0) link[2] += f->link[2][m];
                    }
            for (int d = 0; d < 3; ++d) l->link[d][n] = l->by[d] == 2 ? 0.5f * link[d] : link[d];
            l->outer[n] = outer;
        }
    }
}

void level_invert(void *level, ptrdiff_t i0, ptrdiff_t i1) {
    for (ptrdiff_t i = i0; i < i1; ++i) level_inverse((const FlowLevel *)level, i);
}

/* One colour of a Gauss-Seidel sweep in one plane, all voxels at a time: those of the other colour keep what they have, and nothing that is
   read changes meanwhile. A fresh sweep takes zero for what was there. */
LANES static void level_smooth(const FlowLevel *l, ptrdiff_t i, int colour, int fresh) {
    const ptrdiff_t sx = l->step[0], sy = l->step[1];
    for (ptrdiff_t j = 1, at = i * (l->ny + 2) + 1; j <= l->ny; ++j, ++at) {
        const ptrdiff_t row = at * (l->nz + 2);
        const int first = l->first[at], end = l->end[at], odd = (int)(i + j + colour) & 1; /* voxels k of the colour: (k + odd) & 1 is 0 */
        const float *restrict inverse = l->inverse + row, *restrict b = l->b + row;
        float *x = l->x + row;
        if (fresh) {
            NO_ALIAS
            for (int k = first; k < end; ++k) x[k] = (k + odd) & 1 ? 0.0f : inverse[k] * b[k];
            continue;
        }
        const float *lx = l->link[0] + row, *ly = l->link[1] + row, *lz = l->link[2] + row;
        NO_ALIAS
        for (int k = first; k < end; ++k) {
            const float next = inverse[k] * (b[k] + lx[k] * x[k - sx] + lx[k + sx] * x[k + sx] + ly[k] * x[k - sy] + ly[k + sy] * x[k + sy] +
                                             lz[k] * x[k - 1] + lz[k + 1] * x[k + 1]);
            x[k] = (k + odd) & 1 ? x[k] : next;
        }
    }
}

/* Voxels of a row that level_restrict takes at a time. */
#define LEVEL_PIECE 512

/* Residual of the finer level summed into the right-hand side of a plane of this one. */
LANES static void level_restrict(const FlowLevel *l, ptrdiff_t i) {
    const FlowLevel *f = l->fine;
    const ptrdiff_t sx = f->step[0], sy = f->step[1];
    float left[2 * LEVEL_PIECE];
    for (ptrdiff_t j = 1, at = i * (l->ny + 2) + 1; j <= l->ny; ++j, ++at)
        for (int begin = l->first[at]; begin < l->end[at]; begin += LEVEL_PIECE) {
            const int stop = begin + LEVEL_PIECE < l->end[at] ? begin + LEVEL_PIECE : l->end[at], by = (int)l->by[2];
            const int from = (begin - 1) * by + 1, to = (stop - 1) * by + 1; /* of the finer rows; their ends may lie within */
            memset(left, 0, (size_t)(to - from) * sizeof(float));
            for (ptrdiff_t p = (i - 1) * l->by[0] + 1, a = 0; a < l->by[0] && p + a <= f->nx; ++a)
                for (ptrdiff_t q = (j - 1) * l->by[1] + 1, c = 0; c < l->by[1] && q + c <= f->ny; ++c) {
                    const ptrdiff_t row = LEVEL_ROW(f, p + a, q + c), fine = (p + a) * (f->ny + 2) + q + c;
                    const int first = f->first[fine] > from ? f->first[fine] : from, end = f->end[fine] < to ? f->end[fine] : to;
                    const float *restrict inverse = f->inverse + row, *restrict b = f->b + row, *restrict x = f->x + row;
                    const float *restrict lx = f->link[0] + row, *restrict ly = f->link[1] + row, *restrict lz = f->link[2] + row;
                    NO_ALIAS
                    for (int k = first; k < end; ++k) {
                        const float in = b[k] + lx[k] * x[k - sx] + lx[k + sx] * x[k + sx] + ly[k] * x[k - sy] +
                                         ly[k + sy] * x[k + sy] + lz[k] * x[k - 1] + lz[k + 1] * x[k + 1];
                        left[k - from] += inverse[k] > 0.0f ? in - x[k] / inverse[k] : 0.0f;
                    }
                }
            /* no liquid, or liquid that this level cannot move, takes nothing */
            const ptrdiff_t row = at * (l->nz + 2);
            for (int k = begin; k < stop; ++k) {
                const float sum = by == 2 ? left[2 * (k - begin)] + left[2 * (k - begin) + 1] : left[k - begin];
                l->b[row + k] = l->inverse[row + k] > 0.0f ? sum : 0.0f;
            }
        }
}

/* Correction of the coarser level given to a plane of this one. */
LANES static void level_prolong(const FlowLevel *c, ptrdiff_t p) {
    const FlowLevel *f = c->fine;
    const ptrdiff_t i = (p - 1) / c->by[0] + 1;
    const int by = (int)c->by[2];
    for (ptrdiff_t q = 1; q <= f->ny; ++q) {
        const ptrdiff_t at = i * (c->ny + 2) + (q - 1) / c->by[1] + 1, row = LEVEL_ROW(f, p, q);
        const float *restrict coarse = c->x + at * (c->nz + 2), *restrict inverse = f->inverse + row;
        float *restrict x = f->x + row;
        if (by == 1) {
            NO_ALIAS
            for (int k = c->first[at]; k < c->end[at]; ++k) x[k] += inverse[k] > 0.0f ? coarse[k] : 0.0f;
            continue;
        }
        const int end = 2 * (c->end[at] - 1) <= (int)f->nz ? c->end[at] : c->end[at] - 1; /* the last one may have one voxel only */
        NO_ALIAS
        for (int k = c->first[at]; k < end; ++k) {
            const float more = coarse[k];
            x[2 * k - 1] += inverse[2 * k - 1] > 0.0f ? more : 0.0f;
            x[2 * k] += inverse[2 * k] > 0.0f ? more : 0.0f;
        }
        if (end < c->end[at] && end >= c->first[at]) x[2 * end - 1] += inverse[2 * end - 1] > 0.0f ? coarse[end] : 0.0f;
    }
}

/* Sweeps over the whole coarsest level, forward or back. */
void level_solve(const FlowLevel *l, int times, int back, int fresh) {
    for (int t = 0; t < 2 * times; ++t)
        for (ptrdiff_t i = 1; i <= l->nx; ++i) level_smooth(l, i, (t & 1) ^ back, fresh && t == 0);
}

/* One way through a level: down (both colours, then the residual for the coarser level) or up (its correction, then both colours back).
   Planes follow each other closely, so that a plane is still in the cache when the next part takes it: a part of plane p needs the part
   before of p - 1 to p + 1. Every hand has its own planes; those at its ends wait for its neighbours, and are left to later phases. What is
   computed does not depend on that: voxels of one colour do not see each other. */
typedef struct {
    const FlowLevel *coarse;
    ptrdiff_t hands;
    int phase, up, fresh;
} LevelTask;

#define LEVEL_PARTS 3

static void level_part(const LevelTask *t, int part, ptrdiff_t p) {
    const FlowLevel *c = t->coarse, *f = c->fine;
    if (t->up) {
        if (part == 0) level_prolong(c, p);
        else level_smooth(f, p, part == 1, 0);
    } else if (part < 2) level_smooth(f, p, part, t->fresh && part == 0);
    else if (p % c->by[0] == 0 || p == f->nx) level_restrict(c, (p - 1) / c->by[0] + 1);
}

void level_pass(void *task, ptrdiff_t h0, ptrdiff_t h1) {
    const LevelTask *t = (const LevelTask *)task;
    const ptrdiff_t end = t->coarse->fine->nx + 1;
    for (ptrdiff_t hand = h0; hand < h1; ++hand) {
        const ptrdiff_t a = t->coarse->nx * hand / t->hands * t->coarse->by[0] + 1;
        ptrdiff_t b = t->coarse->nx * (hand + 1) / t->hands * t->coarse->by[0] + 1;
        if (b > end) b = end;
        /* planes that the first phase can take, part by part */
        ptrdiff_t low[LEVEL_PARTS], high[LEVEL_PARTS];
        for (int m = 0; m < LEVEL_PARTS; ++m) {
            low[m] = a == 1 ? a : a + m < b ? a + m : b;
            high[m] = b == end ? b : b - m > low[m] ? b - m : low[m];
        }
        if (t->phase == 0) {
            for (ptrdiff_t p = a; p < b + LEVEL_PARTS - 1; ++p)
                for (int m = 0; m < LEVEL_PARTS; ++m)
                    if (p - m >= low[m] && p - m < high[m]) level_part(t, m, p - m);
            continue;
        }
        for (ptrdiff_t p = a; p < low[t->phase]; ++p) level_part(t, t->phase, p);
        for (ptrdiff_t p = high[t->phase]; p < b; ++p) level_part(t, t->phase, p);
    }
}

/* Residual of the outer iteration in. */
LANES void level_load(void *level, ptrdiff_t i0, ptrdiff_t i1) {
    const FlowLevel *l = (const FlowLevel *)level;
    const Flow *s = l->flow;
    const double scale = s->beta;
    for (ptrdiff_t i = i0; i < i1; ++i)
        for (ptrdiff_t j = 1, at = i * (l->ny + 2) + 1; j <= l->ny; ++j, ++at) {
            const double *restrict r = s->r + LEVEL_FLOW(s, i, j);
            float *restrict b = l->b + at * (l->nz + 2);
            for (int k = l->first[at]; k < l->end[at]; ++k) b[k] = (float)(r[k] * scale);
        }
}

/* Correction out; what it is times the residual, plane by plane. */
LANES void level_unload(void *level, ptrdiff_t i0, ptrdiff_t i1) {
    const FlowLevel *l = (const FlowLevel *)level;
    const Flow *s = l->flow;
    const double scale = 1.0 / s->beta;
    for (ptrdiff_t i = i0; i < i1; ++i) {
        double sum[FLOW_LANES] = {0.0};
        for (ptrdiff_t j = 1, at = i * (l->ny + 2) + 1; j <= l->ny; ++j, ++at) {
            const ptrdiff_t to = LEVEL_FLOW(s, i, j);
            const float *restrict x = l->x + at * (l->nz + 2);
            double *restrict z = s->z + to;
            const ptrdiff_t first = l->first[at], end = l->end[at];
            for (ptrdiff_t k = first; k < end; ++k) z[k] = (double)x[k] * scale;
            flow_add_products(s->z, s->r, to + first, to + end, sum);
        }
        s->plane[4 * (i + FLOW_HALO - 1)] = flow_added(sum);
    }
}

#endif
