/* Multigrid in single precision: 2 x 2 x 2 voxels make one, links across are summed and halved, red-black Gauss-Seidel. It is only
   ever a preconditioner: how good an answer is, the true residual in double precision says (_flow_gradients.h).

   Rows begin LEVEL_LANES columns after their start, and every loop takes whole vectors of so many columns: castings have thin walls, their
   rows are short, and the rest of a row would cost as much as its vectors. Columns that hold no liquid have no links and stay zero. */
#ifndef CASTSOLVE_FLOW_MULTIGRID_H
#define CASTSOLVE_FLOW_MULTIGRID_H

#include "_flow_pressure.h"
#include "_vectors.h"

#define LEVEL_LANES 8
/* Voxels for which it pays to wake other threads. */
#define LEVEL_WORTH 8000

typedef struct FlowLevel {
    ptrdiff_t nx, ny, nz, step[2]; /* voxels without the border of one row; strides of x and y */
    ptrdiff_t by[3];               /* fine voxels that make one of this level, along each axis */
    float *link[3], *outer, *inverse, *x, *b;
    float *p, *q, *y;              /* of the conjugate gradients, on the finest level */
    double unit;                   /* of their residual (m/s), a power of two */
    const int32_t *lo, *hi;        /* columns of every row (border included) that the cavity reaches */
    int32_t *first, *end;          /* those that liquid reaches now, in whole vectors */
    int64_t *load;                 /* what a plane asks for now: vectors, and an eighth of one for every row */
    ptrdiff_t *begins;             /* first plane of every hand, and the end of the last one's */
    ptrdiff_t hands;
    const struct FlowLevel *fine;
    const Flow *flow;
    float reach;                   /* half a voxel of the finer level, over its face: what lies between the two centres */
} FlowLevel;

#define LEVEL_ROW(l, i, j) (((i) * ((l)->ny + 2) + (j)) * (l)->step[1])
/* Rows of the plane i, by their number `at`. */
#define LEVEL_ROWS(l, i) for (ptrdiff_t j = 1, at = (i) * ((l)->ny + 2) + 1; j <= (l)->ny; ++j, ++at)
/* Voxels n = row + k of the plane i that the cavity reaches. */
#define LEVEL_SPANS(l, i) \
    LEVEL_ROWS(l, i) \
    for (ptrdiff_t row = at * (l)->step[1], k = (l)->lo[at], n = row + k; k < (l)->hi[at]; ++k, ++n)
/* Columns of a row that liquid reaches, vector by vector. */
#define LEVEL_VECTORS(l, at) for (int k = (l)->first[at], stop = (l)->end[at]; k < stop; k += FLOATS)

/* Stretches of the rows of a plane that have a diagonal, once it is known; nothing is left on the rest of them. */
static void level_reached(const FlowLevel *l, ptrdiff_t i) {
    l->load[i] = l->ny;
    LEVEL_ROWS(l, i) {
        const ptrdiff_t row = at * l->step[1];
        int32_t first = l->hi[at], end = l->lo[at];
        for (int32_t k = l->lo[at]; k < l->hi[at]; ++k) {
            l->x[row + k] = l->b[row + k] = 0.0f;
            if (l->inverse[row + k] == 0.0f) continue;
            if (k < first) first = k;
            end = k + 1;
        }
        l->first[at] = first / LEVEL_LANES * LEVEL_LANES;
        l->end[at] = first < end ? (end + LEVEL_LANES - 1) / LEVEL_LANES * LEVEL_LANES : l->first[at];
        l->load[i] += l->end[at] - l->first[at];
    }
}

/* Give every hand as much to do, in whole planes of the coarser level (`by` of this one); one hand has all that is not worth more. */
void level_divide(FlowLevel *l, ptrdiff_t hands, ptrdiff_t by) {
    int64_t total = 0, done = 0;
    ptrdiff_t p = 1;
    for (ptrdiff_t i = 1; i <= l->nx; ++i) total += l->load[i];
    l->hands = total > LEVEL_WORTH ? hands : 1;
    l->begins[0] = 1;
    for (ptrdiff_t h = 1; h < l->hands; ++h) {
        while (p <= l->nx && done * l->hands < total * h)
            for (ptrdiff_t a = 0; a < by && p <= l->nx; ++a) done += l->load[p++];
        l->begins[h] = p;
    }
    l->begins[l->hands] = l->nx + 1;
}

static void level_inverse(const FlowLevel *l, ptrdiff_t i) {
    const ptrdiff_t sx = l->step[0], sy = l->step[1];
    LEVEL_SPANS(l, i) {
        const float sum = l->outer[n] + l->link[0][n] + l->link[0][n + sx] + l->link[1][n] + l->link[1][n + sy] +
                          l->link[2][n] + l->link[2][n + 1];
        l->inverse[n] = sum > 0.0f ? 1.0f / sum : 0.0f;
    }
    level_reached(l, i);
}

