/* First crossings of watched enthalpies between two stages, for one precision; included by _rows_heat.h. */

/* Slope of the potential along one axis from neighbours of the same region, one-sided at walls; an outer side that no heat crosses is
   a mirror. */
INLINE REAL NAME(gradient_axis)(REAL Pm, REAL P, REAL Pp, int has_m, int has_p, REAL dm, REAL dp) {
    if (has_m && has_p) return (Pp - Pm) / (dm + dp);
    if (has_p) return (Pp - P) / dp;
    if (has_m) return (P - Pm) / dm;
    return 0;
}

/* Magnitude of the temperature gradient at voxel (i, j, k), in the state H + D: the flux between voxels is exact over any kink of
   k(T); over k it is the gradient in this one. */
static REAL NAME(gradient_at)(const HeatSweep *s, const REAL *D, int region, ptrdiff_t i, ptrdiff_t j, ptrdiff_t k) {
    const ptrdiff_t nzp = s->nzp, plane = s->ny * nzp, o = (i * s->ny + j) * nzp + k;
    const REAL *H = (const REAL *)s->H;
    const ptrdiff_t step[3] = {plane, nzp, 1}, at[3] = {i, j, k}, n[3] = {s->nx, s->ny, s->nz};
    const double *width[3] = {s->dx, s->dy, s->dz};
    REAL u, square = 0;
    int32_t bin = NAME(place_of)(s, region, D ? H[o] + D[o] : H[o], &u);
    const REAL P = NAME(potential_at)(s, bin, u), resistivity = 2 * NAME(half_resistivity_at)(s, bin, u);
    for (int axis = 0; axis < 3; ++axis) {
        const int bit = 1 << axis;
        const int there[2] = {at[axis] > 0 && (s->open[o - step[axis]] & bit), at[axis] + 1 < n[axis] && (s->open[o] & bit)};
        REAL Pn[2] = {0, 0}, d[2] = {0, 0};
        const int mirrored[2] = {
            at[axis] == 0 && s->side[2 * axis].kind == SIDE_INSULATED,
            at[axis] + 1 == n[axis] && s->side[2 * axis + 1].kind == SIDE_INSULATED,
        };
        for (int e = 0; e < 2; ++e) {
            if (mirrored[e]) {
                Pn[e] = P;
                d[e] = (REAL)width[axis][at[axis]];
            }
            if (!there[e]) continue;
            const ptrdiff_t other = e ? o + step[axis] : o - step[axis];
            bin = NAME(place_of)(s, region, D ? H[other] + D[other] : H[other], &u);
            Pn[e] = NAME(potential_at)(s, bin, u);
            d[e] = (REAL)(0.5 * (width[axis][at[axis] + (e ? 1 : -1)] + width[axis][at[axis]]));
        }
        const REAL g = NAME(gradient_axis)(Pn[0], P, Pn[1], there[0] | mirrored[0], there[1] | mirrored[1], d[0], d[1]);
        square += g * g;
    }
    return (REAL)(sqrt((double)square) * (double)resistivity);
}

/* Book what voxel v of the watch, at (i, j, k), has crossed; returns the change of the number below the last level. */
static int NAME(cross)(const HeatSweep *s, const REAL *D, const REAL *out, int region, ptrdiff_t i, ptrdiff_t j, ptrdiff_t k,
                       ptrdiff_t v) {
    const ptrdiff_t o = (i * s->ny + j) * s->nzp + k;
    const REAL y1 = ((const REAL *)s->H)[o] + out[o];
    const double y0 = (double)((const REAL *)s->H)[o] + (D ? (double)D[o] : 0.0);
    int next = s->watch_next[v];
    const int passed = next;
    while (next < s->nlevel && (double)y1 < s->level[next]) {
        double share = (y0 - s->level[next]) / (y0 - (double)y1);
        share = share > 0.0 ? (share < 1.0 ? share : 1.0) : 0.0;
        s->watch_time[next * s->nwatch + v] = (float)(s->t0 + (s->t1 - s->t0) * share);
        const int32_t slot = s->level_gradient[next];
        if (slot >= 0) s->watch_gradient[slot * s->nwatch + v] = (float)NAME(gradient_at)(s, D, region, i, j, k);
        ++next;
    }
    /* melted again: what was recorded no longer holds */
    while (s->last && next > 0 && (double)y1 > s->level[next - 1] + s->hysteresis) {
        --next;
        s->watch_time[next * s->nwatch + v] = NAN;
        if (s->level_gradient[next] >= 0) s->watch_gradient[s->level_gradient[next] * s->nwatch + v] = NAN;
    }
    s->watch_next[v] = (uint8_t)next;
    ((REAL *)s->watch_low)[v] = next < s->nlevel ? (REAL)s->level[next] : (REAL)-INFINITY;
    ((REAL *)s->watch_high)[v] = next > 0 ? (REAL)(s->level[next - 1] + s->hysteresis) : (REAL)INFINITY;
    return (next == s->nlevel) - (passed == s->nlevel);
}

/* First crossings of row (i, j) between the stage before, H + D (D may be NULL), and this one, H + out. */
ROWS static int64_t NAME(watch_row)(const HeatSweep *s, ptrdiff_t i, ptrdiff_t j, const REAL *D, const REAL *out) {
    const ptrdiff_t row = i * s->ny + j, o = row * s->nzp;
    const REAL *restrict H = (const REAL *)s->H + o, *restrict now = out + o;
    int64_t done = 0;
    for (int64_t q = s->run_row[row]; q < s->run_row[row + 1]; ++q) {
        const int64_t w0 = s->run_watch[q];
        if (w0 < 0) continue;
        const ptrdiff_t a = s->run_start[q], b = s->run_end[q];
        const REAL *lo = (const REAL *)s->watch_low + w0 - a, *hi = (const REAL *)s->watch_high + w0 - a;
        int any = 0;
        fetch_ahead(lo + b, (b - a) * (ptrdiff_t)sizeof(REAL)); /* the next run's */
        for (ptrdiff_t k = a; k < b; ++k) any |= H[k] + now[k] < lo[k];
        /* only a state that is kept can have melted again: stages swing a little about it */
        if (s->last)
            for (ptrdiff_t k = a; k < b; ++k) any |= H[k] + now[k] > hi[k];
        if (!any) continue;
        for (ptrdiff_t k = a; k < b; ++k)
            if ((H[k] + now[k] < lo[k]) | (H[k] + now[k] > hi[k]))
                done += NAME(cross)(s, D, out, s->run_region[q], i, j, k, w0 + k - a);
    }
    return done;
}
