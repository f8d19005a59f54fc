/* The rows of the heat sweep, for one precision and one instruction set; see _rows_precisions.h. Defined are
     REAL       float or double
     NAME(f)    f with the suffix of that precision and instruction set
     ROWS       before every function that is worth clones for wider instructions
   Inside a body heat flows by the Kirchhoff potential theta = int k dT: the flux between two voxels is exact for any k(T) and
   needs no division. A sweep keeps theta of three planes; T and 1/(2k) are read only where a wall or an outer side needs them.
   Every flux is computed once and used by both voxels. */

#if defined(__clang__) || (defined(__GNUC__) && __GNUC__ >= 12)
#define CASTSOLVE_VECTORS 1
typedef REAL NAME(vec4) __attribute__((vector_size(4 * sizeof(REAL)), aligned(sizeof(REAL))));
typedef __typeof__((NAME(vec4)){0} < (NAME(vec4)){0}) NAME(mask4);
#else
#define CASTSOLVE_VECTORS 0
#endif

#include "_rows_places.h"
#include "_rows_foresee.h"
#include "_rows_watch.h"

/* Rows that are asked for before they are needed. */
#ifndef AHEAD
#define AHEAD 3
#endif

/* What one thread keeps while it walks over its planes. Planes are in rings of three, by i % 3. */
typedef struct {
    REAL *theta[3];       /* [ny, nzp] potential */
    REAL *ends[3];        /* [4, ny] T and 1/(2k) of the first voxel of every row, and of the last */
    REAL *qx;             /* [ny, nzp] flux at the low x faces of the plane at hand */
    REAL *qxn, *qy, *qyn; /* [nzp] fluxes at the high x, low y and high y faces of the row at hand */
    REAL *f, *base;       /* [nzp] rates; increments without them */
    REAL *u, *T, *r;      /* [nzp] places; T and 1/(2k) of a row on an outer side */
    int32_t *bin;         /* [nzp] */
    int32_t *bits;        /* [nzp] `open` of a row, as wide as its values: mixed widths make the vectors of a loop long, and its rest slow */
    REAL *z_low, *z_high; /* [ny] flow densities into the rows' ends */
    REAL *idx, *idx_next; /* [nx] 1/dx, and 1/distance to the next plane's centres (0 at the last): a division costs as much as many voxels */
    REAL *idy, *idy_next; /* [ny] */
    /* of the cut voxels, counted from cut0: T, 1/(2k), potential, and heat through their walls and links (W) */
    REAL *cut_T, *cut_r, *cut_P, *gain;
    int64_t cut0;
} NAME(Scratch);

INLINE char *NAME(carve)(char *at, size_t bytes, REAL **place) {
    *place = (REAL *)at;
    return at + ((bytes + 63) & ~(size_t)63) + 128; /* planes of a power of two bytes must not share their cache sets */
}

/* Lay the scratch of planes [i0, i1) out from a cache line on; returns its size in bytes. */
static size_t NAME(lay_out)(const HeatSweep *s, ptrdiff_t i0, ptrdiff_t i1, char *memory, NAME(Scratch) *w) {
    const size_t row = (size_t)s->nzp * sizeof(REAL), ends = (size_t)s->ny * sizeof(REAL), plane = (size_t)s->ny * row;
    char *at = memory + 64; /* a row's first voxel reads what lies before it, times zero */
    for (int a = 0; a < 3; ++a) at = NAME(carve)(at, plane, &w->theta[a]);
    for (int a = 0; a < 3; ++a) at = NAME(carve)(at, 4 * ends, &w->ends[a]);
    at = NAME(carve)(at, plane, &w->qx);
    REAL **rows[8] = {&w->qxn, &w->qy, &w->qyn, &w->f, &w->base, &w->u, &w->T, &w->r};
    for (int a = 0; a < 8; ++a) at = NAME(carve)(at, row, rows[a]);
    at = NAME(carve)(at, ends, &w->z_low);
    at = NAME(carve)(at, ends, &w->z_high);
    at = NAME(carve)(at, (size_t)s->nx * sizeof(REAL), &w->idx);
    at = NAME(carve)(at, (size_t)s->nx * sizeof(REAL), &w->idx_next);
    at = NAME(carve)(at, ends, &w->idy);
    at = NAME(carve)(at, ends, &w->idy_next);
    REAL *bin;
    at = NAME(carve)(at, (size_t)s->nzp * sizeof(int32_t), &bin);
    w->bin = (int32_t *)bin;
    at = NAME(carve)(at, (size_t)s->nzp * sizeof(int32_t), &bin);
    w->bits = (int32_t *)bin;
    const ptrdiff_t first = i0 > 0 ? i0 - 1 : 0, end = i1 < s->nx ? i1 + 1 : s->nx;
    w->cut0 = s->cut_row[first * s->ny];
    const size_t cut = (size_t)(s->cut_row[end * s->ny] - w->cut0) * sizeof(REAL);
    at = NAME(carve)(at, cut, &w->cut_T);
    at = NAME(carve)(at, cut, &w->cut_r);
    at = NAME(carve)(at, cut, &w->cut_P);
    at = NAME(carve)(at, cut, &w->gain);
    return (size_t)(at - memory);
}

