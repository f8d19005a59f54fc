/* Exact clipping of a closed surface to the voxels of one slab (fixed i): what the surface does inside every voxel it cuts.

   Volume by the divergence theorem: a voxel's filled height is the signed projected area above it. The wall is kept as
   six sums, one a direction and sign, each weighted with n_d^2: they add up to the true wall area. */
#ifndef CASTSOLVE_CUT_H
#define CASTSOLVE_CUT_H

#include "_lanes.h"

#define CUT_WALL 33 /* doubles a voxel that leave the kernel: M[6], P[6], N[6][3], area vector[3] */
#define CUT_MOST 24 /* most corners of a clipped triangle */
#define CUT_PIECE 10 /* most corners of a kept piece: a triangle clipped by six planes has nine */

typedef struct {
    double projected, lifted; /* signed projected area (m2); the same times height above the voxel's floor (m3) */
    double wall[CUT_WALL];
} CutVoxel;

/* One triangle inside one voxel. */
typedef struct {
    double p[CUT_PIECE][3];
    double normal[3], offset;
    int n;
    int wall;      /* 0 on the border of the grid, where nothing lies behind it */
    int body;      /* which surface it is from */
    int32_t voxel; /* place in the list of voxels whose pieces are wanted */
} CutPiece;

typedef struct {
    const int32_t *wanted; /* [ny * nz] of the slab: place in the list of wanted voxels or -1 */
    CutPiece *piece;
    ptrdiff_t count, room;
    int body;
} CutKeep;

typedef struct {
    const double *x, *y, *z; /* nodes of the whole grid */
    ptrdiff_t nx, ny, nz;
    ptrdiff_t j0, j1, k0, k1; /* window of the body */
    ptrdiff_t i;
    int32_t *place; /* [(j1-j0) * (k1-k0)]: index into voxels or -1 */
    double *above;  /* [(j1-j0)]: projected area above the grid, a column sum for each j is not enough: see cut_triangle */
    CutVoxel *voxels;
    ptrdiff_t count, room;
    CutKeep *keep; /* where pieces of some voxels are kept instead of being summed up; NULL: sum up */
    int failed;
    double outside_area; /* wall that lies outside the grid or on its border */
} CutSlab;

INLINE ptrdiff_t cut_find(const double *node, ptrdiff_t n, double v) {
    /* index of the interval [node, next) that holds v; -1 below, n above; the last node belongs to the last interval */
    if (v < node[0]) return -1;
    if (v > node[n]) return n;
    ptrdiff_t lo = 0, hi = n;
    while (hi - lo > 1) {
        const ptrdiff_t mid = (lo + hi) / 2;
        if (v < node[mid])
            hi = mid;
        else
            lo = mid;
    }
    return lo;
}

static int cut_half(double (*in)[3], int n, int axis, double at, int keep_above, double (*out)[3]) {
    int m = 0;
    for (int a = 0; a < n; ++a) {
        const double *p = in[a], *q = in[(a + 1) % n];
        const double dp = keep_above ? p[axis] - at : at - p[axis], dq = keep_above ? q[axis] - at : at - q[axis];
        if (dp >= 0.0) {
            memcpy(out[m++], p, 3 * sizeof(double));
        }
        if ((dp > 0.0 && dq < 0.0) || (dp < 0.0 && dq > 0.0)) {
            /* walk always from the inner to the outer point: both triangles of an edge find the same corner */
            const double *s = dp > 0.0 ? p : q, *e = dp > 0.0 ? q : p;
            const double ds = dp > 0.0 ? dp : dq, de = dp > 0.0 ? dq : dp, t = ds / (ds - de);
            for (int c = 0; c < 3; ++c) out[m][c] = s[c] + t * (e[c] - s[c]);
            out[m][axis] = at;
            ++m;
        }
    }
    return m;
}

static int cut_between(double (*in)[3], int n, int axis, double lo, double hi, double (*out)[3]) {
    double middle[CUT_MOST][3];
    n = cut_half(in, n, axis, lo, 1, middle);
    if (n < 3) return 0;
    n = cut_half(middle, n, axis, hi, 0, out);
    return n < 3 ? 0 : n;
}

