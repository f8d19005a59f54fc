/* Multigrid in single precision: 2 x 2 x 2 voxels make one, links across are summed and halved, red-black Gauss-Seidel. It is only
   ever a preconditioner: how good an answer is, the conjugate gradients in double precision say. */
#ifndef CASTSOLVE_FLOW_MULTIGRID_H
#define CASTSOLVE_FLOW_MULTIGRID_H

#include "_flow.h"

typedef struct FlowLevel {
    ptrdiff_t nx, ny, nz, step[2]; /* voxels without the border of one; strides of x and y */
    ptrdiff_t by[3];               /* fine voxels that make one of this level, along each axis */
    float *link[3], *outer, *inverse, *x, *b;
    const struct FlowLevel *fine;
    const Flow *flow;
    int colour;
    float reach;                   /* half a voxel of the finer level, over its face: what lies between the two centres */
} FlowLevel;

#define LEVEL_ROW(l, i, j) (((i) * ((l)->ny + 2) + (j)) * ((l)->nz + 2))

static void level_inverse(const FlowLevel *l, ptrdiff_t i) {
    const ptrdiff_t sx = l->step[0], sy = l->step[1];
    for (ptrdiff_t j = 1; j <= l->ny; ++j) {
        const ptrdiff_t row = LEVEL_ROW(l, i, j);
        for (ptrdiff_t n = row + 1; n <= row + l->nz; ++n) {
            const float sum = l->outer[n] + l->link[0][n] + l->link[0][n + sx] + l->link[1][n] + l->link[1][n + sy] +
                              l->link[2][n] + l->link[2][n + 1];
            l->inverse[n] = sum > 0.0f ? 1.0f / sum : 0.0f;
        }
    }
}