static size_t NAME(heat_scratch)(const HeatSweep *s, ptrdiff_t i0, ptrdiff_t i1) {
    NAME(Scratch) w;
    return NAME(lay_out)(s, i0, i1, (char *)0 + 64, &w);
}

/* 1/width of n voxels, and 1/distance to the centre of the next, 0 at the last. */
static void NAME(invert)(ptrdiff_t n, const double *width, REAL *inverse, REAL *next) {
    for (ptrdiff_t a = 0; a < n; ++a) {
        inverse[a] = (REAL)(1.0 / width[a]);
        next[a] = a + 1 < n ? (REAL)(2.0 / (width[a] + width[a + 1])) : 0;
    }
}

/* Look row (i, j) up: its potential, T and 1/(2k) of its ends and of its cut voxels. */
static void NAME(enter_row)(const HeatSweep *s, const NAME(Scratch) *w, ptrdiff_t i, ptrdiff_t j, const REAL *D) {
    const ptrdiff_t row = i * s->ny + j, o = row * s->nzp, ny = s->ny, last = s->nz - 1;
    const int64_t first = s->span_row[row], end = s->span_row[row + 1];
    const int low = first < end && s->span_start[first] == 0, high = first < end && s->span_end[end - 1] > last;
    REAL *u = w->u, *ends = w->ends[i % 3];
    int32_t *bin = w->bin;
    if (first < end) NAME(lookup_row)(s, row, (const REAL *)s->H + o, D ? D + o : NULL, w->theta[i % 3] + j * s->nzp, u, bin);
    /* a side counts no heat of rows that do not reach it: any finite number does */
    ends[j] = low ? NAME(temperature_at)(s, bin[0], u[0]) : 1;
    ends[ny + j] = low ? NAME(half_resistivity_at)(s, bin[0], u[0]) : 1;
    ends[2 * ny + j] = high ? NAME(temperature_at)(s, bin[last], u[last]) : 1;
    ends[3 * ny + j] = high ? NAME(half_resistivity_at)(s, bin[last], u[last]) : 1;
    for (int64_t c = s->cut_row[row]; c < s->cut_row[row + 1]; ++c) {
        const ptrdiff_t k = s->cut_k[c], at = (ptrdiff_t)(c - w->cut0);
        w->cut_T[at] = NAME(temperature_at)(s, bin[k], u[k]);
        w->cut_r[at] = NAME(half_resistivity_at)(s, bin[k], u[k]);
        w->cut_P[at] = w->theta[i % 3][j * s->nzp + k];
        w->gain[at] = 0;
    }
}

/* Heat through the walls whose low voxel lies in a row, to both of their voxels. */
static void NAME(wall_row)(const HeatSweep *s, const NAME(Scratch) *w, ptrdiff_t row) {
    const REAL *area = (const REAL *)s->face_area, *low = (const REAL *)s->face_low, *high = (const REAL *)s->face_high;
    const REAL *table = (const REAL *)s->contact_resistance;
    for (int64_t e = s->face_row[row]; e < s->face_row[row + 1]; ++e) {
        const ptrdiff_t a = (ptrdiff_t)(s->face_a[e] - w->cut0), b = (ptrdiff_t)(s->face_b[e] - w->cut0);
        const REAL Ta = w->cut_T[a], Tb = w->cut_T[b];
        /* contact resistance at the temperature of the contact's first region */
        const int kind = s->face_kind[e], contact = kind >> 1;
        const int32_t c0 = s->contact_row[contact], nc = s->contact_row[contact + 1] - c0;
        REAL resistance = table[c0];
        if (nc > 1) {
            REAL p = (((kind & 1) ? Tb : Ta) - (REAL)s->contact_T0[contact]) * (REAL)s->contact_inv[contact];
            p = p > 0 ? p : 0;
            p = p < (REAL)(nc - 1) ? p : (REAL)(nc - 1);
            int32_t n = (int32_t)p;
            if (n > nc - 2) n = nc - 2;
            resistance = table[c0 + n] + (p - (REAL)n) * (table[c0 + n + 1] - table[c0 + n]);
        }
        const REAL flow = area[e] * (Tb - Ta) / (2 * (low[e] * w->cut_r[a] + high[e] * w->cut_r[b]) + resistance);
        w->gain[a] += flow;
        w->gain[b] -= flow;
    }
}

/* Heat through the links whose first voxel lies in a row, to both of their voxels. */
static void NAME(link_row)(const HeatSweep *s, const NAME(Scratch) *w, ptrdiff_t row) {
    const REAL *c = (const REAL *)s->link_c;
    for (int64_t e = s->link_row[row]; e < s->link_row[row + 1]; ++e) {
        const ptrdiff_t a = (ptrdiff_t)(s->link_a[e] - w->cut0), b = (ptrdiff_t)(s->link_b[e] - w->cut0);
        const REAL flow = c[e] * (w->cut_P[b] - w->cut_P[a]);
        w->gain[a] += flow;
        w->gain[b] -= flow;
    }
}

