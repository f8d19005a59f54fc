/* How deep a voxel lies in the liquid. No Courant number limits full voxels: what enters leaves. Where more passes through one in a step than
   it holds, what the metal carries is moved in parts of the step. */
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

/* Mark the deep voxels that lose more than they hold in the step; plane[0] is the largest such share, slivers aside. */
void flow_quick(void *flow, ptrdiff_t i0, ptrdiff_t i1) {
    const Flow *s = (const Flow *)flow;
    const double scale = s->dt / s->h;
    for (ptrdiff_t p = i0; p < i1; ++p) {
        double most = 0.0;
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
            if (share > most * (V > DEPTH_SLIVER ? V : DEPTH_SLIVER)) most = share / (V > DEPTH_SLIVER ? V : DEPTH_SLIVER);
        }
        s->plane[4 * p] = most;
    }
}

/* The quick voxels in their order; returns how many there are. */
ptrdiff_t quick_list(const Flow *s, int64_t *voxel) {
    ptrdiff_t count = 0;
    FLOW_ROWS(s, 2, s->nx - 2) if (s->depth[n] == DEPTH_QUICK) voxel[count++] = n;
    return count;
}

/* Volumes through the faces of the quick voxels, known before the sweeps. */
void quick_fluxes(const Flow *s, const int64_t *voxel, ptrdiff_t count) {
    const double scale = s->dt / s->h;
    for (ptrdiff_t q = 0; q < count; ++q)
        for (int side = 0; side < 6; ++side) {
            const int d = side >> 1;
            const ptrdiff_t n = voxel[q] + (side & 1 ? s->step[d] : 0);
            const double through = s->a[d][n] * s->un[d][n] * scale;
            const ptrdiff_t donor = through > 0.0 ? n - s->step[d] : n;
            const double volume = flow_deep_flux(s, donor, fabs(through));
            s->G[d][n] = through > 0.0 ? volume : -volume;
        }
}

/* Content per volume of a voxel once what comes in during a part of the step is in it. */
static double quick_mixed(const Flow *s, int c, ptrdiff_t n, double share) {
    double content = s->E1[c][n], volume = s->F1[n];
    for (int side = 0; side < 6; ++side) {
        const int d = side >> 1, up = side & 1;
        const ptrdiff_t nb = up ? n + s->step[d] : n - s->step[d];
        const double in = share * (up ? -s->G[d][nb] : s->G[d][n]);
        if (!(in > 0.0)) continue;
        content += in * flow_within(s, c, s->E1[c][nb], s->F1[nb]);
        volume += in;
    }
    return flow_within(s, c, content, volume);
}

/* Content per volume that leaves the donor through face n in a part of the step, with a limited slope as in flow_carry. */
static double quick_carried(const Flow *s, int c, int d, ptrdiff_t n, double G, double share) {
    const ptrdiff_t st = s->step[d];
    const int up = G > 0.0;
    const ptrdiff_t donor = up ? n - st : n, down = up ? n : n - st, far = 2 * donor - down;
    if (s->V[donor] < DEPTH_SLIVER) return quick_mixed(s, c, donor, share);
    const double own = flow_within(s, c, s->E1[c][donor], s->F1[donor]);
    if (!(s->a[d][up ? donor : far] > 0.0) || !flow_rich(s, far)) return own;
    const double before = flow_within(s, c, s->E1[c][far], s->F1[far]), beyond = flow_within(s, c, s->E1[c][down], s->F1[down]);
    const double part = fabs(G) / s->F1[donor];
    return flow_within(s, c, own + 0.5 * (part < 1.0 ? 1.0 - part : 0.0) * flow_limited(own - before, beyond - own), 1.0);
}

/* Move the contents of the quick voxels in parts of the step and add up what passed their faces; the neighbours' contents stand still
   meanwhile. The working copies are then as before: the sweeps take the sums. Faces: low and high along every axis, a voxel a row. */