INLINE CutVoxel *cut_voxel(CutSlab *s, ptrdiff_t j, ptrdiff_t k) {
    int32_t *place = s->place + (j - s->j0) * (s->k1 - s->k0) + (k - s->k0);
    if (*place < 0) {
        if (s->count == s->room) {
            const ptrdiff_t room = s->room ? 2 * s->room : 256;
            CutVoxel *more = (CutVoxel *)realloc(s->voxels, (size_t)room * sizeof(CutVoxel));
            if (more == NULL) {
                s->failed = 1;
                return NULL;
            }
            s->voxels = more;
            s->room = room;
        }
        memset(s->voxels + s->count, 0, sizeof(CutVoxel));
        *place = (int32_t)s->count++;
    }
    return s->voxels + *place;
}

static void cut_kept(CutSlab *s, ptrdiff_t j, ptrdiff_t k, double (*p)[3], int n, const double *normal, double offset, int wall) {
    CutKeep *keep = s->keep;
    const int32_t voxel = keep->wanted[j * s->nz + k];
    if (voxel < 0 || n > CUT_PIECE) return;
    if (keep->count == keep->room) {
        const ptrdiff_t room = keep->room ? 2 * keep->room : 64;
        CutPiece *more = (CutPiece *)realloc(keep->piece, (size_t)room * sizeof(CutPiece));
        if (more == NULL) {
            s->failed = 1;
            return;
        }
        keep->piece = more;
        keep->room = room;
    }
    CutPiece *kept = keep->piece + keep->count++;
    memcpy(kept->p, p, (size_t)n * 3 * sizeof(double));
    memcpy(kept->normal, normal, 3 * sizeof(double));
    kept->offset = offset;
    kept->n = n;
    kept->wall = wall;
    kept->body = keep->body;
    kept->voxel = voxel;
}

/* Add a piece of a wall to the six sums of a voxel, its plane counted from the voxel's centre. */
INLINE void cut_wall(double *sums, const double *normal, double plane, double area) {
    for (int d = 0; d < 3; ++d) {
        const double weight = normal[d] * normal[d] * area;
        const int a = 2 * d + (normal[d] > 0.0);
        sums[a] += weight;
        sums[6 + a] += weight * plane;
        for (int e = 0; e < 3; ++e) sums[12 + 3 * a + e] += weight * normal[e];
    }
}

static void cut_piece(CutSlab *s, ptrdiff_t j, ptrdiff_t k, double (*p)[3], int n, const double *normal, double offset,
                      int wall) {
    double area = 0.0, projected = 0.0, lifted = 0.0;
    const double floor_z = s->z[k];
    for (int t = 1; t + 1 < n; ++t) {
        double u[3], v[3];
        for (int c = 0; c < 3; ++c) {
            u[c] = p[t][c] - p[0][c];
            v[c] = p[t + 1][c] - p[0][c];
        }
        const double ax = 0.5 * (u[1] * v[2] - u[2] * v[1]), ay = 0.5 * (u[2] * v[0] - u[0] * v[2]);
        const double az = 0.5 * (u[0] * v[1] - u[1] * v[0]);
        area += ax * normal[0] + ay * normal[1] + az * normal[2];
        projected += az;
        lifted += az * ((p[0][2] - floor_z) + (p[t][2] - floor_z) + (p[t + 1][2] - floor_z)) / 3.0;
    }
    if (area <= 0.0 && projected == 0.0) return;
    if (s->keep != NULL) {
        if (area > 0.0) cut_kept(s, j, k, p, n, normal, offset, wall);
        return;
    }
    CutVoxel *c = cut_voxel(s, j, k);
    if (c == NULL) return;
    c->projected += projected;
    c->lifted += lifted;
    if (!wall) {
        s->outside_area += area;
        return;
    }
    const double centre[3] = {0.5 * (s->x[s->i] + s->x[s->i + 1]), 0.5 * (s->y[j] + s->y[j + 1]), 0.5 * (s->z[k] + s->z[k + 1])};
    const double plane = offset - (centre[0] * normal[0] + centre[1] * normal[1] + centre[2] * normal[2]);
    cut_wall(c->wall, normal, plane, area);
    for (int d = 0; d < 3; ++d) c->wall[30 + d] += area * normal[d];
}