/* Flow densities into n voxels on an outer side, whose surroundings are at `field` (NULL: all alike); returns the heat (W) through
   their faces of `breadth` times `along`. */
ROWS static double NAME(side_values)(const Side *side, const double *field, ptrdiff_t n, const REAL *restrict T,
                               const REAL *restrict r, double width, double breadth, const double *along, REAL *restrict q) {
    /* as rounded as T: what is still at its surroundings' temperature exchanges nothing with them */
    const double Te = (REAL)side->ambient, outer = side->htc > 0.0 ? 1.0 / side->htc : INFINITY;
    if (field) {
        for (ptrdiff_t k = 0; k < n; ++k) q[k] = (REAL)side_flow(side, (REAL)field[k], (double)T[k], width * (double)r[k]);
    } else if (side->kind == SIDE_FIXED) {
        NO_ALIAS
        for (ptrdiff_t k = 0; k < n; ++k) q[k] = (REAL)((Te - (double)T[k]) / (width * (double)r[k]));
    } else if (side->kind == SIDE_CONVECTIVE && side->emissivity <= 0.0) {
        NO_ALIAS
        for (ptrdiff_t k = 0; k < n; ++k) q[k] = (REAL)((Te - (double)T[k]) / (width * (double)r[k] + outer));
    } else {
        for (ptrdiff_t k = 0; k < n; ++k) q[k] = (REAL)side_flow(side, Te, (double)T[k], width * (double)r[k]);
    }
    double sums[4] = {0.0, 0.0, 0.0, 0.0};
    ptrdiff_t k = 0;
    for (; k + 4 <= n; k += 4)
        for (int a = 0; a < 4; ++a) sums[a] += (double)q[k + a] * along[k + a];
    for (; k < n; ++k) sums[0] += (double)q[k] * along[k];
    return ((sums[0] + sums[1]) + (sums[2] + sums[3])) * breadth;
}

/* Flow densities into n voxels that are there in part, `apart` apart in the field of shares; returns the heat (W). */
static double NAME(thinned)(const HeatSweep *s, ptrdiff_t first, ptrdiff_t apart, ptrdiff_t n, double breadth, const double *along,
                            REAL *q) {
    const REAL *share = (const REAL *)s->share + first;
    double heat = 0.0;
    for (ptrdiff_t k = 0; k < n; ++k) {
        q[k] *= share[k * apart];
        heat += (double)q[k] * along[k];
    }
    return heat * breadth;
}

/* Flow densities into row (i, j), which lies on an outer side, with the sign of the axis; returns the heat (W). */
static double NAME(side_row)(const HeatSweep *s, const NAME(Scratch) *w, ptrdiff_t i, ptrdiff_t j, int number, const REAL *D,
                             REAL *restrict q) {
    const Side *side = &s->side[number];
    const ptrdiff_t row = i * s->ny + j, o = row * s->nzp;
    for (ptrdiff_t k = 0; k < s->nzp; ++k) q[k] = 0;
    if (side->kind == SIDE_INSULATED) return 0.0;
    const double width = number < 2 ? s->dx[i] : s->dy[j], breadth = number < 2 ? s->dy[j] : s->dx[i];
    REAL *T = w->T, *r = w->r, *u = w->u;
    NAME(lookup_row)(s, row, (const REAL *)s->H + o, D ? D + o : NULL, T, u, w->bin);
    const ptrdiff_t across = (number < 2 ? j : i) * s->nz;
    const double *along = s->side_along[number] ? s->side_along[number] + across : s->dz;
    double heat = 0.0;
    for (int64_t p = s->span_row[row]; p < s->span_row[row + 1]; ++p) {
        const ptrdiff_t a = s->span_start[p], b = s->span_end[p] < s->nz ? s->span_end[p] : s->nz;
        for (ptrdiff_t k = a; k < b; ++k) {
            T[k] = NAME(temperature_at)(s, w->bin[k], u[k]);
            r[k] = NAME(half_resistivity_at)(s, w->bin[k], u[k]);
        }
        const double *field = side->field ? side->field + across + a : NULL;
        const double there = NAME(side_values)(side, field, b - a, T + a, r + a, width, breadth, along + a, q + a);
        heat += s->share ? NAME(thinned)(s, o + a, 1, b - a, breadth, along + a, q + a) : there;
    }
    if (number % 2 == 0)
        for (ptrdiff_t k = 0; k < s->nz; ++k) q[k] = -q[k];
    return heat;
}

/* Heat flow density between two neighbouring rows, zero where the face is not open. */
INLINE void NAME(row_flux)(ptrdiff_t n, const uint8_t *restrict open, int bit, REAL inverse, const REAL *restrict a,
                           const REAL *restrict b, REAL *restrict q) {
    NO_ALIAS
    for (ptrdiff_t k = 0; k < n; ++k) {
        const REAL flux = (b[k] - a[k]) * inverse;
        q[k] = (open[k] & bit) ? flux : (REAL)0;
    }
}

