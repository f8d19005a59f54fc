/* Conjugate gradients on the pressure system, in single precision within an outer iteration in double.

   The outer iteration adds what was found to the pressure and computes the residual of that anew, in double precision: it says how good
   the answer is, and what is still to be found. Directions are kept over that (Sleijpen and van der Vorst 1996): nothing of what they
   have learnt is lost. All fields of the inner iteration lie as the finest level of the multigrid does; b of that level is the residual
   and x what the multigrid makes of it. */
#ifndef CASTSOLVE_FLOW_GRADIENTS_H
#define CASTSOLVE_FLOW_GRADIENTS_H

#include "_flow_multigrid.h"

/* Place on the finest level of a voxel of the flow. */
INLINE ptrdiff_t level_place(const FlowLevel *l, const Flow *s, ptrdiff_t n) {
    const ptrdiff_t i = n / s->step[0] - FLOW_HALO + 1, j = n / s->step[1] % s->ny - FLOW_HALO + 1;
    return LEVEL_ROW(l, i, j) + n % s->nz - FLOW_HALO + LEVEL_LANES;
}

/* Partial results of a plane, where the flow keeps those of its own. */
#define LEVEL_PLANE(s, i) ((s)->plane + 4 * ((i) + FLOW_HALO - 1))

/* Add what was found to the pressure, and forget it. Whole vectors may reach beyond a row of the flow; nothing was found there. */
LANES void level_add(void *level, ptrdiff_t i0, ptrdiff_t i1) {
    const FlowLevel *l = (const FlowLevel *)level;
    const Flow *s = l->flow;
    const double unit = l->unit;
    for (ptrdiff_t i = i0; i < i1; ++i)
        LEVEL_ROWS(l, i) {
            float *restrict y = l->y + at * l->step[1];
            double *restrict P = s->P + LEVEL_FLOW(s, i, j);
            for (int k = l->first[at], stop = l->end[at]; k < stop; ++k) {
                P[k] += (double)y[k] * unit;
                y[k] = 0.0f;
            }
        }
}

/* Right-hand side less matrix times P. */
#define DOUBLES_LEFT(k) \
    (DOUBLES_AT(rhs, k) - DOUBLES_AT(diag, k) * DOUBLES_AT(P, k) + \
     DOUBLES_AT(cx, k) * DOUBLES_AT(P, k - sx) + DOUBLES_AT(cx, k + sx) * DOUBLES_AT(P, k + sx) + \
     DOUBLES_AT(cy, k) * DOUBLES_AT(P, k - sy) + DOUBLES_AT(cy, k + sy) * DOUBLES_AT(P, k + sy) + \
     DOUBLES_AT(cz, k) * DOUBLES_AT(P, k - 1) + DOUBLES_AT(cz, k + 1) * DOUBLES_AT(P, k + 1))

/* The true residual, for the inner iteration; its largest entry a plane. */
LANES void level_residual(void *level, ptrdiff_t i0, ptrdiff_t i1) {
    const FlowLevel *l = (const FlowLevel *)level;
    const Flow *s = l->flow;
    const double over = 1.0 / l->unit;
    const ptrdiff_t sx = s->step[0], sy = s->step[1];
    for (ptrdiff_t i = i0; i < i1; ++i) {
        Doubles most = {0.0};
        LEVEL_ROWS(l, i) {
            const ptrdiff_t row = LEVEL_FLOW(s, i, j);
            const double *diag = s->diag + row, *rhs = s->rhs + row, *P = s->P + row;
            const double *cx = s->coef[0] + row, *cy = s->coef[1] + row, *cz = s->coef[2] + row;
            const float *inverse = l->inverse + at * l->step[1];
            float *b = l->b + at * l->step[1];
            /* columns beyond the row may be voxels of the next one */
            for (int k = l->first[at], stop = l->end[at]; k < stop; k += DOUBLES) {
                const Doubles wet = DOUBLES_OF_FLOATS(inverse, k), none = {0.0};
                const Doubles left = DOUBLES_IF(wet > 0.0, DOUBLES_LEFT(k), none), size = DOUBLES_SIZE(left);
                FLOATS_OF_DOUBLES(b, k, left * over);
                most = DOUBLES_IF(size <= most, most, size);
            }
        }
        double largest = 0.0;
        for (int lane = 0; lane < DOUBLES; ++lane) {
            const double own = DOUBLE_OF(most, lane);
            largest = !(own <= largest) ? own : largest;
        }
        *LEVEL_PLANE(s, i) = largest;
    }
}

