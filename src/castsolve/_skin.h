/* How thick walls are: rays from the wall's planes through the body to the wall on its other side. */
#ifndef CASTSOLVE_SKIN_H
#define CASTSOLVE_SKIN_H

#include "_share.h"

#define SKIN_FLAT 0.98   /* a plane is one where its pieces' normals agree to this length of their mean */
#define SKIN_FACING 0.8  /* a wall ends a ray where their directions agree to this cosine */
#define SKIN_OUTSIDE 1.5 /* smallest voxels that a ray may pass through others' voxels: a stair on an oblique wall */

/* The planes of one packet: for each direction and sign the mean plane of its pieces, counted where that direction is the
   largest of its normal. row[5] a plane: normal, offset from the voxel's centre, area. Returns how many there are. */
static int skin_planes(const double *wall, float (*row)[5]) {
    int n = 0;
    for (int w = 0; w < 6; ++w) {
        const double weight = wall[w], *sum = wall + 12 + 3 * w;
        if (!(weight > 0.0)) continue;
        const double length = sqrt(mix_dot(sum, sum));
        if (length < SKIN_FLAT * weight) continue;
        const double normal[3] = {sum[0] / length, sum[1] / length, sum[2] / length};
        const int d = w / 2;
        /* the first of equally large directions, but for rounding */
        int largest = 1;
        for (int c = 0; c < 3; ++c)
            if (c != d && fabs(normal[c]) > fabs(normal[d]) + (c < d ? -1e-9 : 1e-9)) largest = 0;
        if (!largest) continue;
        for (int c = 0; c < 3; ++c) row[n][c] = (float)normal[c];
        row[n][3] = (float)(wall[6 + w] / weight);
        row[n][4] = (float)(weight / (normal[d] * normal[d]));
        ++n;
    }
    return n;
}

typedef struct {
    const uint8_t *region; /* of the whole grid */
    ptrdiff_t ny, nz;
    ptrdiff_t lo[3], size[3]; /* window: first voxel and number of voxels */
    const double *node[3];    /* of the whole grid (m) */
    double voxel;             /* its smallest spacing (m) */
    uint8_t mirror[6];        /* window's low and high side of each axis: whether rays come back from it */
    const int64_t *place;     /* voxel of each plane, rising */
    const uint8_t *pair;      /* [planes][2]: inner, outer region */
    const float *plane;       /* [planes][5] */
    const int32_t *first;     /* [window]: first plane of a voxel or -1 */
    ptrdiff_t planes;
    int wanted;     /* region whose thickness is sought */
    double longest; /* rays end here (m) */
} SkinField;

typedef struct {
    double origin[3], way[3]; /* as seen in the last mirror (m) */
    ptrdiff_t v[3];           /* voxel of the window */
    double next[3];           /* length at which the ray leaves it, by axis (m) */
} SkinRay;

/* Middle of a voxel of the window along an axis (m). */
INLINE double skin_middle(const SkinField *f, int axis, ptrdiff_t v) {
    const double *node = f->node[axis] + f->lo[axis] + v;
    return 0.5 * (node[0] + node[1]);
}

/* Length at which a ray leaves its voxel along an axis. */
INLINE void skin_leave(const SkinField *f, SkinRay *r, int axis) {
    const double *node = f->node[axis] + f->lo[axis] + r->v[axis];
    const double way = r->way[axis];
    r->next[axis] = fabs(way) > 1e-9 ? (node[way > 0.0] - r->origin[axis]) / way : 1e30;
}

/* Step into the next voxel along an axis, or back from a mirror; 0 where the window ends. */
static int skin_step(const SkinField *f, SkinRay *r, int axis) {
    const int up = r->way[axis] > 0.0;
    const ptrdiff_t to = r->v[axis] + (up ? 1 : -1);
    if (to >= 0 && to < f->size[axis]) {
        r->v[axis] = to;
    } else {
        if (!f->mirror[2 * axis + up]) return 0;
        const double border = f->node[axis][f->lo[axis] + (up ? f->size[axis] : 0)];
        r->origin[axis] = 2.0 * border - r->origin[axis];
        r->way[axis] = -r->way[axis];
    }
    skin_leave(f, r, axis);
    return 1;
}