/* Rates of a span from its faces, whose fluxes on the low side become those of the next row and plane; fused: and its increment in
   a general stage of second order. Fluxes along the row are computed for both of their voxels, which is cheaper than to hand
   them on: what was just stored cannot be loaded at another place of a vector before it has reached the cache.
   given: fluxes at the x and y faces are known, and stand in Px and Py. */
INLINE void NAME(span_rates)(const HeatSweep *s, ptrdiff_t n, int masked, int given, int fused, const int32_t *restrict open,
                             const REAL *restrict P, const REAL *restrict Px, const REAL *restrict Py, REAL ix, REAL iy, REAL idx,
                             REAL idy, const REAL *restrict ahead, const REAL *restrict behind, const REAL *restrict idz,
                             REAL *restrict qx, REAL *restrict qy, REAL *restrict f, REAL *restrict base,
                             const REAL *restrict old, const REAL *restrict rate, REAL *restrict now) {
    const REAL mu = (REAL)s->mu, nu = (REAL)s->nu, mt = (REAL)s->mt, g = (REAL)s->g;
    NO_ALIAS
    for (ptrdiff_t k = 0; k < n; ++k) {
        REAL x = given ? Px[k] : (Px[k] - P[k]) * ix, y = given ? Py[k] : (Py[k] - P[k]) * iy;
        REAL high = (P[k + 1] - P[k]) * ahead[k], low = (P[k] - P[k - 1]) * behind[k];
        if (masked) {
            if (!given) {
                x = (open[k] & OPEN_X) ? x : (REAL)0;
                y = (open[k] & OPEN_Y) ? y : (REAL)0;
            }
            high = (open[k] & OPEN_Z) ? high : (REAL)0;
            low = (open[k - 1] & OPEN_Z) ? low : (REAL)0;
        }
        const REAL now_rate = (x - qx[k]) * idx + (y - qy[k]) * idy + (high - low) * idz[k];
        qx[k] = x;
        qy[k] = y;
        f[k] = now_rate;
        if (fused) {
            base[k] = mu * old[k] + nu * now[k] + g * rate[k];
            now[k] = base[k] + mt * now_rate;
        }
    }
}

/* A stage's increment of a span from its rates. */
INLINE void NAME(increment_span)(const HeatSweep *s, ptrdiff_t n, const REAL *restrict f, const REAL *restrict old,
                                 const REAL *restrict rate, REAL *restrict now) {
    const REAL mu = (REAL)s->mu, nu = (REAL)s->nu, mt = (REAL)s->mt, g = (REAL)s->g;
    if (s->store_F0 && s->use_D2) { /* RKL2: the first rate enters every stage */
        NO_ALIAS
        for (ptrdiff_t k = 0; k < n; ++k) now[k] = mu * old[k] + nu * now[k] + mt * f[k] + g * rate[k];
    } else if (s->store_F0) {
        NO_ALIAS
        for (ptrdiff_t k = 0; k < n; ++k) now[k] = mu * old[k] + mt * f[k] + g * rate[k];
    } else if (s->use_D2) {
        NO_ALIAS
        for (ptrdiff_t k = 0; k < n; ++k) now[k] = mu * old[k] + nu * now[k] + mt * f[k];
    } else {
        NO_ALIAS
        for (ptrdiff_t k = 0; k < n; ++k) now[k] = mu * old[k] + mt * f[k];
    }
}

/* Walls, true volumes and the source of row (i, j), once its regular faces are in f; returns the source's heat (W). */
static double NAME(finish_rates)(const HeatSweep *s, const NAME(Scratch) *w, ptrdiff_t row, double across, REAL scale) {
    const REAL *idz = (const REAL *)s->idz_row, *cut_inv = (const REAL *)s->cut_inv_volume, *source = (const REAL *)s->source;
    REAL *f = w->f;
    for (int64_t c = s->cut_row[row]; c < s->cut_row[row + 1]; ++c) {
        const ptrdiff_t k = s->cut_k[c];
        f[k] = (f[k] + w->gain[c - w->cut0] * scale * idz[k]) * cut_inv[c];
    }
    if (!source) return 0.0;
    source += row * s->nzp;
    double heat = 0.0;
    for (ptrdiff_t k = 0; k < s->nz; ++k) {
        f[k] += source[k];
        heat += (double)source[k] * s->dz[k];
    }
    /* a cut voxel is heated as much as the volume that it owns */
    for (int64_t c = s->cut_row[row]; c < s->cut_row[row + 1]; ++c) {
        const ptrdiff_t k = s->cut_k[c];
        heat += (double)source[k] * s->dz[k] * (1.0 / (double)cut_inv[c] - 1.0);
    }
    return heat * across;
}

