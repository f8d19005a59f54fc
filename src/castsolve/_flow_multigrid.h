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
    int colour;
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

/* One colour of a Gauss-Seidel sweep. */
void level_smooth(void *level, ptrdiff_t i0, ptrdiff_t i1) {
    const FlowLevel *l = (const FlowLevel *)level;
    const ptrdiff_t sx = l->step[0], sy = l->step[1];
    const float *lx = l->link[0], *ly = l->link[1], *lz = l->link[2];
    float *x = l->x;
    for (ptrdiff_t i = i0; i < i1; ++i)
        for (ptrdiff_t j = 1, at = i * (l->ny + 2) + 1; j <= l->ny; ++j, ++at) {
            const ptrdiff_t row = LEVEL_ROW(l, i, j), first = l->first[at];
            for (ptrdiff_t n = row + first + ((first - 1 - (i + j + l->colour)) & 1); n < row + l->end[at]; n += 2) {
                const float inverse = l->inverse[n];
                if (inverse == 0.0f) continue;
                x[n] = inverse * (l->b[n] + lx[n] * x[n - sx] + lx[n + sx] * x[n + sx] + ly[n] * x[n - sy] + ly[n + sy] * x[n + sy] +
                                  lz[n] * x[n - 1] + lz[n + 1] * x[n + 1]);
            }
        }
}

/* Residual of the finer level summed into this one's right-hand side; its own guess is cleared. */
void level_restrict(void *level, ptrdiff_t i0, ptrdiff_t i1) {
    const FlowLevel *l = (const FlowLevel *)level, *f = l->fine;
    const ptrdiff_t sx = f->step[0], sy = f->step[1];
    const float *lx = f->link[0], *ly = f->link[1], *lz = f->link[2], *x = f->x;
    for (ptrdiff_t i = i0; i < i1; ++i)
        LEVEL_SPANS(l, i, first, end) {
            l->b[n] = l->x[n] = 0.0f;
            if (l->inverse[n] == 0.0f) continue; /* no liquid, or liquid that this level cannot move */
            float sum = 0.0f;
            for (ptrdiff_t p = (i - 1) * l->by[0] + 1, a = 0; a < l->by[0] && p + a <= f->nx; ++a)
                for (ptrdiff_t q = (j - 1) * l->by[1] + 1, b = 0; b < l->by[1] && q + b <= f->ny; ++b)
                    for (ptrdiff_t r = (k - 1) * l->by[2] + 1, c = 0; c < l->by[2] && r + c <= f->nz; ++c) {
                        const ptrdiff_t m = LEVEL_ROW(f, p + a, q + b) + r + c;
                        if (f->inverse[m] == 0.0f) continue;
                        sum += f->b[m] - x[m] / f->inverse[m] + lx[m] * x[m - sx] + lx[m + sx] * x[m + sx] + ly[m] * x[m - sy] +
                               ly[m + sy] * x[m + sy] + lz[m] * x[m - 1] + lz[m + 1] * x[m + 1];
                    }
            l->b[n] = sum;
        }
}

/* Correction of this level given to the finer one; planes are this level's. */
void level_prolong(void *level, ptrdiff_t i0, ptrdiff_t i1) {
    const FlowLevel *l = (const FlowLevel *)level, *f = l->fine;
    for (ptrdiff_t i = i0; i < i1; ++i)
        LEVEL_SPANS(l, i, first, end) {
            const float x = l->x[n];
            if (x == 0.0f) continue;
            for (ptrdiff_t p = (i - 1) * l->by[0] + 1, a = 0; a < l->by[0] && p + a <= f->nx; ++a)
                for (ptrdiff_t q = (j - 1) * l->by[1] + 1, b = 0; b < l->by[1] && q + b <= f->ny; ++b)
                    for (ptrdiff_t r = (k - 1) * l->by[2] + 1, c = 0; c < l->by[2] && r + c <= f->nz; ++c) {
                        const ptrdiff_t m = LEVEL_ROW(f, p + a, q + b) + r + c;
                        if (f->inverse[m] != 0.0f) f->x[m] += x;
                    }
        }
}

/* Residual of the outer iteration in, correction out. */
void level_load(void *level, ptrdiff_t i0, ptrdiff_t i1) {
    const FlowLevel *l = (const FlowLevel *)level;
    const Flow *s = l->flow;
    for (ptrdiff_t i = i0; i < i1; ++i)
        LEVEL_SPANS(l, i, first, end) {
            l->b[n] = (float)(s->r[LEVEL_FLOW(s, i, j) + k] * s->beta);
            l->x[n] = 0.0f;
        }
}

void level_unload(void *level, ptrdiff_t i0, ptrdiff_t i1) {
    const FlowLevel *l = (const FlowLevel *)level;
    const Flow *s = l->flow;
    for (ptrdiff_t i = i0; i < i1; ++i)
        LEVEL_SPANS(l, i, first, end) s->z[LEVEL_FLOW(s, i, j) + k] = (double)l->x[n] / s->beta;
}

#endif