/* Lanes of a row are added to those of its plane in double precision. A voxel's lane is given by its place alone, and what is no voxel adds
   zero: no sum depends on where rows begin and end. */
#define LEVEL_GATHER(sum, part) \
    for (int lane = 0; lane < FLOATS; ++lane) (sum)[lane] += (double)FLOAT_OF(part, lane);

INLINE double level_added(const double *sum) {
    double total = 0.0;
    for (int lane = 0; lane < FLOATS; ++lane) total += sum[lane];
    return total;
}

/* x.b, plane by plane. */
LANES void level_product(void *level, ptrdiff_t i0, ptrdiff_t i1) {
    const FlowLevel *l = (const FlowLevel *)level;
    for (ptrdiff_t i = i0; i < i1; ++i) {
        double sum[FLOATS] = {0.0};
        LEVEL_ROWS(l, i) {
            const float *x = l->x + at * l->step[1], *b = l->b + at * l->step[1];
            Floats part = {0.0f};
            LEVEL_VECTORS(l, at) part += FLOATS_AT(x, k) * FLOATS_AT(b, k);
            LEVEL_GATHER(sum, part)
        }
        *LEVEL_PLANE(l->flow, i) = level_added(sum);
    }
}

/* p = x + beta p. */
LANES void level_turn(void *level, ptrdiff_t i0, ptrdiff_t i1) {
    const FlowLevel *l = (const FlowLevel *)level;
    const float beta = (float)l->flow->beta;
    for (ptrdiff_t i = i0; i < i1; ++i)
        LEVEL_ROWS(l, i) {
            const float *x = l->x + at * l->step[1];
            float *p = l->p + at * l->step[1];
            LEVEL_VECTORS(l, at) FLOATS_SET(p, k) = FLOATS_AT(x, k) + beta * FLOATS_AT(p, k);
        }
}

/* q = A p; p.q plane by plane. */
LANES void level_apply(void *level, ptrdiff_t i0, ptrdiff_t i1) {
    const FlowLevel *l = (const FlowLevel *)level;
    const ptrdiff_t sx = l->step[0], sy = l->step[1];
    for (ptrdiff_t i = i0; i < i1; ++i) {
        double sum[FLOATS] = {0.0};
        LEVEL_ROWS(l, i) {
            const ptrdiff_t row = at * sy;
            const float *outer = l->outer + row, *p = l->p + row;
            const float *lx = l->link[0] + row, *ly = l->link[1] + row, *lz = l->link[2] + row;
            float *q = l->q + row;
            Floats part = {0.0f};
            LEVEL_VECTORS(l, at) {
                const Floats out = LEVEL_OUT(p, outer, lx, ly, lz, sx, sy, k);
                FLOATS_SET(q, k) = out;
                part += out * FLOATS_AT(p, k);
            }
            LEVEL_GATHER(sum, part)
        }
        *LEVEL_PLANE(l->flow, i) = level_added(sum);
    }
}

/* y += alpha p, b -= alpha q with alpha in beta; largest residual a plane. */
LANES void level_march(void *level, ptrdiff_t i0, ptrdiff_t i1) {
    const FlowLevel *l = (const FlowLevel *)level;
    const float alpha = (float)l->flow->beta;
    for (ptrdiff_t i = i0; i < i1; ++i) {
        Floats most = {0.0f};
        LEVEL_ROWS(l, i) {
            const ptrdiff_t row = at * l->step[1];
            const float *p = l->p + row, *q = l->q + row;
            float *y = l->y + row, *b = l->b + row;
            LEVEL_VECTORS(l, at) {
                const Floats left = FLOATS_AT(b, k) - alpha * FLOATS_AT(q, k), size = FLOATS_SIZE(left);
                FLOATS_SET(y, k) += alpha * FLOATS_AT(p, k);
                FLOATS_SET(b, k) = left;
                most = FLOATS_IF(size <= most, most, size);
            }
        }
        double largest = 0.0;
        for (int lane = 0; lane < FLOATS; ++lane) {
            const double own = (double)FLOAT_OF(most, lane);
            largest = !(own <= largest) ? own : largest;
        }
        *LEVEL_PLANE(l->flow, i) = largest;
    }
}

#endif