/* Book the heat through the faces of the held part whose low voxel lies in row (i, j). */
static void NAME(book_crossings)(const HeatSweep *s, const NAME(Scratch) *w, ptrdiff_t i, ptrdiff_t j) {
    const ptrdiff_t row = i * s->ny + j, at = j * s->nzp;
    const REAL *P = w->theta[i % 3] + at, *ahead = (const REAL *)s->idz_face;
    /* with the coefficients as the increments see them: rounded to single precision they sum up to something else */
    const double mu = (REAL)s->mu, nu = s->use_D2 ? (REAL)s->nu : 0, mt = (REAL)s->mt, g = s->store_F0 ? (REAL)s->g : 0;
    for (int64_t e = s->cross_row[row]; e < s->cross_row[row + 1]; ++e) {
        const ptrdiff_t k = s->cross_k[e];
        const double q = s->cross_axis[e] == 0 ? w->qx[at + k] : s->cross_axis[e] == 1 ? w->qy[k] : (P[k + 1] - P[k]) * ahead[k];
        if (s->first) {
            s->cross_q0[e] = q;
            s->cross_E1[e] = mt * q;
        } else {
            s->cross_E2[e] = mu * s->cross_E1[e] + nu * s->cross_E2[e] + mt * q + g * s->cross_q0[e];
        }
    }
}

/* Rates of row (i, j) from its faces, and fused its increments; returns the heat (W) from outer sides. */
INLINE double NAME(flux_row)(const HeatSweep *s, const NAME(Scratch) *w, ptrdiff_t i, ptrdiff_t j, int fused, const REAL *D1,
                             REAL *now) {
    const ptrdiff_t nx = s->nx, ny = s->ny, nzp = s->nzp, row = i * ny + j, at = j * nzp, o = row * nzp;
    const REAL *P = w->theta[i % 3] + at, *Px = w->theta[(i + 1) % 3] + at, *Py = P + nzp, *F0 = fused ? (const REAL *)s->F0 + o : P;
    const REAL *old = fused ? D1 + o : P, *ahead = (const REAL *)s->idz_face, *behind = (const REAL *)s->idz_behind;
    const REAL *idz = (const REAL *)s->idz_row;
    const uint8_t *open = s->open + o;
    const REAL idx = w->idx[i], idy = w->idy[j], ix = w->idx_next[i], iy = w->idy_next[j];
    REAL *qx = w->qx + at, *qy = w->qy, *f = w->f;
    const int inside = i + 1 < nx && j + 1 < ny;
    double inflow = 0.0;
    if (i == 0) inflow += NAME(side_row)(s, w, i, j, 0, D1, qx);
    if (j == 0) inflow += NAME(side_row)(s, w, i, j, 2, D1, qy);
    if (!inside) {
        if (i + 1 < nx)
            NAME(row_flux)(nzp, open, OPEN_X, ix, P, Px, w->qxn);
        else
            inflow += NAME(side_row)(s, w, i, j, 1, D1, w->qxn);
        if (j + 1 < ny)
            NAME(row_flux)(nzp, open, OPEN_Y, iy, P, Py, w->qyn);
        else
            inflow += NAME(side_row)(s, w, i, j, 3, D1, w->qyn);
    }
    ptrdiff_t known = 0; /* no heat leaves what lies between the spans */
    for (int64_t p = s->span_row[row]; p < s->span_row[row + 1]; ++p) {
        const ptrdiff_t a = s->span_start[p], b = s->span_end[p], n = b - a;
        /* only a whole row ends where no heat flows anyway */
        const int plain = n == nzp && (s->span_open[p] & (OPEN_X | OPEN_Y | OPEN_Z)) == (OPEN_X | OPEN_Y | OPEN_Z);
        memset(qx + known, 0, (size_t)(a - known) * sizeof(REAL));
        memset(qy + known, 0, (size_t)(a - known) * sizeof(REAL));
        known = b;
#define RATES(masked, given, X, Y)                                                                                              \
    NAME(span_rates)(s, n, masked, given, fused, w->bits + a, P + a, (X) + a, (Y) + a, ix, iy, idx, idy, ahead + a, behind + a,     \
                     idz + a, qx + a, qy + a, f + a, w->base + a, old + a, F0 + a, now + a)
        if (inside && plain) {
            RATES(0, 0, Px, Py);
            continue;
        }
        for (ptrdiff_t k = a - 1 + (a == 0); k < b; ++k) w->bits[k] = open[k];
        if (inside)
            RATES(1, 0, Px, Py);
        else
            RATES(1, 1, w->qxn, w->qyn);
#undef RATES
    }
    memset(qx + known, 0, (size_t)(nzp - known) * sizeof(REAL));
    memset(qy + known, 0, (size_t)(nzp - known) * sizeof(REAL));
    if (s->hold) NAME(book_crossings)(s, w, i, j);
    return inflow;
}

/* What row (i, j) takes at its two ends, and through the faces of the part that it belongs to. */
INLINE void NAME(end_rates)(const HeatSweep *s, const NAME(Scratch) *w, ptrdiff_t row, ptrdiff_t j, REAL *f) {
    const REAL *idz = (const REAL *)s->idz_row, *rate = (const REAL *)s->bound_rate, *rise = (const REAL *)s->bound_rise;
    const REAL part = (REAL)s->part;
    const int64_t first = s->span_row[row], end = s->span_row[row + 1];
    if (first < end && s->span_start[first] == 0) f[0] += w->z_low[j] * idz[0];
    if (first < end && s->span_end[end - 1] >= s->nz) f[s->nz - 1] += w->z_high[j] * idz[s->nz - 1];
    if (!s->bound_row) return;
    for (int64_t e = s->bound_row[row]; e < s->bound_row[row + 1]; ++e) f[s->bound_k[e]] += rate[e] + part * rise[e];
}