void quick_contents(const Flow *s, const int64_t *voxel, ptrdiff_t count, int parts, double *passed) {
    const double share = 1.0 / parts;
    for (int c = 0; c < s->ncarried; ++c) {
        double *E = s->E1[c];
        for (int t = 0; t < parts; ++t) {
            for (ptrdiff_t q = 0; q < count; ++q)
                for (int side = 0; side < 6; ++side) {
                    const int d = side >> 1;
                    const ptrdiff_t n = voxel[q] + (side & 1 ? s->step[d] : 0);
                    const double G = s->G[d][n] * share;
                    passed[6 * q + side] = G == 0.0 ? 0.0 : G * quick_carried(s, c, d, n, G, share);
                }
            for (ptrdiff_t q = 0; q < count; ++q) {
                const ptrdiff_t n = voxel[q];
                for (int d = 0; d < 3; ++d) {
                    double *GE = s->GE[c] + d * s->nx * s->step[0];
                    const ptrdiff_t up = n + s->step[d];
                    E[n] -= passed[6 * q + 2 * d + 1] - passed[6 * q + 2 * d];
                    s->F1[n] -= (s->G[d][up] - s->G[d][n]) * share;
                    if (s->depth[n - s->step[d]] != DEPTH_QUICK) GE[n] += passed[6 * q + 2 * d]; /* a face between two is the lower one's */
                    GE[up] += passed[6 * q + 2 * d + 1];
                }
            }
        }
        for (ptrdiff_t q = 0; q < count; ++q) {
            E[voxel[q]] = s->En[c][voxel[q]];
            s->F1[voxel[q]] = s->Fn[voxel[q]];
        }
    }
}

/* Faces of the quick voxels, component by component; first[d] is where those of d begin. */
void quick_faces(const Flow *s, const int64_t *voxel, ptrdiff_t count, int64_t *face, int64_t *first) {
    int64_t found = 0;
    for (int d = 0; d < 3; ++d) {
        const ptrdiff_t st = s->step[d];
        first[d] = found;
        for (ptrdiff_t q = 0; q < count; ++q) {
            const ptrdiff_t n = voxel[q];
            if (s->face[d][n] == FACE_OPEN && s->depth[n - st] != DEPTH_QUICK) face[found++] = n;
            if (s->face[d][n + st] == FACE_OPEN) face[found++] = n + st;
        }
    }
    first[3] = found;
}

/* Velocities of those faces, carried in parts of the step under the forces of the last one, which keep a steady stream steady; then
   these forces are taken out again, and those of this step act as on all other faces. All other velocities stand still meanwhile. Beside
   slivers no force is held: what is gone before a part has passed feels little of one, and it would swing up there. */
void quick_momentum(Flow *s, const int64_t *face, const int64_t *first, int parts, double *kept, double *next) {
    const double share = 1.0 / parts;
    s->part = share;
    for (int d = 0; d < 3; ++d)
        for (int64_t q = first[d]; q < first[d + 1]; ++q) {
            const ptrdiff_t n = face[q];
            kept[q] = s->un[d][n];
            if (s->V[n] < DEPTH_SLIVER || s->V[n - s->step[d]] < DEPTH_SLIVER) s->force[d][n] = 0.0;
        }
    for (int t = 0; t < parts; ++t) {
        for (int d = 0; d < 3; ++d)
            for (int64_t q = first[d]; q < first[d + 1]; ++q) {
                const ptrdiff_t n = face[q];
                const double before = flow_mass(s, n, d), gain = 0.5 * (s->F[n] + s->F[n - s->step[d]]) - before;
                double in = -flow_edges(s, n, d), out = 0.0, leaves = 0.0, volume;
                for (int side = 0; side < 6; ++side) {
                    const double flux = flow_side(s, n, d, side >> 1, side & 1, &volume);
                    if ((volume > 0.0) == (side & 1)) out += fabs(volume) > 0.0 ? (side & 1 ? flux : -flux) : 0.0, leaves += fabs(volume);
                    else in += side & 1 ? -flux : flux;
                }
                const double was = before + gain * (t * share), is = before + gain * ((t + 1) * share);
                /* where more leaves in a part than there is, at the velocity that is found */
                next[q] = leaves * share < was ? (was * s->un[d][n] + share * (in - out)) / is
                                               : (was * s->un[d][n] + share * in) / (is + leaves * share);
                next[q] += share * s->ratio * s->force[d][n];
            }
        for (int d = 0; d < 3; ++d)
            for (int64_t q = first[d]; q < first[d + 1]; ++q) s->un[d][face[q]] = next[q];
    }
    s->part = 1.0;
    for (int d = 0; d < 3; ++d)
        for (int64_t q = first[d]; q < first[d + 1]; ++q) {
            const ptrdiff_t n = face[q];
            s->u[d][n] = s->un[d][n] - s->ratio * s->force[d][n];
            s->un[d][n] = kept[q];
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
