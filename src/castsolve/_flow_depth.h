/* How deep a voxel lies in the liquid. No Courant number limits full voxels: what enters leaves. Where more passes through one in a step than
   it holds, what the metal carries is moved in parts of the step (_flow_quick.h). */
#ifndef CASTSOLVE_FLOW_DEPTH_H
#define CASTSOLVE_FLOW_DEPTH_H

#include "_flow_content.h"
#include "_flow_momentum.h"

/* A voxel that lacks less than this share is full here; such a void closes where it is. */
#define DEPTH_LACK 1e-3
/* Cut voxels with less cavity than this do not shorten the parts of a step: what they pass on is mixed with what comes in. */
#define DEPTH_SLIVER 0.25

/* 0 where voxels are not full of liquid or are porous, and at ports; DEPTH_MOST elsewhere. */
void flow_shallow(void *flow, ptrdiff_t i0, ptrdiff_t i1) {
    const Flow *s = (const Flow *)flow;
    for (ptrdiff_t n = i0 * s->step[0]; n < i1 * s->step[0]; ++n) s->depth[n] = s->kind[n] == FLOW_SOLID ? DEPTH_MOST : 0;
    FLOW_ROWS(s, i0, i1) {
        if (s->kind[n] != FLOW_CAVITY || !(s->F[n] >= s->V[n] * (1.0 - DEPTH_LACK))) continue;
        if (!(s->drag && (s->drag[n] > 0.0 || s->inertia[n] > 0.0))) s->depth[n] = DEPTH_MOST;
    }
}

/* One step further from what is not full, from one array to the other by turns; through walls too, which only makes it less deep. */
LANES void flow_deepen(void *flow, ptrdiff_t i0, ptrdiff_t i1) {
    const Flow *s = (const Flow *)flow;
    const uint8_t *from = s->pass ? s->shallow : s->depth;
    uint8_t *to = s->pass ? s->depth : s->shallow;
    const ptrdiff_t a = s->step[0], b = s->step[1];
    for (ptrdiff_t n = i0 * a; n < i1 * a; ++n) {
        uint8_t least = from[n - 1] < from[n + 1] ? from[n - 1] : from[n + 1];
        least = from[n - b] < least ? from[n - b] : least;
        least = from[n + b] < least ? from[n + b] : least;
        least = from[n - a] < least ? from[n - a] : least;
        least = from[n + a] < least ? from[n + a] : least;
        ++least;
        to[n] = from[n] < least ? from[n] : least;
    }
}

/* Volume that leaves a deep voxel through a face to another: all that the velocity asks for, for as much comes in; where the surface is
   nearer, no more than the voxel holds. */
INLINE double flow_deep_flux(const Flow *s, ptrdiff_t donor, double out) {
    return s->depth[donor] >= DEPTH_MOST || out < s->V[donor] ? out : s->V[donor];
}

/* Mark the deep voxels that lose more than they hold in the step; plane[0] is the largest such share, slivers aside, plane[1] how many
   they are. */
void flow_quick(void *flow, ptrdiff_t i0, ptrdiff_t i1) {
    const Flow *s = (const Flow *)flow;
    const double scale = s->dt / s->h;
    for (ptrdiff_t p = i0; p < i1; ++p) {
        double most = 0.0, count = 0.0;
        FLOW_ROWS(s, p, p + 1) {
            if (s->depth[n] < DEPTH_MOST || s->kind[n] != FLOW_CAVITY) continue;
            double out = 0.0;
            for (int d = 0; d < 3; ++d) {
                const ptrdiff_t up = n + s->step[d];
                const double low = -s->a[d][n] * s->un[d][n], high = s->a[d][up] * s->un[d][up];
                out += (low > 0.0 ? low : 0.0) + (high > 0.0 ? high : 0.0);
            }
            const double V = s->V[n], share = out * scale;
            s->depth[n] = share > V ? DEPTH_QUICK : DEPTH_MOST;
            count += share > V;
            if (share > most * (V > DEPTH_SLIVER ? V : DEPTH_SLIVER)) most = share / (V > DEPTH_SLIVER ? V : DEPTH_SLIVER);
        }
        s->plane[4 * p] = most;
        s->plane[4 * p + 1] = count;
    }
}

/* What the step gave the deep faces besides transport (flow_momentum noted the velocities before it), and in all. */
void flow_force(void *flow, ptrdiff_t i0, ptrdiff_t i1) {
    const Flow *s = (const Flow *)flow;
    for (int d = 0; d < 3; ++d)
        FLOW_ROWS(s, i0, i1) {
            const int deep = flow_deep_face(s, n, d);
            if (deep) s->force[d][n] += s->u[d][n];
            s->drift[d][n] = deep ? s->u[d][n] - s->un[d][n] : 0.0;
        }
}

#endif