/* Call `what` for every voxel k of a row whose rate is not that of its faces alone; for one or the other perhaps twice. */
#define FOR_SPECIAL(what)                                                                                                       \
    do {                                                                                                                        \
        const int64_t spans = s->span_row[row + 1];                                                                             \
        if (s->span_row[row] < spans && s->span_start[s->span_row[row]] == 0) what(0);                                          \
        if (s->span_row[row] < spans && s->span_end[spans - 1] >= s->nz) what(s->nz - 1);                                       \
        for (int64_t c = s->cut_row[row]; c < s->cut_row[row + 1]; ++c) what((ptrdiff_t)s->cut_k[c]);                           \
        if (s->bound_row)                                                                                                       \
            for (int64_t e = s->bound_row[row]; e < s->bound_row[row + 1]; ++e) what((ptrdiff_t)s->bound_k[e]);                 \
    } while (0)

/* Row (i, j) of a general stage of second order: all voxels as if their faces were all, then those that have more once more. */
INLINE double NAME(general_row)(const HeatSweep *s, const NAME(Scratch) *w, ptrdiff_t i, ptrdiff_t j, const REAL *D1, REAL *out) {
    const ptrdiff_t row = i * s->ny + j, o = row * s->nzp;
    const REAL mt = (REAL)s->mt;
    REAL *f = w->f, *now = out + o, *base = w->base;
    const double inflow = NAME(flux_row)(s, w, i, j, 1, D1, now);
    NAME(end_rates)(s, w, row, j, f);
    NAME(finish_rates)(s, w, row, 0.0, w->idx[i] * w->idy[j]);
#define AGAIN(k) now[k] = base[k] + mt * f[k]
    FOR_SPECIAL(AGAIN);
#undef AGAIN
    return inflow;
}

/* Row (i, j) of any stage, with the next plane looked up to row j + 1; returns the heat (W) from its outer sides and source. */
ROWS static double NAME(heat_row)(const HeatSweep *s, const NAME(Scratch) *w, ptrdiff_t i, ptrdiff_t j, const REAL *D1, REAL *out) {
    const ptrdiff_t row = i * s->ny + j, o = row * s->nzp;
    const int64_t first = s->span_row[row], end = s->span_row[row + 1];
    NAME(wall_row)(s, w, row);
    NAME(link_row)(s, w, row);
    int moves = MOVES;
    if (s->hold)
        for (int64_t p = first; p < end; ++p) moves &= s->span_open[p];
    if (D1 && s->store_F0 && s->use_D2 && !s->source && moves) return NAME(general_row)(s, w, i, j, D1, out);
    const uint8_t *open = s->open + o;
    REAL *f = w->f, *now = out + o, *F0 = s->F0 ? (REAL *)s->F0 + o : NULL;
    double inflow = NAME(flux_row)(s, w, i, j, 0, D1, now);
    NAME(end_rates)(s, w, row, j, f);
    inflow += NAME(finish_rates)(s, w, row, s->dx[i] * s->dy[j], w->idx[i] * w->idy[j]);
    for (int64_t p = first; p < end; ++p) {
        const ptrdiff_t a = s->span_start[p], b = s->span_end[p];
        if (!moves) {
            NO_ALIAS
            for (ptrdiff_t k = a; k < b; ++k) f[k] = (open[k] & MOVES) ? f[k] : (REAL)0;
        }
        if (D1) {
            NAME(increment_span)(s, b - a, f + a, D1 + o + a, F0 ? F0 + a : NULL, now + a);
            continue;
        }
        const REAL mt = (REAL)s->mt;
        NO_ALIAS
        for (ptrdiff_t k = a; k < b; ++k) now[k] = mt * f[k];
        if (s->store_F0) memcpy(F0 + a, f + a, (size_t)(b - a) * sizeof(REAL));
    }
    return inflow;
}

/* Ask for the rows that come after row (i, j), which have much the same spans: prefetching past the end of an array is no access. */
INLINE void NAME(fetch_rows)(const HeatSweep *s, ptrdiff_t i, ptrdiff_t j, const REAL *D1, const REAL *out) {
    const ptrdiff_t row = i * s->ny + j;
    for (int64_t p = s->span_row[row]; p < s->span_row[row + 1]; ++p) {
        const ptrdiff_t a = s->span_start[p], bytes = (s->span_end[p] - a) * (ptrdiff_t)sizeof(REAL);
        const ptrdiff_t o = (row + AHEAD) * s->nzp + a, next = o + s->ny * s->nzp;
        fetch_ahead((const REAL *)s->H + next, bytes);
        if (D1) fetch_ahead(D1 + next, bytes);
        fetch_ahead(s->open + o, bytes / (ptrdiff_t)sizeof(REAL));
        fetch_ahead(out + o, bytes);
        if (s->F0) fetch_ahead((const REAL *)s->F0 + o, bytes);
    }
}

