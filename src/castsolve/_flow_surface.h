/* How far the surface is from the centre of a liquid voxel: from heights of columns; where a slanted wall cuts these off, from the plane
   through what the columns beside tell. */
#ifndef CASTSOLVE_FLOW_SURFACE_H
#define CASTSOLVE_FLOW_SURFACE_H

#include "_flow_plic.h"

#define FLOW_REACH 3 /* voxels that a column height looks up and down */
/* A surface as close to a liquid voxel's centre (voxels) is read from columns along one axis for all its sides: their distances must
   have the right ratio, or gravity and pressure do not balance. */
#define FLOW_CLOSE 0.2
/* Voxels in every direction from which points are taken. */
#define SURFACE_REACH 2
/* Root mean square (voxels) by which points may miss their plane. */
#define SURFACE_FLAT 0.1
/* What variances, slopes and distances must exceed to count. */
#define SURFACE_LEAST 1e-6

/* Height of the surface above the centre of voxel n along d, in voxels, from a column that ends at the first full, empty or wall voxel;
   `cut` is set where a slanted wall ends it before it is full or empty. */
static double flow_height(const Flow *s, ptrdiff_t n, int d, int up, int *cut) {
    const ptrdiff_t st = up ? s->step[d] : -s->step[d];
    double sum = s->alpha[n], before = s->alpha[n];
    for (int t = 1; t <= FLOW_REACH; ++t) {
        const ptrdiff_t c = n + t * st;
        if (s->kind[c] == FLOW_SOLID) *cut |= before > PLIC_EQUAL && s->face[d][up ? c : c - st] == FACE_SLANTED;
        if (s->kind[c] == FLOW_SOLID || s->alpha[c] > before) break;
        before = s->alpha[c];
        sum += before;
        if (before <= 0.0) break;
    }
    before = s->alpha[n];
    for (int t = 1; t <= FLOW_REACH; ++t) {
        const ptrdiff_t c = n - t * st;
        if (s->kind[c] == FLOW_SOLID) *cut |= before < 1.0 - PLIC_EQUAL && s->face[d][up ? c + st : c] == FACE_SLANTED;
        if (s->kind[c] == FLOW_SOLID || s->alpha[c] < before || s->alpha[c] >= 1.0) {
            sum += FLOW_REACH - t + 1;
            break;
        }
        before = s->alpha[c];
        sum += before;
    }
    return sum - (FLOW_REACH + 0.5);
}

/* Axis that the normal (out of the liquid) is closest to; the first of equals. */
INLINE int flow_main(const double *normal) {
    int d = 0;
    for (int e = 1; e < 3; ++e)
        if (fabs(normal[e]) > fabs(normal[d]) + PLIC_EQUAL) d = e;
    return d;
}

/* Axis along which columns tell where the surface is between two voxels: their own, unless the normal (`sum` of both) lies much closer to
   another; `upright` is that of the liquid voxel. */
static int flow_upright(const Flow *s, ptrdiff_t wet, ptrdiff_t dry, int axis, double *sum, int *upright) {
    double m[3];
    sum[0] = sum[1] = sum[2] = 0.0;
    *upright = axis;
    if (plic_normal(s->alpha + wet, s->step, m)) {
        *upright = flow_main(m);
        for (int e = 0; e < 3; ++e) sum[e] += m[e];
    }
    if (plic_normal(s->alpha + dry, s->step, m)) for (int e = 0; e < 3; ++e) sum[e] += m[e];
    int d = axis;
    for (int e = 0; e < 3; ++e)
        if (e != axis && fabs(sum[axis]) <= 0.5 * fabs(sum[e]) && (d == axis || fabs(sum[e]) > fabs(sum[d]))) d = e;
    return d;
}

INLINE double flow_bounded(const Flow *s, double theta) { return !(theta > s->theta_min) ? s->theta_min : theta < 1.0 ? theta : 1.0; }

/* Distance to the surface from the heights along d over either voxel, where they lie on both sides of it; else 0. */
static double flow_between_heights(const Flow *s, ptrdiff_t wet, ptrdiff_t dry, int d, int up, int *cut) {
    const double above = flow_height(s, wet, d, up, cut), below = flow_height(s, dry, d, up, cut);
    return above >= 0.0 && below < 0.0 ? above / (above - below) : 0.0;
}

/* Distance from the liquid voxel's centre to the surface towards the empty voxel, in voxels; `cut`: a wall cuts the columns off. */
static double flow_theta(const Flow *s, ptrdiff_t wet, ptrdiff_t dry, int axis, int *cut) {
    double sum[3], theta;
    int upright;
    const int d = flow_upright(s, wet, dry, axis, sum, &upright);
    if (d == axis) {
        theta = flow_height(s, wet, d, dry > wet, cut);
        if (theta < FLOW_CLOSE && upright != axis && !*cut) {
            const double other = flow_between_heights(s, wet, dry, upright, sum[upright] > 0.0, cut);
            if (other > 0.0) theta = other;
        }
    } else {
        theta = flow_between_heights(s, wet, dry, d, sum[d] > 0.0, cut);
        if (!(theta > 0.0)) theta = (s->alpha[wet] - 0.5) / (s->alpha[wet] - s->alpha[dry]);
    }
    return flow_bounded(s, theta);
}

