/* How thick walls are: rays from the wall's planes through the body to the wall on its other side. */
#ifndef CASTSOLVE_SKIN_H
#define CASTSOLVE_SKIN_H

#include "_share.h"

#define SKIN_FLAT 0.98   /* a plane is one where its pieces' normals agree to this length of their mean */
#define SKIN_FACING 0.8  /* a wall ends a ray where their directions agree to this cosine */
#define SKIN_OUTSIDE 1.5 /* voxels that a ray may pass through others' voxels: a stair on an oblique wall */

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
    ptrdiff_t lo[3], size[3]; /* uniform window: first voxel and number of voxels */
    double voxel;                     /* its spacing */
    const int64_t *place; /* voxel of each plane, rising */
    const uint8_t *pair;  /* [planes][2]: inner, outer region */
    const float *plane;   /* [planes][5] */
    const int32_t *first; /* [window]: first plane of a voxel or -1 */
    ptrdiff_t planes;
    int wanted;     /* region whose thickness is sought */
    double longest; /* rays end here (voxels) */
} SkinField;

/* Length in voxels of the ray from plane q through the wanted region to a wall that faces it; 1e30 where there is none. */
static double skin_ray(const SkinField *f, ptrdiff_t q) {
    const float *plane = f->plane + 5 * q;
    const double sense = f->pair[2 * q] == f->wanted ? -1.0 : 1.0; /* normals point from the inner to the outer region */
    double way[3], at[3], next[3], step[3], origin[3];
    ptrdiff_t v[3];
    const int64_t place = f->place[q];
    const ptrdiff_t home[3] = {(ptrdiff_t)(place / (f->ny * f->nz)) - f->lo[0], (ptrdiff_t)(place / f->nz % f->ny) - f->lo[1],
                               (ptrdiff_t)(place % f->nz) - f->lo[2]};
    for (int c = 0; c < 3; ++c) {
        way[c] = sense * plane[c];
        origin[c] = (double)home[c] + 0.5 + plane[3] / f->voxel * plane[c];
        at[c] = origin[c];
        v[c] = (ptrdiff_t)floor(at[c] + 1e-6 * way[c]);
        if (v[c] < 0 || v[c] >= f->size[c]) return 1e30;
        step[c] = fabs(way[c]) > 1e-9 ? 1.0 / fabs(way[c]) : 1e30;
        next[c] = step[c] < 1e29 ? ((way[c] > 0.0 ? (double)(v[c] + 1) : (double)v[c]) - at[c]) / way[c] : 1e30;
    }
    double here = 0.0, outside = 0.0;
    while (here < f->longest) {
        int axis = next[0] <= next[1] ? (next[0] <= next[2] ? 0 : 2) : (next[1] <= next[2] ? 1 : 2);
        const double leave = next[axis];
        const ptrdiff_t window = (v[0] * f->size[1] + v[1]) * f->size[2] + v[2];
        const int64_t grid = ((v[0] + f->lo[0]) * f->ny + v[1] + f->lo[1]) * f->nz + v[2] + f->lo[2];
        const int32_t first = f->first[window];
        if (first >= 0) {
            double nearest = 1e30;
            for (ptrdiff_t p = first; p < f->planes && f->place[p] == grid; ++p) {
                const float *other = f->plane + 5 * p;
                double turn = 0.0, height = other[3] / f->voxel;
                if (f->pair[2 * p] != f->wanted && f->pair[2 * p + 1] != f->wanted) continue;
                for (int c = 0; c < 3; ++c) {
                    turn += other[c] * way[c];
                    height -= other[c] * (origin[c] - ((double)v[c] + 0.5));
                }
                const double out = f->pair[2 * p] == f->wanted ? turn : -turn;
                if (out < SKIN_FACING) continue;
                const double length = height / turn;
                if (length > 1e-4 && length > here - 0.5 && length < leave + 0.5 && length < nearest) nearest = length;
            }
            if (nearest < 1e29) return nearest;
        }
        if (f->region[grid] == f->wanted)
            outside = 0.0;
        else {
            outside += leave - here;
            if (outside > SKIN_OUTSIDE) return 1e30;
        }
        here = leave > here ? leave : here;
        v[axis] += way[axis] > 0.0 ? 1 : -1;
        if (v[axis] < 0 || v[axis] >= f->size[axis]) return 1e30;
        next[axis] += step[axis];
    }
    return 1e30;
}

#endif
