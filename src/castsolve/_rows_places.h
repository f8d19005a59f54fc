/* Where a voxel's enthalpy lies in its material's table, and what the table says there, for one precision; included by
   _rows_heat.h. A table is a chain of stretches between the kinks of T(h) and k(h), each cut into bins of one length. */

/* Voxels that are placed in one go. */
#ifndef PIECE
#define PIECE 16
#endif

/* The table of one region. */
typedef struct {
    const REAL *h, *inverse, *n; /* of each stretch: where it starts, bins over enthalpy, number of bins */
    const int32_t *bin;          /* first record of each stretch */
    int count;                   /* stretches */
} NAME(Table);

INLINE NAME(Table) NAME(table_of)(const HeatSweep *s, int region) {
    const int32_t p = s->stretch_row[region];
    const NAME(Table) t = {(const REAL *)s->stretch_h + p, (const REAL *)s->stretch_inv + p, (const REAL *)s->stretch_n + p,
                           s->stretch_bin + p, s->stretch_row[region + 1] - p};
    return t;
}

/* The stretch that holds an enthalpy, searched from a guess; what lies below the table is in the first one. */
INLINE int NAME(stretch_of)(const NAME(Table) *t, REAL y, int p) {
    while (p + 1 < t->count && y >= t->h[p + 1]) ++p;
    while (p > 0 && y < t->h[p]) --p;
    return p;
}

/* Place of one enthalpy: the record, and the share u of the way to the next one. */
INLINE int32_t NAME(place_of)(const NAME(Table) *t, REAL y, REAL *u) {
    const int p = NAME(stretch_of)(t, y, 0);
    REAL share = (y - t->h[p]) * t->inverse[p];
    share = share > 0 ? share : 0;
    share = share < t->n[p] ? share : t->n[p];
    const int32_t c = (int32_t)share;
    *u = share - (REAL)c;
    return t->bin[p] + c;
}

/* Shares within one stretch; returns whether all of them lie in it. */
INLINE int NAME(shares_within)(ptrdiff_t n, const REAL *restrict y, REAL h, REAL inverse, REAL bins, REAL *restrict share) {
    int outside = 0;
    NO_ALIAS_SHORT
    for (ptrdiff_t k = 0; k < n; ++k) {
        const REAL t = (y[k] - h) * inverse;
        share[k] = t;
        outside |= !((t >= 0) & (t < bins)); /* what is not a number is outside, too */
    }
    return !outside;
}

/* Shares over several stretches, clamped to the table's ends, counted from the coldest stretch; returns that stretch. */
INLINE int NAME(shares_across)(const NAME(Table) *t, ptrdiff_t n, const REAL *restrict y, int p, REAL *restrict share) {
    REAL low = y[0], high = y[0];
    for (ptrdiff_t k = 1; k < n; ++k) {
        low = y[k] < low ? y[k] : low;
        high = y[k] > high ? y[k] : high;
    }
    const int first = NAME(stretch_of)(t, low, p), last = NAME(stretch_of)(t, high, first);
    NO_ALIAS_SHORT
    for (ptrdiff_t k = 0; k < n; ++k) share[k] = 0;
    for (int a = first; a <= last; ++a) {
        const REAL h = t->h[a], inverse = t->inverse[a], bins = t->n[a];
        NO_ALIAS_SHORT
        for (ptrdiff_t k = 0; k < n; ++k) {
            REAL part = (y[k] - h) * inverse;
            part = part > 0 ? part : 0;
            share[k] += part < bins ? part : bins;
        }
    }
    return first;
}

/* Potential at n places. */
INLINE void NAME(potentials)(const HeatSweep *s, ptrdiff_t n, const REAL *restrict u, const int32_t *restrict bin,
                             REAL *restrict theta) {
    const REAL *records = (const REAL *)s->potential;
    ptrdiff_t k = 0;
#if CASTSOLVE_VECTORS
    /* records of two reals, transposed: no gathers */
    const NAME(vec2) *rec = (const NAME(vec2) *)records;
    for (; k + 4 <= n; k += 4) {
        const NAME(vec2) a = rec[bin[k]], b = rec[bin[k + 1]], c = rec[bin[k + 2]], d = rec[bin[k + 3]];
        const NAME(vec4) ab = __builtin_shufflevector(a, b, 0, 2, 1, 3);
        const NAME(vec4) cd = __builtin_shufflevector(c, d, 0, 2, 1, 3);
        const NAME(vec4) start = __builtin_shufflevector(ab, cd, 0, 1, 4, 5);
        const NAME(vec4) rise = __builtin_shufflevector(ab, cd, 2, 3, 6, 7);
        const NAME(vec4) part = *(const NAME(vec4) *)(u + k);
        *(NAME(vec4) *)(theta + k) = start + part * rise;
    }
#endif
    for (; k < n; ++k) theta[k] = records[2 * (ptrdiff_t)bin[k]] + u[k] * records[2 * (ptrdiff_t)bin[k] + 1];
}

/* Where the piece before lay: its stretch, and the record that held all of it, or -1. */
typedef struct {
    int stretch;
    int32_t record;
    REAL h; /* where the record starts */
} NAME(Guess);

