/* A plane in a unit voxel: its normal from the neighbourhood, its constant from the volume, the volume in a slab. */
#ifndef CASTSOLVE_FLOW_PLIC_H
#define CASTSOLVE_FLOW_PLIC_H

#include "_flow.h"

/* Below this a voxel is cut as if the plane were parallel to that axis; the mean shift makes the error of second order. */
#define PLIC_FLAT 1e-5
/* Voxels closer to empty or to full have no shape to look for. */
#define PLIC_SHAPED 1e-3
#define PLIC_STEPS 5
/* What a plane is tilted by at least where that is measured. */
#define PLIC_TILT 1e-4
/* A plane that misses the 27 shares around it by a smaller sum of squares is taken as it is. */
#define PLIC_FITS 0.1
/* What differs by less is equal. */
#define PLIC_EQUAL 1e-6

INLINE void plic_sort(const double *m, double *o) {
    double a = m[0], b = m[1], c = m[2], t;
    if (a > b) { t = a; a = b; b = t; }
    if (b > c) { t = b; b = c; c = t; }
    if (a > b) { t = a; a = b; b = t; }
    o[0] = a; o[1] = b; o[2] = c;
}

/* Volume below the plane m.x = c in the unit cube, 0 <= m[0] <= m[1] <= m[2] with sum 1 (Scardovelli and Zaleski 2000). */
static double plic_sorted_volume(const double *m, double c) {
    if (c <= 0.0) return 0.0;
    if (c >= 1.0) return 1.0;
    double v;
    const double m1 = m[0], m2 = m[1], m3 = m[2], m12 = m1 + m2;
    double al = c < 0.5 ? c : 1.0 - c;
    if (m1 < PLIC_FLAT) {
        al -= 0.5 * m1;
        if (al <= 0.0) v = 0.0;
        else if (al < m2) v = 0.5 * al * al / (m2 * m3);
        else v = (al - 0.5 * m2) / m3;
    } else {
        const double six = 6.0 * m1 * m2 * m3, mm = m12 < m3 ? m12 : m3;
        if (al < m1) v = al * al * al / six;
        else if (al < m2) v = 0.5 * al * (al - m1) / (m2 * m3) + m1 * m1 / (6.0 * m2 * m3);
        else if (al < mm) v = (al * al * (3.0 * m12 - al) + m1 * m1 * (m1 - 3.0 * al) + m2 * m2 * (m2 - 3.0 * al)) / six;
        else if (m12 <= m3) v = (al - 0.5 * mm) / m3;
        else v = (al * al * (3.0 - 2.0 * al) + m1 * m1 * (m1 - 3.0 * al) + m2 * m2 * (m2 - 3.0 * al) + m3 * m3 * (m3 - 3.0 * al)) / six;
    }
    return c < 0.5 ? v : 1.0 - v;
}

/* The same for m in any order. */
static double plic_volume(const double *normal, double c) {
    double m[3];
    plic_sort(normal, m);
    return plic_sorted_volume(m, c);
}

static double plic_cubic(double p, double q) {
    const double root = sqrt(p);
    double t = q / (p * root);
    t = t > 1.0 ? 1.0 : t < -1.0 ? -1.0 : t;
    const double cs = cos(acos(t) / 3.0), sn = 1.0 - cs * cs;
    return root * (sqrt(3.0 * (sn > 0.0 ? sn : 0.0)) - cs);
}