/* Place in the flow's arrays of column 0 of a row of the finest level. */
#define LEVEL_FLOW(s, i, j) ((((i) + FLOW_HALO - 1) * (s)->ny + (j) + FLOW_HALO - 1) * (s)->nz + FLOW_HALO - LEVEL_LANES)

/* The finest level, from the conductances. */
void level_first(void *level, ptrdiff_t i0, ptrdiff_t i1) {
    const FlowLevel *l = (const FlowLevel *)level;
    const Flow *s = l->flow;
    for (ptrdiff_t i = i0; i < i1; ++i) {
        LEVEL_SPANS(l, i) {
            const ptrdiff_t m = LEVEL_FLOW(s, i, j) + k;
            float outer = 0.0f;
            for (int d = 0; d < 3; ++d) {
                const ptrdiff_t st = s->step[d];
                const double low = s->coef[d][m], high = s->coef[d][m + st];
                l->link[d][n] = s->wet[m] && s->wet[m - st] ? (float)low : 0.0f;
                if (s->wet[m]) outer += (s->wet[m - st] ? 0.0f : (float)low) + (s->wet[m + st] ? 0.0f : (float)high);
            }
            if (s->wet[m] && flow_joined(s, m)) {
                double air = s->diag[m];
                for (int d = 0; d < 3; ++d) air -= s->coef[d][m] + s->coef[d][m + s->step[d]];
                outer += (float)air;
            }
            l->outer[n] = outer;
            l->inverse[n] = s->diag[m] > 0.0 ? (float)(1.0 / s->diag[m]) : 0.0f;
        }
        level_reached(l, i);
    }
}

/* Column of the finer level where that of a coarser one begins. */
#define LEVEL_FINE(l, k) (((k) - LEVEL_LANES) * (l)->by[2] + LEVEL_LANES)