/* Clip one triangle (nine doubles) to the slab's voxels. */
static void cut_triangle(CutSlab *s, const double *triangle) {
    double a[CUT_MOST][3], b[CUT_MOST][3], c[CUT_MOST][3], d[CUT_MOST][3];
    double u[3], v[3], normal[3];
    for (int e = 0; e < 3; ++e) {
        u[e] = triangle[3 + e] - triangle[e];
        v[e] = triangle[6 + e] - triangle[e];
    }
    normal[0] = u[1] * v[2] - u[2] * v[1];
    normal[1] = u[2] * v[0] - u[0] * v[2];
    normal[2] = u[0] * v[1] - u[1] * v[0];
    const double length = sqrt(normal[0] * normal[0] + normal[1] * normal[1] + normal[2] * normal[2]);
    if (!(length > 0.0)) return;
    for (int e = 0; e < 3; ++e) normal[e] /= length;
    const double offset = triangle[0] * normal[0] + triangle[1] * normal[1] + triangle[2] * normal[2];
    /* a wall on the border of the grid has nothing on its other side */
    int wall = 1;
    const double *node[3] = {s->x, s->y, s->z};
    const ptrdiff_t last[3] = {s->nx, s->ny, s->nz};
    for (int e = 0; e < 3; ++e) {
        const double near_lo = 1e-7 * (node[e][1] - node[e][0]), near_hi = 1e-7 * (node[e][last[e]] - node[e][last[e] - 1]);
        int low = 1, high = 1;
        for (int t = 0; t < 3; ++t) {
            low &= triangle[3 * t + e] <= node[e][0] + near_lo;
            high &= triangle[3 * t + e] >= node[e][last[e]] - near_hi;
        }
        if (low || high) wall = 0;
    }
    memcpy(a, triangle, 9 * sizeof(double));
    int n = cut_between(a, 3, 0, s->x[s->i], s->x[s->i + 1], b);
    if (n == 0) return;
    double lo = b[0][1], hi = b[0][1];
    for (int t = 1; t < n; ++t) {
        lo = b[t][1] < lo ? b[t][1] : lo;
        hi = b[t][1] > hi ? b[t][1] : hi;
    }
    ptrdiff_t ja = cut_find(s->y, s->ny, lo), jb = cut_find(s->y, s->ny, hi);
    if (jb < 0 || ja >= s->ny) return;
    if (ja < s->j0) ja = s->j0;
    if (jb >= s->j1) jb = s->j1 - 1;
    for (ptrdiff_t j = ja; j <= jb; ++j) {
        const int nj = cut_between(b, n, 1, s->y[j], s->y[j + 1], c);
        if (nj == 0) continue;
        double zl = c[0][2], zh = c[0][2];
        for (int t = 1; t < nj; ++t) {
            zl = c[t][2] < zl ? c[t][2] : zl;
            zh = c[t][2] > zh ? c[t][2] : zh;
        }
        const ptrdiff_t ka = cut_find(s->z, s->nz, zl), kb = cut_find(s->z, s->nz, zh);
        if (kb >= s->nz && s->keep == NULL) { /* what is above the grid still closes the columns below it */
            const int nk = cut_half(c, nj, 2, s->z[s->nz], 1, d);
            double projected = 0.0;
            for (int t = 1; t + 1 < nk; ++t)
                projected += 0.5 * ((d[t][0] - d[0][0]) * (d[t + 1][1] - d[0][1]) - (d[t][1] - d[0][1]) * (d[t + 1][0] - d[0][0]));
            s->above[j - s->j0] += projected;
        }
        for (ptrdiff_t k = ka < s->k0 ? s->k0 : ka; k <= kb && k < s->k1; ++k) {
            const int nk = ka == kb ? nj : cut_between(c, nj, 2, s->z[k], s->z[k + 1], d);
            if (nk) cut_piece(s, j, k, ka == kb ? c : d, nk, normal, offset, wall);
            if (s->failed) return;
        }
    }
}

#endif
