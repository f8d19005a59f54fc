/* What is foreseen: the mean state of a few very conducting voxels (a chill) over the next moment, by conduction within their region
   in explicit steps of their own, for one precision; included by _rows_heat.h. The sweep takes their fluxes at that state. Their
   values stand in lists without gaps, run after run. */

/* Runs that are asked for before they are needed: short, and far from each other in the fields. */
#ifndef RUNS_AHEAD
#define RUNS_AHEAD 6
#endif

/* Potential of runs [q0, q1) at the start of the moment, or in the state ahead that was reached. */
ROWS static void NAME(foresee_potentials)(const HeatSweep *s, ptrdiff_t q0, ptrdiff_t q1, int start) {
    const REAL *H = (const REAL *)s->H, *D = s->first ? NULL : (const REAL *)s->D1, *Y = (const REAL *)s->ahead_Y;
    REAL *P = (REAL *)s->ahead_P, u[PIECE];
    int32_t bin[PIECE];
    for (ptrdiff_t q = q0; q < q1; ++q) {
        const NAME(Cells) t = NAME(cells_of)(s, s->ahead_region[q]);
        const ptrdiff_t end = s->ahead_place[q + 1], shift = s->ahead_at[q] - s->ahead_place[q];
        if (start && q + RUNS_AHEAD < q1) {
            const ptrdiff_t at = s->ahead_at[q + RUNS_AHEAD], bytes = (end - s->ahead_place[q]) * (ptrdiff_t)sizeof(REAL);
            fetch_ahead(H + at, bytes);
            if (D) fetch_ahead(D + at, bytes);
        }
        for (ptrdiff_t p = s->ahead_place[q]; p < end; p += PIECE) {
            const ptrdiff_t n = end - p < PIECE ? end - p : PIECE;
            const REAL *h = H + shift + p, *d = !start ? Y + p : D ? D + shift + p : h;
            NAME(places)(&t, n, h, d, !start || D, u, bin);
            NAME(potentials)(s, n, u, bin, P + p);
        }
    }
}

/* Take an explicit step (s) of runs [q0, q1), and add what is reached with its share to the mean, at the start beside that. */
ROWS static void NAME(foresee_runs)(const HeatSweep *s, ptrdiff_t q0, ptrdiff_t q1, int start, double step, double share, double next) {
    const REAL *restrict P = (const REAL *)s->ahead_P, *restrict inverse = (const REAL *)s->ahead_inverse;
    const REAL *weight = (const REAL *)s->beside_weight, dt = (REAL)step, own_share = (REAL)share, next_share = (REAL)next;
    const REAL *ahead = (const REAL *)s->idz_face, *behind = (const REAL *)s->idz_behind, *idz = (const REAL *)s->idz_row;
    REAL *Y = (REAL *)s->ahead_Y, *mean = (REAL *)s->ahead_D, f[PIECE];
    const REAL nothing[PIECE] = {0};
    for (ptrdiff_t q = q0; q < q1; ++q) {
        const ptrdiff_t first = s->ahead_place[q], end = s->ahead_place[q + 1], k0 = s->ahead_start[q] - first;
        const REAL *D = start && !s->first ? (const REAL *)s->D1 + s->ahead_at[q] - first : NULL;
        for (ptrdiff_t p = first; p < end; p += PIECE) {
            const ptrdiff_t n = end - p < PIECE ? end - p : PIECE, k = k0 + p;
            const REAL *own = P + p;
            for (ptrdiff_t c = 0; c < n; ++c) f[c] = 0;
            for (ptrdiff_t c = p == first; c < n; ++c) f[c] = (own[c - 1] - own[c]) * behind[k + c] * idz[k + c];
            for (ptrdiff_t c = 0; c < (p + n == end ? n - 1 : n); ++c) f[c] += (own[c + 1] - own[c]) * ahead[k + c] * idz[k + c];
            for (int32_t e = s->beside_row[q]; e < s->beside_row[q + 1]; ++e) {
                /* the part of a stretch that lies in this piece */
                const ptrdiff_t from = s->beside_own[e] > p ? s->beside_own[e] : p;
                const ptrdiff_t reach = s->beside_own[e] + s->beside_count[e], to = reach < p + n ? reach : p + n;
                const REAL *other = P + (s->beside_other[e] - s->beside_own[e]), w = weight[e];
                for (ptrdiff_t c = from; c < to; ++c) f[c - p] += (other[c] - P[c]) * w;
            }
            /* always a place that can be read: what compilers make of a choice between two is slow where one is none */
            const REAL *from = !start ? Y + p : D ? D + p : nothing, *kept = start ? from : mean + p;
            const REAL share_kept = start ? own_share : (REAL)1;
            NO_ALIAS
            for (ptrdiff_t c = 0; c < n; ++c) {
                const REAL state = from[c] + dt * inverse[p + c] * f[c];
                mean[p + c] = share_kept * kept[c] + next_share * state;
                Y[p + c] = state;
            }
        }
    }
}