/* Place and potential of a piece of one region, searched from where the piece before lay; y holds its enthalpies. */
INLINE void NAME(place_piece)(const HeatSweep *s, const NAME(Table) *t, ptrdiff_t n, const REAL *restrict y, NAME(Guess) *guess,
                              REAL *restrict theta, REAL *restrict u, int32_t *restrict bin) {
    const REAL *records = (const REAL *)s->potential;
    int *p = &guess->stretch;
    /* cold mould and a pool of melt lie in one record for long stretches */
    if (guess->record >= 0 && NAME(shares_within)(n, y, guess->h, t->inverse[*p], 1, u)) {
        const int32_t record = guess->record;
        const REAL start = records[2 * (ptrdiff_t)record], rise = records[2 * (ptrdiff_t)record + 1];
        NO_ALIAS_SHORT
        for (ptrdiff_t k = 0; k < n; ++k) {
            bin[k] = record;
            theta[k] = start + u[k] * rise;
        }
        return;
    }
    if (!NAME(shares_within)(n, y, t->h[*p], t->inverse[*p], t->n[*p], u)) {
        *p = NAME(stretch_of)(t, y[0], *p);
        if (!NAME(shares_within)(n, y, t->h[*p], t->inverse[*p], t->n[*p], u)) *p = NAME(shares_across)(t, n, y, *p, u);
    }
    const int32_t base = t->bin[*p];
    const int32_t first = (int32_t)u[0];
    int32_t differ = 0;
    NO_ALIAS_SHORT
    for (ptrdiff_t k = 0; k < n; ++k) {
        const int32_t c = (int32_t)u[k];
        differ |= c ^ first;
        u[k] -= (REAL)c;
        bin[k] = base + c;
    }
    guess->record = -1;
    if (differ == 0) {
        /* beyond the end of the table every share is that of the end */
        if ((REAL)first < t->n[*p]) guess->record = base + first;
        guess->h = t->h[*p] + (REAL)first / t->inverse[*p];
        const REAL start = records[2 * (ptrdiff_t)(base + first)], rise = records[2 * (ptrdiff_t)(base + first) + 1];
        NO_ALIAS_SHORT
        for (ptrdiff_t k = 0; k < n; ++k) theta[k] = start + u[k] * rise;
    } else {
        NAME(potentials)(s, n, u, bin, theta);
    }
}

/* Enthalpies of a piece of n voxels; a whole piece is filled up with its first one, so that none of its loops has a rest. */
INLINE void NAME(piece_of)(ptrdiff_t n, ptrdiff_t whole, const REAL *restrict H, const REAL *restrict D, int with_D,
                           REAL *restrict y) {
    NO_ALIAS_SHORT
    for (ptrdiff_t k = 0; k < whole; ++k) y[k] = with_D ? H[k] + D[k] : H[k];
    if (n == whole) return;
    const REAL first = y[0];
    NO_ALIAS_SHORT
    for (int k = 0; k < (int)whole; ++k) y[k] = k < (int)n ? y[k] : first;
}

/* Runs are placed from the low end on in whole pieces: what a piece writes beyond its run, the next run or row writes anew. */
INLINE void NAME(lookup_runs)(const HeatSweep *s, ptrdiff_t row, const REAL *restrict H, const REAL *restrict D, int with_D,
                              REAL *restrict theta, REAL *restrict u, int32_t *restrict bin) {
    const ptrdiff_t room = (s->nx * s->ny - row) * s->nzp; /* up to the end of the fields */
    REAL y[PIECE];
    for (int64_t q = s->run_row[row]; q < s->run_row[row + 1]; ++q) {
        /* what pads a row is not looked up: how a piece is placed, and so its rounding, must not depend on it */
        const ptrdiff_t b = s->run_end[q];
        const NAME(Table) t = NAME(table_of)(s, s->run_region[q]);
        NAME(Guess) guess = {0, -1, 0};
        for (ptrdiff_t k = s->run_start[q]; k < b; k += PIECE) {
            const ptrdiff_t n = b - k < PIECE ? b - k : PIECE;
            if (k + PIECE <= room) {
                NAME(piece_of)(n, PIECE, H + k, with_D ? D + k : H, with_D, y);
                NAME(place_piece)(s, &t, PIECE, y, &guess, theta + k, u + k, bin + k);
            } else {
                NAME(piece_of)(n, n, H + k, with_D ? D + k : H, with_D, y);
                NAME(place_piece)(s, &t, n, y, &guess, theta + k, u + k, bin + k);
            }
        }
    }
    for (ptrdiff_t k = s->nz; k < s->nzp; ++k) theta[k] = theta[s->nz - 1];
}

/* Kirchhoff potential and place of every voxel of a row; D may be NULL. */
LANES void NAME(lookup_row)(const HeatSweep *s, ptrdiff_t row, const REAL *H, const REAL *D, REAL *theta, REAL *u,
                            int32_t *bin) {
    if (D)
        NAME(lookup_runs)(s, row, H, D, 1, theta, u, bin);
    else
        NAME(lookup_runs)(s, row, H, D, 0, theta, u, bin);
}

/* T, Kirchhoff potential and 1/(2k) at a place. */
INLINE REAL NAME(temperature_at)(const HeatSweep *s, int32_t bin, REAL u) {
    const REAL *rec = (const REAL *)s->bins + 4 * (ptrdiff_t)bin;
    return rec[0] + u * rec[1];
}

INLINE REAL NAME(potential_at)(const HeatSweep *s, int32_t bin, REAL u) {
    const REAL *rec = (const REAL *)s->potential + 2 * (ptrdiff_t)bin;
    return rec[0] + u * rec[1];
}

INLINE REAL NAME(half_resistivity_at)(const HeatSweep *s, int32_t bin, REAL u) {
    const REAL *rec = (const REAL *)s->bins + 4 * (ptrdiff_t)bin;
    return rec[2] + u * rec[3];
}