/* Weighted sums over points of the surface, relative to a voxel's centre. */
typedef struct {
    double weight, first[3], second[3][3];
} SurfacePoints;

INLINE void surface_add(SurfacePoints *sum, const double *x) {
    const double near = 1.0 + x[0] * x[0] + x[1] * x[1] + x[2] * x[2], w = 1.0 / (near * near);
    sum->weight += w;
    for (int d = 0; d < 3; ++d) {
        sum->first[d] += w * x[d];
        for (int e = 0; e < 3; ++e) sum->second[d][e] += w * x[d] * x[e];
    }
}

/* Points where the surface crosses lines between voxel centres, known from whole columns, around voxel n. */
static void surface_points(const Flow *s, ptrdiff_t n, SurfacePoints *sum) {
    for (int i = -SURFACE_REACH; i <= SURFACE_REACH; ++i)
        for (int j = -SURFACE_REACH; j <= SURFACE_REACH; ++j)
            for (int k = -SURFACE_REACH; k <= SURFACE_REACH; ++k) {
                const ptrdiff_t c = n + i * s->step[0] + j * s->step[1] + k;
                for (int d = 0; d < 3; ++d) {
                    const ptrdiff_t below = c - s->step[d];
                    if (!(s->coef[d][c] > 0.0) || s->wet[c] == s->wet[below]) continue;
                    if (s->kind[c] != FLOW_CAVITY || s->kind[below] != FLOW_CAVITY) continue;
                    const double theta = s->a[d][c] * s->mob[d][c] / s->coef[d][c];
                    if (theta >= 1.0 || theta <= s->theta_min) continue; /* cut off there */
                    double x[3] = {(double)i, (double)j, (double)k};
                    x[d] -= s->wet[c] ? theta : 1.0 - theta;
                    surface_add(sum, x);
                }
            }
}

/* Distance from voxel n to the plane through the points around it, along `axis` (up: towards higher indices), in voxels; the plane is
   written along d, the axis its normal is closest to. Returns 0 where the points do not say. */
static int surface_distance(const Flow *s, ptrdiff_t n, int axis, int up, int d, double *distance) {
    SurfacePoints sum = {0.0, {0.0, 0.0, 0.0}, {{0.0, 0.0, 0.0}, {0.0, 0.0, 0.0}, {0.0, 0.0, 0.0}}};
    surface_points(s, n, &sum);
    if (!(sum.weight > 0.0)) return 0;
    double mean[3], cov[3][3], slope[3] = {0.0, 0.0, 0.0};
    for (int a = 0; a < 3; ++a) mean[a] = sum.first[a] / sum.weight;
    for (int a = 0; a < 3; ++a)
        for (int b = 0; b < 3; ++b) cov[a][b] = sum.second[a][b] / sum.weight - mean[a] * mean[b];
    const int e = (d + 1) % 3, f = (d + 2) % 3;
    const double det = cov[e][e] * cov[f][f] - cov[e][f] * cov[e][f];
    if (det > SURFACE_LEAST) {
        slope[e] = (cov[d][e] * cov[f][f] - cov[d][f] * cov[e][f]) / det;
        slope[f] = (cov[d][f] * cov[e][e] - cov[d][e] * cov[e][f]) / det;
    } else { /* points in a line say nothing across it, as in a slice */
        const int along = cov[e][e] > cov[f][f] ? e : f;
        if (!(cov[along][along] > SURFACE_LEAST)) return 0;
        slope[along] = cov[d][along] / cov[along][along];
    }
    if (cov[d][d] - slope[e] * cov[d][e] - slope[f] * cov[d][f] > SURFACE_FLAT * SURFACE_FLAT) return 0;
    const double here = mean[d] - slope[e] * mean[e] - slope[f] * mean[f]; /* on the axis d through n */
    if (axis != d && fabs(slope[axis]) < SURFACE_LEAST) return 0;
    const double at = axis == d ? here : -here / slope[axis];
    *distance = up ? at : -at;
    return 1;
}

/* Conductances where a wall cuts the columns off, from the plane through the surface beside it, into the arrays of the solver: no one
   reads what another has mended. */
void flow_mend(void *flow, ptrdiff_t i0, ptrdiff_t i1) {
    const Flow *s = (const Flow *)flow;
    double *const mended[3] = {s->q, s->r, s->z};
    for (int d = 0; d < 3; ++d)
        FLOW_ROWS(s, i0, i1) {
            if (!(s->coef[d][n] < 0.0)) continue;
            const ptrdiff_t A = n - s->step[d], wet = s->wet[n] ? n : A, dry = s->wet[n] ? A : n;
            double sum[3], distance;
            int upright;
            flow_upright(s, wet, dry, d, sum, &upright);
            mended[d][n] = -s->coef[d][n];
            if (surface_distance(s, wet, d, dry > wet, upright, &distance))
                mended[d][n] = s->a[d][n] * s->mob[d][n] / flow_bounded(s, distance);
        }
}

void flow_mended(void *flow, ptrdiff_t i0, ptrdiff_t i1) {
    const Flow *s = (const Flow *)flow;
    const double *const mended[3] = {s->q, s->r, s->z};
    for (int d = 0; d < 3; ++d)
        FLOW_ROWS(s, i0, i1) if (s->coef[d][n] < 0.0) s->coef[d][n] = mended[d][n];
}

#endif
