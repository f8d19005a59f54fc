/* Deep voxels that lose more in a step than they hold: what the metal carries through them is moved in parts of the step, voxel by voxel
   and face by face. Within one call none of them writes what another reads: any number of threads may share them. */
#ifndef CASTSOLVE_FLOW_QUICK_H
#define CASTSOLVE_FLOW_QUICK_H

#include "_flow_depth.h"

typedef struct {
    Flow *flow;
    int64_t *voxel, *face;   /* the quick voxels; their faces of one component */
    double *kept, *next;     /* velocities of the faces before the step, and after a part of it */
    int content, part;       /* which of what is carried; which part of the step */
    double share;            /* of a part in the step */
} FlowQuick;

/* List the quick voxels of some planes; plane[2] says where those of a plane begin. */
void quick_list(void *quick, ptrdiff_t i0, ptrdiff_t i1) {
    const FlowQuick *w = (const FlowQuick *)quick;
    const Flow *s = w->flow;
    for (ptrdiff_t p = i0; p < i1; ++p) {
        if (!(s->plane[4 * p + 1] > 0.0)) continue;
        int64_t *to = w->voxel + (ptrdiff_t)s->plane[4 * p + 2];
        FLOW_ROWS(s, p, p + 1) if (s->depth[n] == DEPTH_QUICK) *to++ = n;
    }
}

/* Whether a side of a quick voxel is its own: a face between two of them is the lower one's. */
INLINE int quick_owns(const Flow *s, ptrdiff_t n, int side) { return side & 1 || s->depth[n - s->step[side >> 1]] != DEPTH_QUICK; }

/* Volumes through the faces of the quick voxels, known before the sweeps; what content passed them in the step before is forgotten, for the
   sweeps leave it alone. */