/* Start a ray from plane q into the wanted region; 0 where the plane lies outside the window. */
static int skin_start(const SkinField *f, ptrdiff_t q, SkinRay *r) {
    const float *plane = f->plane + 5 * q;
    const double sense = f->pair[2 * q] == f->wanted ? -1.0 : 1.0; /* normals point from the inner to the outer region */
    const int64_t place = f->place[q];
    const ptrdiff_t home[3] = {(ptrdiff_t)(place / (f->ny * f->nz)) - f->lo[0], (ptrdiff_t)(place / f->nz % f->ny) - f->lo[1],
                               (ptrdiff_t)(place % f->nz) - f->lo[2]};
    for (int c = 0; c < 3; ++c) {
        r->way[c] = sense * plane[c];
        r->origin[c] = skin_middle(f, c, home[c]) + (double)plane[3] * plane[c];
        r->v[c] = home[c];
        /* the wall may lie on the voxel's face, or its mean point a little beyond */
        const double at = r->origin[c] + 1e-6 * f->voxel * r->way[c];
        while (r->v[c] > 0 && at < f->node[c][f->lo[c] + r->v[c]]) --r->v[c];
        while (r->v[c] < f->size[c] && at >= f->node[c][f->lo[c] + r->v[c] + 1]) ++r->v[c];
        if (r->v[c] >= f->size[c] || at < f->node[c][f->lo[c]]) return 0;
        skin_leave(f, r, c);
    }
    return 1;
}

/* The nearest wall in the ray's voxel that ends it between two lengths; its far region goes to beyond. 1e30 where there is none. */
static double skin_meet(const SkinField *f, const SkinRay *r, double from, double to, int *beyond) {
    const ptrdiff_t *v = r->v;
    const int32_t first = f->first[(v[0] * f->size[1] + v[1]) * f->size[2] + v[2]];
    const int64_t grid = ((v[0] + f->lo[0]) * f->ny + v[1] + f->lo[1]) * f->nz + v[2] + f->lo[2];
    double nearest = 1e30;
    for (ptrdiff_t p = first; p >= 0 && p < f->planes && f->place[p] == grid; ++p) {
        const float *plane = f->plane + 5 * p;
        const int inner = f->pair[2 * p] == f->wanted;
        double turn = 0.0, height = plane[3];
        if (!inner && f->pair[2 * p + 1] != f->wanted) continue;
        for (int c = 0; c < 3; ++c) {
            turn += plane[c] * r->way[c];
            height -= plane[c] * (r->origin[c] - skin_middle(f, c, v[c]));
        }
        if ((inner ? turn : -turn) < SKIN_FACING) continue;
        const double length = height / turn;
        if (length > 1e-4 * f->voxel && length > from && length < to && length < nearest) {
            nearest = length;
            *beyond = f->pair[2 * p + inner];
        }
    }
    return nearest;
}

/* Length (m) of the ray from plane q through the wanted region to a wall that faces it, with the region behind that wall in
   beyond; 1e30 where there is none. */
static double skin_ray(const SkinField *f, ptrdiff_t q, int *beyond) {
    SkinRay r;
    if (!skin_start(f, q, &r)) return 1e30;
    const double near = 0.5 * f->voxel, stray = SKIN_OUTSIDE * f->voxel;
    double here = 0.0, outside = 0.0;
    while (here < f->longest) {
        const int axis = r.next[0] <= r.next[1] ? (r.next[0] <= r.next[2] ? 0 : 2) : (r.next[1] <= r.next[2] ? 1 : 2);
        const double leave = r.next[axis];
        const double met = skin_meet(f, &r, here - near, leave + near, beyond);
        if (met < 1e29) return met;
        const int64_t grid = ((r.v[0] + f->lo[0]) * f->ny + r.v[1] + f->lo[1]) * f->nz + r.v[2] + f->lo[2];
        outside = f->region[grid] == f->wanted ? 0.0 : outside + leave - here;
        if (outside > stray || !skin_step(f, &r, axis)) return 1e30;
        here = leave > here ? leave : here;
    }
    return 1e30;
}

#endif