/* Planes [i0, i1) of a stage. */
static void NAME(heat_planes)(const HeatSweep *s, ptrdiff_t i0, ptrdiff_t i1, void *scratch) {
    if (i0 >= i1) return;
    const ptrdiff_t ny = s->ny, nzp = s->nzp;
    const REAL *D1 = s->first ? NULL : (const REAL *)s->D1;
    REAL *out = s->first ? (REAL *)s->D1 : (REAL *)s->D2;
    NAME(Scratch) w;
    NAME(lay_out)(s, i0, i1, (char *)scratch, &w);
    NAME(invert)(s->nx, s->dx, w.idx, w.idx_next);
    NAME(invert)(ny, s->dy, w.idy, w.idy_next);
    for (ptrdiff_t i = i0 > 0 ? i0 - 1 : 0; i <= i0; ++i)
        for (ptrdiff_t j = 0; j < ny; ++j) NAME(enter_row)(s, &w, i, j, D1);
    if (i0 > 0)
        for (ptrdiff_t j = 0; j < ny; ++j) {
            const ptrdiff_t row = (i0 - 1) * ny + j;
            NAME(row_flux)(nzp, s->open + row * nzp, OPEN_X, w.idx_next[i0 - 1], w.theta[(i0 - 1) % 3] + j * nzp, w.theta[i0 % 3] + j * nzp, w.qx + j * nzp);
            NAME(wall_row)(s, &w, row);
            NAME(link_row)(s, &w, row);
        }
    for (ptrdiff_t i = i0; i < i1; ++i) {
        double inflow = 0.0;
        int64_t done = 0;
        const REAL *ends = w.ends[i % 3];
        const double *low = s->side[4].field ? s->side[4].field + i * ny : NULL;
        const double *high = s->side[5].field ? s->side[5].field + i * ny : NULL;
        const double *along = s->side_along[4] ? s->side_along[4] + i * ny : s->dy, dx = s->dx[i], dz = s->dz[s->nz - 1];
        double below = NAME(side_values)(&s->side[4], low, ny, ends, ends + ny, s->dz[0], dx, along, w.z_low);
        if (s->share) below = NAME(thinned)(s, i * ny * nzp, nzp, ny, dx, along, w.z_low);
        along = s->side_along[5] ? s->side_along[5] + i * ny : s->dy;
        double above = NAME(side_values)(&s->side[5], high, ny, ends + 2 * ny, ends + 3 * ny, dz, dx, along, w.z_high);
        if (s->share) above = NAME(thinned)(s, i * ny * nzp + s->nz - 1, nzp, ny, dx, along, w.z_high);
        inflow += below + above;
        /* one row ahead: links reach the next plane's rows on either side */
        if (i + 1 < s->nx) NAME(enter_row)(s, &w, i + 1, 0, D1);
        for (ptrdiff_t j = 0; j < ny; ++j) {
            NAME(fetch_rows)(s, i, j, D1, out);
            if (i + 1 < s->nx && j + 1 < ny) NAME(enter_row)(s, &w, i + 1, j + 1, D1);
            inflow += NAME(heat_row)(s, &w, i, j, D1, out);
            /* one row late: this row's increments are still on their way to the cache */
            if (s->watching && j > 0) done += NAME(watch_row)(s, i, j - 1, D1, out);
        }
        if (s->watching) done += NAME(watch_row)(s, i, ny - 1, D1, out);
        s->inflow[i] = inflow;
        s->done[i] = done;
    }
}

/* T of planes [i0, i1), padded like H. */
static void NAME(temperature_planes)(const HeatSweep *s, ptrdiff_t i0, ptrdiff_t i1, void *scratch_memory, void *T) {
    NAME(Scratch) w;
    NAME(lay_out)(s, i0, i1, (char *)scratch_memory, &w);
    for (ptrdiff_t row = i0 * s->ny; row < i1 * s->ny; ++row) {
        NAME(lookup_row)(s, row, (const REAL *)s->H + row * s->nzp, NULL, w.T, w.u, w.bin);
        for (ptrdiff_t k = 0; k < s->nz; ++k) ((REAL *)T)[row * s->nzp + k] = NAME(temperature_at)(s, w.bin[k], w.u[k]);
    }
}

/* Copy the spans of plane i from one field to another. */
static void NAME(copy_spans)(const HeatSweep *s, ptrdiff_t i, const void *from, void *to) {
    for (ptrdiff_t row = i * s->ny; row < (i + 1) * s->ny; ++row)
        for (int64_t p = s->span_row[row]; p < s->span_row[row + 1]; ++p) {
            const ptrdiff_t a = row * s->nzp + s->span_start[p], n = s->span_end[p] - s->span_start[p];
            memcpy((REAL *)to + a, (const REAL *)from + a, (size_t)n * sizeof(REAL));
        }
}