/* Constant c of the plane m.x = c that leaves the volume v below it. */
static double plic_constant(const double *normal, double v) {
    double m[3], c;
    plic_sort(normal, m);
    const double m1 = m[0], m2 = m[1], m3 = m[2], m12 = m1 + m2, w = v < 0.5 ? v : 1.0 - v;
    if (m1 < PLIC_FLAT) {
        c = w < 0.5 * m2 / m3 ? sqrt(2.0 * m2 * m3 * w) : m3 * w + 0.5 * m2;
        c += 0.5 * m1;
    } else {
        const double v1 = m1 * m1 / (6.0 * m2 * m3), v2 = v1 + 0.5 * (m2 - m1) / m3;
        double v3;
        if (m12 <= m3) v3 = 0.5 * m12 / m3;
        else v3 = (m3 * m3 * (3.0 * m12 - m3) + m1 * m1 * (m1 - 3.0 * m3) + m2 * m2 * (m2 - 3.0 * m3)) / (6.0 * m1 * m2 * m3);
        if (w < v1) c = cbrt(6.0 * m1 * m2 * m3 * w);
        else if (w < v2) c = 0.5 * (m1 + sqrt(m1 * m1 + 8.0 * m2 * m3 * (w - v1)));
        else if (w < v3) c = plic_cubic(2.0 * m1 * m2, 1.5 * m1 * m2 * (m12 - 2.0 * m3 * w)) + m12;
        else if (m12 <= m3) c = m3 * w + 0.5 * m12;
        else c = plic_cubic(m1 * (m2 + m3) + m2 * m3 - 0.25, 1.5 * m1 * m2 * m3 * (0.5 - w)) + 0.5;
    }
    return v < 0.5 ? c : 1.0 - c;
}

/* Normal out of the liquid, |m| summing to one: the best of three centred column differences, or Youngs' where that is flatter
   (Aulisa et al. 2007). Returns 0 where the neighbourhood says nothing. */
static int plic_normal(const double *f, const ptrdiff_t *st, double *m) {
    const ptrdiff_t x = st[0], y = st[1], z = st[2];
    double g[3] = {0.0, 0.0, 0.0}, best[3] = {0.0, 0.0, 0.0}, top = -1.0, total, main_ = 0.0;
    for (int p = -1; p <= 1; ++p)
        for (int q = -1; q <= 1; ++q) {
            const double w = (p ? 1.0 : 2.0) * (q ? 1.0 : 2.0);
            g[0] -= w * (f[x + p * y + q * z] - f[-x + p * y + q * z]);
            g[1] -= w * (f[y + p * x + q * z] - f[-y + p * x + q * z]);
            g[2] -= w * (f[z + p * x + q * y] - f[-z + p * x + q * y]);
        }
    total = fabs(g[0]) + fabs(g[1]) + fabs(g[2]);
    if (!(total > 1e-14)) return 0;
    for (int d = 0; d < 3; ++d) {
        double c[3];
        const ptrdiff_t s = st[d];
        for (int e = 0; e < 3; ++e) {
            if (e == d) {
                c[e] = g[d] < 0.0 ? -1.0 : 1.0;
                continue;
            }
            const ptrdiff_t t = st[e];
            c[e] = -0.5 * ((f[t - s] + f[t] + f[t + s]) - (f[-t - s] + f[-t] + f[-t + s]));
        }
        const double sum = fabs(c[0]) + fabs(c[1]) + fabs(c[2]);
        if (1.0 / sum > top) {
            top = 1.0 / sum;
            for (int e = 0; e < 3; ++e) best[e] = c[e] / sum;
        }
    }
    for (int e = 0; e < 3; ++e) {
        g[e] /= total;
        main_ = fabs(g[e]) > main_ ? fabs(g[e]) : main_;
    }
    for (int e = 0; e < 3; ++e) m[e] = top > main_ ? g[e] : best[e];
    return 1;
}

/* Planes that are compared, side by side in vectors: normals, sorted sizes of their components, constants, and how they miss. */
#define PLIC_PLANES 12
typedef struct {
    double m[3][PLIC_PLANES], size[3][PLIC_PLANES], misfit[PLIC_PLANES];
    int count;
} PlicPlanes;

INLINE void plic_add(PlicPlanes *planes, const double *m) {
    const double t[3] = {fabs(m[0]), fabs(m[1]), fabs(m[2])};
    double o[3];
    plic_sort(t, o);
    for (int e = 0; e < 3; ++e) {
        planes->m[e][planes->count] = m[e];
        planes->size[e][planes->count] = o[e] > PLIC_TILT ? o[e] : PLIC_TILT;
    }
    ++planes->count;
}