/* The finest level, from the conductances. */
void level_first(void *level, ptrdiff_t i0, ptrdiff_t i1) {
    const FlowLevel *l = (const FlowLevel *)level;
    const Flow *s = l->flow;
    for (ptrdiff_t i = i0; i < i1; ++i)
        for (ptrdiff_t j = 1; j <= l->ny; ++j) {
            const ptrdiff_t row = LEVEL_ROW(l, i, j), from = ((i + FLOW_HALO - 1) * s->ny + j + FLOW_HALO - 1) * s->nz + FLOW_HALO - 1;
            for (ptrdiff_t k = 1; k <= l->nz; ++k) {
                const ptrdiff_t n = row + k, m = from + k;
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
        }
}

/* A coarser level. */
void level_coarse(void *level, ptrdiff_t i0, ptrdiff_t i1) {
    const FlowLevel *l = (const FlowLevel *)level, *f = l->fine;
    const ptrdiff_t fs[3] = {f->step[0], f->step[1], 1};
    for (ptrdiff_t i = i0; i < i1; ++i) {
        for (ptrdiff_t j = 1; j <= l->ny; ++j)
            for (ptrdiff_t k = 1; k <= l->nz; ++k) {
                const ptrdiff_t n = LEVEL_ROW(l, i, j) + k;
                const ptrdiff_t at[3] = {(i - 1) * l->by[0] + 1, (j - 1) * l->by[1] + 1, (k - 1) * l->by[2] + 1};
                float link[3] = {0.0f, 0.0f, 0.0f}, outer = 0.0f;
                for (ptrdiff_t a = 0; a < l->by[0] && at[0] + a <= f->nx; ++a)
                    for (ptrdiff_t b = 0; b < l->by[1] && at[1] + b <= f->ny; ++b)
                        for (ptrdiff_t c = 0; c < l->by[2] && at[2] + c <= f->nz; ++c) {
                            const ptrdiff_t m = at[0] * fs[0] + LEVEL_ROW(f, a, at[1] + b) + at[2] + c;
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
        for (ptrdiff_t j = 1; j <= l->ny; ++j) {
            const ptrdiff_t row = LEVEL_ROW(l, i, j);
            for (ptrdiff_t n = row + 1 + ((i + j + l->colour) & 1); n <= row + l->nz; n += 2) {
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
        for (ptrdiff_t j = 1; j <= l->ny; ++j)
            for (ptrdiff_t k = 1; k <= l->nz; ++k) {
                const ptrdiff_t own = LEVEL_ROW(l, i, j) + k;
                l->b[own] = l->x[own] = 0.0f;
                if (l->inverse[own] == 0.0f) continue; /* no liquid, or liquid that this level cannot move */
                float sum = 0.0f;
                for (ptrdiff_t p = (i - 1) * l->by[0] + 1, a = 0; a < l->by[0] && p + a <= f->nx; ++a)
                    for (ptrdiff_t q = (j - 1) * l->by[1] + 1, b = 0; b < l->by[1] && q + b <= f->ny; ++b)
                        for (ptrdiff_t r = (k - 1) * l->by[2] + 1, c = 0; c < l->by[2] && r + c <= f->nz; ++c) {
                            const ptrdiff_t n = LEVEL_ROW(f, p + a, q + b) + r + c;
                            if (f->inverse[n] == 0.0f) continue;
                            sum += f->b[n] - x[n] / f->inverse[n] + lx[n] * x[n - sx] + lx[n + sx] * x[n + sx] + ly[n] * x[n - sy] +
                                   ly[n + sy] * x[n + sy] + lz[n] * x[n - 1] + lz[n + 1] * x[n + 1];
                        }
                l->b[own] = sum;
            }
}

/* Correction of this level given to the finer one; planes are this level's. */
void level_prolong(void *level, ptrdiff_t i0, ptrdiff_t i1) {
    const FlowLevel *l = (const FlowLevel *)level, *f = l->fine;
    for (ptrdiff_t i = i0; i < i1; ++i)
        for (ptrdiff_t j = 1; j <= l->ny; ++j)
            for (ptrdiff_t k = 1; k <= l->nz; ++k) {
                const float x = l->x[LEVEL_ROW(l, i, j) + k];
                if (x == 0.0f) continue;
                for (ptrdiff_t p = (i - 1) * l->by[0] + 1, a = 0; a < l->by[0] && p + a <= f->nx; ++a)
                    for (ptrdiff_t q = (j - 1) * l->by[1] + 1, b = 0; b < l->by[1] && q + b <= f->ny; ++b)
                        for (ptrdiff_t r = (k - 1) * l->by[2] + 1, c = 0; c < l->by[2] && r + c <= f->nz; ++c) {
                            const ptrdiff_t n = LEVEL_ROW(f, p + a, q + b) + r + c;
                            if (f->inverse[n] != 0.0f) f->x[n] += x;
                        }
            }
}

/* Residual of the outer iteration in, correction out. */
void level_load(void *level, ptrdiff_t i0, ptrdiff_t i1) {
    const FlowLevel *l = (const FlowLevel *)level;
    const Flow *s = l->flow;
    for (ptrdiff_t i = i0; i < i1; ++i)
        for (ptrdiff_t j = 1; j <= l->ny; ++j) {
            const ptrdiff_t row = LEVEL_ROW(l, i, j), from = ((i + FLOW_HALO - 1) * s->ny + j + FLOW_HALO - 1) * s->nz + FLOW_HALO - 1;
            for (ptrdiff_t k = 1; k <= l->nz; ++k) {
                l->b[row + k] = (float)(s->r[from + k] * s->beta);
                l->x[row + k] = 0.0f;
            }
        }
}

void level_unload(void *level, ptrdiff_t i0, ptrdiff_t i1) {
    const FlowLevel *l = (const FlowLevel *)level;
    const Flow *s = l->flow;
    for (ptrdiff_t i = i0; i < i1; ++i)
        for (ptrdiff_t j = 1; j <= l->ny; ++j) {
            const ptrdiff_t row = LEVEL_ROW(l, i, j), from = ((i + FLOW_HALO - 1) * s->ny + j + FLOW_HALO - 1) * s->nz + FLOW_HALO - 1;
            for (ptrdiff_t k = 1; k <= l->nz; ++k) s->z[from + k] = (double)l->x[row + k] / s->beta;
        }
}

#endif