/* The smallest and the largest H + D of a region in one plane; D may be NULL. */
ROWS static void NAME(extremes_plane)(const HeatSweep *s, ptrdiff_t i, int region, const void *increment, double *least, double *most) {
    REAL low = INFINITY, high = -INFINITY;
    for (ptrdiff_t row = i * s->ny; row < (i + 1) * s->ny; ++row) {
        const REAL *H = (const REAL *)s->H + row * s->nzp, *D = increment ? (const REAL *)increment + row * s->nzp : H;
        for (int64_t q = s->run_row[row]; q < s->run_row[row + 1]; ++q) {
            if (s->run_region[q] != region) continue;
            for (ptrdiff_t k = s->run_start[q]; k < s->run_end[q]; ++k) {
                const REAL y = increment ? H[k] + D[k] : H[k];
                low = y < low ? y : low;
                high = y > high ? y : high;
            }
        }
    }
    *least = (double)low;
    *most = (double)high;
}

/* Whether an increment is finite all over one plane. */
ROWS static int NAME(finite_plane)(const HeatSweep *s, ptrdiff_t i, const void *increment) {
    const ptrdiff_t n = s->ny * s->nzp; /* nzp is a multiple of 8 */
    const REAL *D = (const REAL *)increment + i * n;
    REAL zero[8] = {0};
    for (ptrdiff_t k = 0; k < n; k += 8)
        for (int a = 0; a < 8; ++a) zero[a] += D[k + a] * 0; /* nan where it is not */
    int finite = 1;
    for (int a = 0; a < 8; ++a) finite &= zero[a] == 0;
    return finite;
}

/* H += D over one plane (D may be NULL); adds the enthalpy (J) of every region to held and
   raises hottest to its largest H. */
ROWS static void NAME(advance_plane)(const HeatSweep *s, ptrdiff_t i, const void *increment, double *held, double *hottest) {
    const ptrdiff_t nzp = s->nzp;
    REAL *H = (REAL *)s->H;
    const REAL *D = (const REAL *)increment, *cut_inv = (const REAL *)s->cut_inv_volume;
    for (ptrdiff_t j = 0; j < s->ny; ++j) {
        const ptrdiff_t row = i * s->ny + j, o = row * nzp;
        const double area = s->dx[i] * s->dy[j];
        if (D)
            for (ptrdiff_t k = 0; k < nzp; ++k) H[o + k] += D[o + k];
        int64_t c = s->cut_row[row];
        for (int64_t q = s->run_row[row]; q < s->run_row[row + 1]; ++q) {
            const ptrdiff_t a = s->run_start[q], b = s->run_end[q];
            double sum = 0.0;
            REAL most = -INFINITY;
            for (ptrdiff_t k = a; k < b; ++k) {
                sum += (double)H[o + k] * s->dz[k];
                most = H[o + k] > most ? H[o + k] : most;
            }
            const int region = s->run_region[q];
            if ((double)most > hottest[region]) hottest[region] = (double)most;
            for (; c < s->cut_row[row + 1] && s->cut_k[c] < b; ++c)
                sum += (double)H[o + s->cut_k[c]] * s->dz[s->cut_k[c]] * (1.0 / (double)cut_inv[c] - 1.0);
            held[region] += sum * area;
        }
    }
}

/* The two sums of the curvature estimate over one plane: voxel by voxel, so that a turned casting takes the same steps. */
ROWS static void NAME(curvature_plane)(const HeatSweep *s, ptrdiff_t i, const void *increment, const void *earlier, double part,
                                 double *bend, double *size) {
    const ptrdiff_t nz = s->nz, whole = nz & ~(ptrdiff_t)7;
    const REAL inverse = (REAL)(1.0 / part), tiny = (REAL)1e-5;
    double num = 0.0, den = 0.0;
    for (ptrdiff_t j = 0; j < s->ny; ++j) {
        const ptrdiff_t o = (i * s->ny + j) * s->nzp;
        const REAL *D = (const REAL *)increment + o, *B = (const REAL *)earlier + o, *H = (const REAL *)s->H + o;
        REAL n[8] = {0}, d[8] = {0};
        for (ptrdiff_t k = 0; k < whole; k += 8)
            for (int a = 0; a < 8; ++a) {
                const REAL gap = D[k + a] - B[k + a] * inverse;
                n[a] += gap < 0 ? -gap : gap;
                d[a] += (D[k + a] < 0 ? -D[k + a] : D[k + a]) + tiny * (H[k + a] < 0 ? -H[k + a] : H[k + a]);
            }
        for (ptrdiff_t k = whole; k < nz; ++k) {
            num += fabs((double)(D[k] - B[k] * inverse));
            den += fabs((double)D[k]) + 1e-5 * fabs((double)H[k]);
        }
        for (int a = 0; a < 8; ++a) {
            num += (double)n[a];
            den += (double)d[a];
        }
    }
    *bend = num / (1.0 - part);
    *size = den;
}

static const HeatRows NAME(rows) = {
    NAME(heat_scratch),       NAME(heat_planes),   NAME(foresee_potentials), NAME(foresee_runs), NAME(extremes_plane),
    NAME(temperature_planes), NAME(advance_plane), NAME(copy_spans),         NAME(finite_plane), NAME(curvature_plane),
};