/* Sums of the volume below a plane and of its derivatives, up to their factors, from what the plane lies beyond the corners of the voxel;
   the corners beyond half of it add nothing. */
#define PLIC_BEYOND(x)                                                                                                                \
    const Doubles p0 = DOUBLES_IF((x) > zero, (x), zero), p1 = DOUBLES_IF((x) > m1, (x) - m1, zero),                                  \
                  p2 = DOUBLES_IF((x) > m2, (x) - m2, zero), p3 = DOUBLES_IF((x) > m3, (x) - m3, zero), p4 = DOUBLES_IF((x) > m12, (x) - m12, zero)
#define PLIC_CUBES (p0 * p0 * p0 - p1 * p1 * p1 - p2 * p2 * p2 - p3 * p3 * p3 + p4 * p4 * p4)

/* Sums of squares by which planes that fit a voxel of the given share miss the 27 shares around it. All planes go one way: flat ones are
   tilted by PLIC_TILT about the middle of the voxel, which changes volumes by its square, and constants are found by Halley's steps from
   that of the plane without its flattest slope, which lies beyond: below half of the voxel the volume's cube root is concave. */
INLINE void plic_misfits(PlicPlanes *planes, const double *f, const ptrdiff_t *st, double share) {
    const double w = share < 0.5 ? share : 1.0 - share;
    const Doubles zero = {0.0}, one = zero + 1.0;
    for (int lane = planes->count; lane % DOUBLES; ++lane)
        for (int e = 0; e < 3; ++e) planes->m[e][lane] = planes->m[e][0], planes->size[e][lane] = planes->size[e][0];
    for (int k = 0; k < planes->count; k += DOUBLES) {
        const Doubles m1 = DOUBLES_AT(planes->size[0], k), m2 = DOUBLES_AT(planes->size[1], k), m3 = DOUBLES_AT(planes->size[2], k);
        const Doubles m12 = m1 + m2, far = m12 + m3, scale = 1.0 / (6.0 * m1 * m2 * m3), square = 2.0 * w * m2 * m3;
        Doubles misfit = zero;
        double roots[DOUBLES];
        for (int lane = 0; lane < DOUBLES; ++lane) roots[lane] = sqrt(DOUBLE_OF(square, lane));
        Doubles c = DOUBLES_IF(2.0 * w * m3 < m2, DOUBLES_AT(roots, 0), m3 * w + 0.5 * m2) + 0.5 * m1;
        c = DOUBLES_IF(c < 0.5 * far, c, 0.5 * far);
        for (int step = 0; step < PLIC_STEPS; ++step) {
            PLIC_BEYOND(c);
            const Doubles over = scale * PLIC_CUBES - w, rise = 3.0 * scale * (p0 * p0 - p1 * p1 - p2 * p2 - p3 * p3 + p4 * p4);
            const Doubles bend = 6.0 * scale * (p0 - p1 - p2 - p3 + p4);
            c -= 2.0 * over * rise / (2.0 * rise * rise - over * bend);
        }
        if (share >= 0.5) c = far - c;
        for (int p = -1; p <= 1; ++p)
            for (int q = -1; q <= 1; ++q)
                for (int r = -1; r <= 1; ++r) {
                    const Doubles at = c - (double)p * DOUBLES_AT(planes->m[0], k) - (double)q * DOUBLES_AT(planes->m[1], k) -
                                       (double)r * DOUBLES_AT(planes->m[2], k), beyond = far - at;
                    const DoubleBits less = at < beyond;
                    const Doubles x = DOUBLES_IF(less, at, beyond);
                    PLIC_BEYOND(x);
                    const Doubles part = scale * PLIC_CUBES;
                    const Doubles miss = DOUBLES_IF(less, part, one - part) - f[p * st[0] + q * st[1] + r * st[2]];
                    misfit += miss * miss;
                }
        DOUBLES_SET(planes->misfit, k) = misfit;
    }
}

