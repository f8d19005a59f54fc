/* Where a voxel's enthalpy lies in its material's table, and what the table says there, for one precision; included by
   _rows_heat.h. A table is a row of cells of one width, a power of two: the cell, and the share of it, are found exactly. */

/* Voxels that are looked up in one go. */
#ifndef PIECE
#define PIECE 16
#endif

/* The cells of one region. */
typedef struct {
    REAL inverse, bottom, top; /* 1/width; where the lines end, in cells from h = 0 */
    int32_t low, high, row;    /* the first and the last cell, counted from h = 0; record of the cell there */
} NAME(Cells);

INLINE NAME(Cells) NAME(cells_of)(const HeatSweep *s, int region) {
    const NAME(Cells) t = {((const REAL *)s->cell_inv)[region],   ((const REAL *)s->cell_bottom)[region],
                           ((const REAL *)s->cell_top)[region],   s->cell_low[region],
                           s->cell_high[region],                  s->cell_row[region] - s->cell_low[region]};
    return t;
}

/* Place of an enthalpy: where its record starts in the list of potentials, and the share u of its cell; beyond the ends of
   the table the last lines are carried on, up to the bottom and the top. */
INLINE int32_t NAME(place)(const NAME(Cells) *t, REAL y, REAL *u) {
    REAL at = y * t->inverse;
    at = at > t->bottom ? at : t->bottom; /* what is not a number ends there, too */
    at = at < t->top ? at : t->top;
    int32_t cell = (int32_t)at;
    cell -= at < (REAL)cell;
    cell = cell > t->low ? cell : t->low;
    cell = cell < t->high ? cell : t->high;
    *u = at - (REAL)cell;
    return 4 * (t->row + cell);
}

INLINE int32_t NAME(place_of)(const HeatSweep *s, int region, REAL y, REAL *u) {
    const NAME(Cells) t = NAME(cells_of)(s, region);
    return NAME(place)(&t, y, u);
}

/* T, Kirchhoff potential and 1/(2k) at a place. */
INLINE REAL NAME(potential_at)(const HeatSweep *s, int32_t bin, REAL u) {
    const REAL *rec = (const REAL *)s->potential + bin;
    const REAL past = u - rec[2];
    return rec[0] + u * rec[1] + (past > 0 ? past : 0) * rec[3];
}

INLINE REAL NAME(temperature_at)(const HeatSweep *s, int32_t bin, REAL u) {
    const REAL *rec = (const REAL *)s->bins + 2 * (ptrdiff_t)bin;
    const REAL past = u - rec[3];
    return rec[0] + u * rec[1] + (past > 0 ? past : 0) * rec[2];
}

INLINE REAL NAME(half_resistivity_at)(const HeatSweep *s, int32_t bin, REAL u) {
    const REAL *rec = (const REAL *)s->bins + 2 * (ptrdiff_t)bin;
    return u > rec[3] ? rec[6] + u * rec[7] : rec[4] + u * rec[5];
}

/* Potential at n places. */
INLINE void NAME(potentials)(const HeatSweep *s, ptrdiff_t n, const REAL *restrict u, const int32_t *restrict bin,
                             REAL *restrict theta) {
    ptrdiff_t k = 0;
#if CASTSOLVE_VECTORS
    /* records of four reals, transposed: no gathers */
    const REAL *records = (const REAL *)s->potential;
#define RECORD(at) (*(const NAME(vec4) *)(records + bin[at]))
    for (; k + 4 <= n; k += 4) {
        const NAME(vec4) a = RECORD(k), b = RECORD(k + 1), c = RECORD(k + 2), d = RECORD(k + 3);
        const NAME(vec4) ab = __builtin_shufflevector(a, b, 0, 4, 1, 5), cd = __builtin_shufflevector(c, d, 0, 4, 1, 5);
        const NAME(vec4) above = __builtin_shufflevector(a, b, 2, 6, 3, 7), beside = __builtin_shufflevector(c, d, 2, 6, 3, 7);
        const NAME(vec4) start = __builtin_shufflevector(ab, cd, 0, 1, 4, 5), rise = __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
        const NAME(vec4) kink = __builtin_shufflevector(above, beside, 0, 1, 4, 5);
        const NAME(vec4) turn = __builtin_shufflevector(above, beside, 2, 3, 6, 7);
        const NAME(vec4) part = *(const NAME(vec4) *)(u + k), past = part - kink;
        const NAME(mask4) beyond = past > 0;
        *(NAME(vec4) *)(theta + k) = start + part * rise + (NAME(vec4))((NAME(mask4))past & beyond) * turn;
    }
#undef RECORD
#endif
    for (; k < n; ++k) theta[k] = NAME(potential_at)(s, bin[k], u[k]);
}

/* Places of n enthalpies of one region. */
INLINE void NAME(places)(const NAME(Cells) *t, ptrdiff_t n, const REAL *restrict H, const REAL *restrict D, int with_D,
                         REAL *restrict u, int32_t *restrict bin) {
    NO_ALIAS_SHORT
    for (ptrdiff_t k = 0; k < n; ++k) bin[k] = NAME(place)(t, with_D ? H[k] + D[k] : H[k], u + k);
}

/* Runs are looked up from the low end on in whole pieces: what a piece writes beyond its run, the next run or row writes anew. */
INLINE void NAME(lookup_runs)(const HeatSweep *s, ptrdiff_t row, const REAL *restrict H, const REAL *restrict D, int with_D,
                              REAL *restrict theta, REAL *restrict u, int32_t *restrict bin) {
    const ptrdiff_t room = (s->nx * s->ny - row) * s->nzp; /* up to the end of the fields */
    for (int64_t q = s->run_row[row]; q < s->run_row[row + 1]; ++q) {
        const ptrdiff_t a = s->run_start[q], b = s->run_end[q];
        const NAME(Cells) t = NAME(cells_of)(s, s->run_region[q]);
        ptrdiff_t k = a;
        if (s->foreseeing && s->run_ahead[q] >= 0) {
            const REAL *mean = (const REAL *)s->ahead_D + (s->run_ahead[q] - a);
            for (; k < b && k + PIECE <= room; k += PIECE) NAME(places)(&t, PIECE, H + k, mean + k, 1, u + k, bin + k);
            if (k < b) NAME(places)(&t, b - k, H + k, mean + k, 1, u + k, bin + k);
            continue;
        }
        for (; k < b && k + PIECE <= room; k += PIECE) NAME(places)(&t, PIECE, H + k, with_D ? D + k : H, with_D, u + k, bin + k);
        if (k < b) NAME(places)(&t, b - k, H + k, with_D ? D + k : H, with_D, u + k, bin + k);
    }
    for (int64_t p = s->span_row[row]; p < s->span_row[row + 1]; ++p) {
        const ptrdiff_t a = s->span_start[p], b = s->span_end[p] < s->nz ? s->span_end[p] : s->nz;
        NAME(potentials)(s, b - a, u + a, bin + a, theta + a);
    }
    for (ptrdiff_t k = s->nz; k < s->nzp; ++k) theta[k] = theta[s->nz - 1];
}

/* Kirchhoff potential and place of every voxel of a row; D may be NULL. */
ROWS static void NAME(lookup_row)(const HeatSweep *s, ptrdiff_t row, const REAL *H, const REAL *D, REAL *theta, REAL *u,
                            int32_t *bin) {
    if (D)
        NAME(lookup_runs)(s, row, H, D, 1, theta, u, bin);
    else
        NAME(lookup_runs)(s, row, H, D, 0, theta, u, bin);
}