/* A coarser level. */
void level_coarse(void *level, ptrdiff_t i0, ptrdiff_t i1) {
    const FlowLevel *l = (const FlowLevel *)level, *f = l->fine;
    const ptrdiff_t fs[3] = {f->step[0], f->step[1], 1};
    for (ptrdiff_t i = i0; i < i1; ++i) {
        LEVEL_SPANS(l, i) {
            const ptrdiff_t corner[3] = {(i - 1) * l->by[0] + 1, (j - 1) * l->by[1] + 1, LEVEL_FINE(l, k)};
            float link[3] = {0.0f, 0.0f, 0.0f}, outer = 0.0f;
            for (ptrdiff_t a = 0; a < l->by[0] && corner[0] + a <= f->nx; ++a)
                for (ptrdiff_t b = 0; b < l->by[1] && corner[1] + b <= f->ny; ++b)
                    for (ptrdiff_t c = 0; c < l->by[2] && corner[2] + c < LEVEL_LANES + f->nz; ++c) {
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

/* What the neighbours of column k of a row give it. */
#define LEVEL_NEAR(x, lx, ly, lz, sx, sy, k) \
    (FLOATS_AT(lx, k) * FLOATS_AT(x, k - (sx)) + FLOATS_AT(lx, k + (sx)) * FLOATS_AT(x, k + (sx)) + \
     FLOATS_AT(ly, k) * FLOATS_AT(x, k - (sy)) + FLOATS_AT(ly, k + (sy)) * FLOATS_AT(x, k + (sy)) + \
     FLOATS_AT(lz, k) * FLOATS_AT(x, k - 1) + FLOATS_AT(lz, k + 1) * FLOATS_AT(x, k + 1))
/* What flows out of column k: by differences, which lose less to rounding than the diagonal would. */
#define LEVEL_OUT(x, outer, lx, ly, lz, sx, sy, k) \
    (FLOATS_AT(outer, k) * FLOATS_AT(x, k) + \
     FLOATS_AT(lx, k) * (FLOATS_AT(x, k) - FLOATS_AT(x, k - (sx))) + FLOATS_AT(lx, k + (sx)) * (FLOATS_AT(x, k) - FLOATS_AT(x, k + (sx))) + \
     FLOATS_AT(ly, k) * (FLOATS_AT(x, k) - FLOATS_AT(x, k - (sy))) + FLOATS_AT(ly, k + (sy)) * (FLOATS_AT(x, k) - FLOATS_AT(x, k + (sy))) + \
     FLOATS_AT(lz, k) * (FLOATS_AT(x, k) - FLOATS_AT(x, k - 1)) + FLOATS_AT(lz, k + 1) * (FLOATS_AT(x, k) - FLOATS_AT(x, k + 1)))

static const float LEVEL_COLOUR[LEVEL_LANES + 1] = {1.0f, 0.0f, 1.0f, 0.0f, 1.0f, 0.0f, 1.0f, 0.0f, 1.0f};

/* One colour of a Gauss-Seidel sweep in one plane, all voxels at a time: those of the other colour keep what they have, and nothing that is
   read changes meanwhile. A fresh sweep takes zero for what was there. */
LANES static void level_smooth(const FlowLevel *l, ptrdiff_t i, int colour, int fresh) {
    const ptrdiff_t sx = l->step[0], sy = l->step[1];
    LEVEL_ROWS(l, i) {
        const ptrdiff_t row = at * sy;
        const int odd = (int)(i + j + colour + 1) & 1; /* voxels k of the colour: (k + odd) & 1 is 0 */
        const float *inverse = l->inverse + row, *b = l->b + row;
        float *x = l->x + row;
        if (fresh) {
            LEVEL_VECTORS(l, at) FLOATS_SET(x, k) = FLOATS_AT(LEVEL_COLOUR, (k + odd) & 1) * FLOATS_AT(inverse, k) * FLOATS_AT(b, k);
            continue;
        }
        const float *lx = l->link[0] + row, *ly = l->link[1] + row, *lz = l->link[2] + row;
        LEVEL_VECTORS(l, at) {
            const Floats next = FLOATS_AT(inverse, k) * (FLOATS_AT(b, k) + LEVEL_NEAR(x, lx, ly, lz, sx, sy, k));
            FLOATS_SET(x, k) = FLOATS_AT(LEVEL_COLOUR, (k + odd) & 1) * next + FLOATS_AT(LEVEL_COLOUR, (k + odd + 1) & 1) * FLOATS_AT(x, k);
        }
    }
}

/* Residual of the finer level summed into the right-hand side of a plane of this one. */
LANES static void level_restrict(const FlowLevel *l, ptrdiff_t i) {
    const FlowLevel *f = l->fine;
    const ptrdiff_t sx = f->step[0], sy = f->step[1];
    const int by = (int)l->by[2];
    LEVEL_ROWS(l, i) {
        const float *inverse = l->inverse + at * l->step[1];
        float *sum = l->b + at * l->step[1];
        LEVEL_VECTORS(l, at) {
            const int from = LEVEL_FINE(l, k);
            float left[2 * FLOATS] = {0.0f};
            for (ptrdiff_t p = (i - 1) * l->by[0] + 1, a = 0; a < l->by[0] && p + a <= f->nx; ++a)
                for (ptrdiff_t q = (j - 1) * l->by[1] + 1, c = 0; c < l->by[1] && q + c <= f->ny; ++c) {
                    const ptrdiff_t fine = (p + a) * (f->ny + 2) + q + c, row = fine * sy;
                    const float *outer = f->outer + row, *b = f->b + row, *x = f->x + row;
                    const float *lx = f->link[0] + row, *ly = f->link[1] + row, *lz = f->link[2] + row;
                    for (int v = 0; v < by * FLOATS; v += FLOATS)
                        if (from + v >= f->first[fine] && from + v < f->end[fine])
                            FLOATS_SET(left, v) += FLOATS_AT(b, from + v) - LEVEL_OUT(x, outer, lx, ly, lz, sx, sy, from + v);
                }
            Floats all = FLOATS_AT(left, 0);
            if (by == 2) all = FLOATS_PAIRED(left);
            /* no liquid, or liquid that this level cannot move, takes nothing */
            FLOATS_SET(sum, k) = FLOATS_IF(FLOATS_AT(inverse, k) > 0.0f, all, 0.0f * all);
        }
    }
}

/* Correction of the coarser level given to a plane of this one. */
LANES static void level_prolong(const FlowLevel *c, ptrdiff_t p) {
    const FlowLevel *f = c->fine;
    const ptrdiff_t i = (p - 1) / c->by[0] + 1;
    const int by = (int)c->by[2];
    for (ptrdiff_t q = 1; q <= f->ny; ++q) {
        const ptrdiff_t up = i * (c->ny + 2) + (q - 1) / c->by[1] + 1, at = p * (f->ny + 2) + q;
        const float *coarse = c->x + up * c->step[1], *inverse = f->inverse + at * f->step[1];
        float *x = f->x + at * f->step[1];
        LEVEL_VECTORS(f, at) {
            Floats more;
            if (by == 1) more = FLOATS_AT(coarse, k);
            else more = FLOATS_DOUBLED(coarse + (k - LEVEL_LANES) / 2 + LEVEL_LANES);
            FLOATS_SET(x, k) += FLOATS_IF(FLOATS_AT(inverse, k) > 0.0f, more, 0.0f * more);
        }
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
    const FlowLevel *fine = t->coarse->fine;
    const ptrdiff_t end = fine->nx + 1;
    for (ptrdiff_t hand = h0; hand < h1; ++hand) {
        const ptrdiff_t a = fine->begins[hand], b = fine->begins[hand + 1];
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

#endif