/* Normal as from plic_normal; where its plane misses the neighbourhood (thin films, corners), that of the best among centred and
   one-sided differences of the columns along its steepest axis (ELVIRA, Pilliod and Puckett 2004). Of equals it is the mean: a mirrored
   neighbourhood has the mirrored normal. */
INLINE int plic_fitted(const double *f, const ptrdiff_t *st, double *m) {
    if (!plic_normal(f, st, m)) return 0;
    if (f[0] < PLIC_SHAPED || f[0] > 1.0 - PLIC_SHAPED) return 1;
    PlicPlanes planes;
    planes.count = 0;
    plic_add(&planes, m);
    plic_misfits(&planes, f, st, f[0]);
    double least = planes.misfit[0], steepest = 0.0;
    if (least < PLIC_FITS) return 1;
    const double first[3] = {fabs(m[0]), fabs(m[1]), fabs(m[2])};
    for (int d = 0; d < 3; ++d) steepest = first[d] > steepest ? first[d] : steepest;
    for (int d = 0; d < 3; ++d) {
        const int e[2] = {(d + 1) % 3, (d + 2) % 3};
        const ptrdiff_t s = st[d];
        const double middle = f[-s] + f[0] + f[s];
        double slope[2][3];
        if (fabs(f[s] - f[-s]) < PLIC_EQUAL || first[d] < steepest * (1.0 - PLIC_EQUAL)) continue;
        for (int side = 0; side < 2; ++side) {
            const ptrdiff_t t = st[e[side]];
            const double low = f[-t - s] + f[-t] + f[-t + s], high = f[t - s] + f[t] + f[t + s];
            slope[side][0] = 0.5 * (low - high), slope[side][1] = middle - high, slope[side][2] = low - middle;
        }
        planes.count = 0;
        for (int a = 0; a < 3; ++a)
            for (int b = 0; b < 3; ++b) {
                if ((a && slope[0][a] == slope[0][0]) || (b && slope[1][b] == slope[1][0])) continue;
                const double sum = 1.0 + fabs(slope[0][a]) + fabs(slope[1][b]);
                double c[3];
                c[d] = (f[-s] < f[s] ? -1.0 : 1.0) / sum;
                c[e[0]] = slope[0][a] / sum, c[e[1]] = slope[1][b] / sum;
                plic_add(&planes, c);
            }
        plic_misfits(&planes, f, st, f[0]);
        for (int k = 0; k < planes.count; ++k) {
            const double misfit = planes.misfit[k];
            if (misfit > least * (1.0 + PLIC_EQUAL)) continue;
            const int better = misfit < least * (1.0 - PLIC_EQUAL);
            for (int n = 0; n < 3; ++n) m[n] = better ? planes.m[n][k] : m[n] + planes.m[n][k];
            least = misfit;
        }
    }
    const double sum = fabs(m[0]) + fabs(m[1]) + fabs(m[2]);
    if (!(sum > PLIC_EQUAL)) return plic_normal(f, st, m);
    for (int n = 0; n < 3; ++n) m[n] /= sum;
    return 1;
}

/* Filled share of the slab of width w at the high (side 1) or low (side 0) face along axis d. */
static double plic_slab(const double *m, double constant, int d, int side, double w) {
    double t[3], c = constant, sum;
    for (int e = 0; e < 3; ++e) t[e] = fabs(m[e]);
    /* in coordinates where the liquid lies at the origin, the slab is at the far end if the normal points to the face */
    const int far = (m[d] >= 0.0) == (side == 1);
    if (far) c -= t[d] * (1.0 - w);
    t[d] *= w;
    sum = t[0] + t[1] + t[2];
    if (!(sum > 0.0)) return c > 0.0 ? 1.0 : 0.0;
    for (int e = 0; e < 3; ++e) t[e] /= sum;
    return plic_volume(t, c / sum);
}

#endif