void quick_fluxes(void *quick, ptrdiff_t q0, ptrdiff_t q1) {
    const FlowQuick *w = (const FlowQuick *)quick;
    const Flow *s = w->flow;
    const double scale = s->dt / s->h;
    for (ptrdiff_t q = q0; q < q1; ++q)
        for (int side = 0; side < 6; ++side) {
            if (!quick_owns(s, w->voxel[q], side)) continue;
            const int d = side >> 1;
            const ptrdiff_t n = w->voxel[q] + (side & 1 ? s->step[d] : 0);
            const double through = s->a[d][n] * s->un[d][n] * scale;
            const ptrdiff_t donor = through > 0.0 ? n - s->step[d] : n;
            const double volume = flow_deep_flux(s, donor, fabs(through));
            s->G[d][n] = through > 0.0 ? volume : -volume;
            for (int c = 0; c < s->ncarried; ++c) s->GE[c][d * s->nx * s->step[0] + n] = 0.0;
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

/* What passes the faces of the quick voxels in a part of the step, into the conductances, which are free while metal is moved; the
   neighbours' contents stand still meanwhile. */
void quick_pass(void *quick, ptrdiff_t q0, ptrdiff_t q1) {
    const FlowQuick *w = (const FlowQuick *)quick;
    const Flow *s = w->flow;
    for (ptrdiff_t q = q0; q < q1; ++q)
        for (int side = 0; side < 6; ++side) {
            if (!quick_owns(s, w->voxel[q], side)) continue;
            const int d = side >> 1;
            const ptrdiff_t n = w->voxel[q] + (side & 1 ? s->step[d] : 0);
            const double G = s->G[d][n] * w->share;
            s->coef[d][n] = G == 0.0 ? 0.0 : G * quick_carried(s, w->content, d, n, G, w->share);
        }
}

/* Take that into the working copies, and add it up. */
void quick_take(void *quick, ptrdiff_t q0, ptrdiff_t q1) {
    const FlowQuick *w = (const FlowQuick *)quick;
    const Flow *s = w->flow;
    for (ptrdiff_t q = q0; q < q1; ++q) {
        const ptrdiff_t n = w->voxel[q];
        for (int d = 0; d < 3; ++d) {
            double *GE = s->GE[w->content] + d * s->nx * s->step[0];
            const ptrdiff_t up = n + s->step[d];
            s->E1[w->content][n] -= s->coef[d][up] - s->coef[d][n];
            s->F1[n] -= (s->G[d][up] - s->G[d][n]) * w->share;
            if (quick_owns(s, n, 2 * d)) GE[n] += s->coef[d][n];
            GE[up] += s->coef[d][up];
        }
    }
}

/* The working copies as they were before: the sweeps take the sums. */
void quick_return(void *quick, ptrdiff_t q0, ptrdiff_t q1) {
    const FlowQuick *w = (const FlowQuick *)quick;
    const Flow *s = w->flow;
    for (ptrdiff_t q = q0; q < q1; ++q) {
        const ptrdiff_t n = w->voxel[q];
        s->E1[w->content][n] = s->En[w->content][n];
        s->F1[n] = s->Fn[n];
    }
}

/* List the faces of component s->pass of so many quick voxels; returns how many there are. */
ptrdiff_t quick_faces(const FlowQuick *w, ptrdiff_t count) {
    const Flow *s = w->flow;
    const int d = s->pass;
    ptrdiff_t found = 0;
    for (ptrdiff_t q = 0; q < count; ++q) {
        const ptrdiff_t n = w->voxel[q], up = n + s->step[d];
        if (s->face[d][n] == FACE_OPEN && quick_owns(s, n, 2 * d)) w->face[found++] = n;
        if (s->face[d][up] == FACE_OPEN) w->face[found++] = up;
    }
    return found;
}

/* Keep the velocities of the start of the step. Beside slivers no force is held: what is gone before a part has passed feels little of one,
   and it would swing up there. */
void quick_keep(void *quick, ptrdiff_t q0, ptrdiff_t q1) {
    const FlowQuick *w = (const FlowQuick *)quick;
    const Flow *s = w->flow;
    const int d = s->pass;
    for (ptrdiff_t q = q0; q < q1; ++q) {
        const ptrdiff_t n = w->face[q];
        w->kept[q] = s->un[d][n];
        if (s->V[n] < DEPTH_SLIVER || s->V[n - s->step[d]] < DEPTH_SLIVER) s->force[d][n] = 0.0;
    }
}

/* Momentum that passes the sides of the faces' volumes in a part of the step, by the places of their low sides, into the work arrays. A side
   between two of the faces is the upper one's. */
void quick_sides(void *quick, ptrdiff_t q0, ptrdiff_t q1) {
    const FlowQuick *w = (const FlowQuick *)quick;
    const Flow *s = w->flow;
    const int d = s->pass;
    double *const passed[3] = {s->q, s->r, s->z};
    double volume;
    for (ptrdiff_t q = q0; q < q1; ++q)
        for (int e = 0; e < 3; ++e) {
            const ptrdiff_t n = w->face[q], up = n + s->step[e];
            passed[e][n] = flow_side(s, n, d, e, 0, &volume);
            if (s->face[d][up] != FACE_OPEN || !flow_quick_face(s, up, d)) passed[e][up] = flow_side(s, n, d, e, 1, &volume);
        }
}

/* Velocities of the faces carried for a part of the step under the forces of the last one, which keep a steady stream steady. All other
   velocities stand still meanwhile. */
void quick_carry(void *quick, ptrdiff_t q0, ptrdiff_t q1) {
    const FlowQuick *w = (const FlowQuick *)quick;
    const Flow *s = w->flow;
    const int d = s->pass;
    const double share = w->share, *const passed[3] = {s->q, s->r, s->z};
    for (ptrdiff_t q = q0; q < q1; ++q) {
        const ptrdiff_t n = w->face[q], low = n - s->step[d];
        const double before = flow_mass(s, n, d), gain = 0.5 * (s->F[n] + s->F[low]) - before;
        double in = s->plain[d][n] ? 0.0 : -flow_edges(s, n, d), out = 0.0, leaves = 0.0;
        for (int side = 0; side < 6; ++side) {
            const int e = side >> 1, up = side & 1;
            const ptrdiff_t at = up ? n + s->step[e] : n;
            const double flux = passed[e][at], volume = 0.5 * (s->G[e][at - s->step[d]] + s->G[e][at]);
            if (volume == 0.0) continue;
            if ((volume > 0.0) == up) out += up ? flux : -flux, leaves += fabs(volume);
            else in += up ? -flux : flux;
        }
        const double was = before + gain * (w->part * share), is = before + gain * ((w->part + 1) * share);
        /* where more leaves in a part than there is, at the velocity that is found */
        const double next = leaves * share < was ? (was * s->un[d][n] + share * (in - out)) / is
                                                 : (was * s->un[d][n] + share * in) / (is + leaves * share);
        w->next[q] = next + share * s->ratio * s->force[d][n];
    }
}

/* Take on what a part of the step has made of them. */
void quick_move(void *quick, ptrdiff_t q0, ptrdiff_t q1) {
    const FlowQuick *w = (const FlowQuick *)quick;
    double *un = w->flow->un[w->flow->pass];
    for (ptrdiff_t q = q0; q < q1; ++q) un[w->face[q]] = w->next[q];
}

/* Take the forces out again: those of this step act as on all other faces. */
void quick_give(void *quick, ptrdiff_t q0, ptrdiff_t q1) {
    const FlowQuick *w = (const FlowQuick *)quick;
    const Flow *s = w->flow;
    const int d = s->pass;
    for (ptrdiff_t q = q0; q < q1; ++q) {
        const ptrdiff_t n = w->face[q];
        s->u[d][n] = s->un[d][n] - s->ratio * s->force[d][n];
        s->un[d][n] = w->kept[q];
    }
}

#endif
