/* What is foreseen: the mean state of a few very conducting voxels (a chill) over the next moment, by conduction within their region
   in explicit steps of their own, for one precision; included by _rows_heat.h. The sweep takes their fluxes at that state. Their
   values stand in lists, run after run, each filled up to whole pieces of AHEAD_PIECE with voxels that keep their state: their
   conductances and 1 / (volume factor) are zero. A piece of room stands before the first run, two after the last. */

/* Runs that are asked for before they are needed: short, and far from each other in the fields. */
#ifndef RUNS_AHEAD
#define RUNS_AHEAD 6
#endif

/* Potential of runs [q0, q1) at the start of the moment, or in the state ahead that was reached. */
ROWS static void NAME(foresee_potentials)(const HeatSweep *s, ptrdiff_t q0, ptrdiff_t q1, int start) {
    const REAL *H = (const REAL *)s->H, *D = s->first ? NULL : (const REAL *)s->D1, *Y = (const REAL *)s->ahead_Y;
    const ptrdiff_t voxels = s->nx * s->ny * s->nzp;
    REAL *P = (REAL *)s->ahead_P, u[AHEAD_PIECE];
    int32_t bin[AHEAD_PIECE];
    for (ptrdiff_t q = q0; q < q1; ++q) {
        const NAME(Cells) t = NAME(cells_of)(s, s->ahead_region[q]);
        const ptrdiff_t end = s->ahead_place[q + 1], shift = s->ahead_at[q] - s->ahead_place[q];
        if (q + RUNS_AHEAD < q1) {
            const ptrdiff_t at = s->ahead_at[q + RUNS_AHEAD], bytes = (end - s->ahead_place[q]) * (ptrdiff_t)sizeof(REAL);
            fetch_ahead(H + at, bytes);
            if (start && D) fetch_ahead(D + at, bytes);
        }
        for (ptrdiff_t p = s->ahead_place[q]; p < end; p += AHEAD_PIECE) {
            const REAL *h = H + shift + p, *d = !start ? Y + p : D ? D + shift + p : h;
            const int with_D = !start || D;
            const ptrdiff_t room = voxels - shift - p; /* up to the end of the fields */
            if (room >= AHEAD_PIECE) {
                NAME(places)(&t, AHEAD_PIECE, h, d, with_D, u, bin);
                NAME(potentials)(s, AHEAD_PIECE, u, bin, P + p);
            } else {
                NAME(places)(&t, room, h, d, with_D, u, bin);
                NAME(potentials)(s, room, u, bin, P + p);
            }
        }
    }
}

/* Take an explicit step (s) of runs [q0, q1), and add what is reached with its share to the mean, at the start beside that. */
ROWS static void NAME(foresee_runs)(const HeatSweep *s, ptrdiff_t q0, ptrdiff_t q1, int start, double step, double share, double next) {
    const REAL *restrict P = (const REAL *)s->ahead_P, *restrict inverse = (const REAL *)s->ahead_inverse;
    const REAL *restrict low = (const REAL *)s->ahead_low, *restrict high = (const REAL *)s->ahead_high;
    const REAL *weight = (const REAL *)s->beside_weight, dt = (REAL)step, own_share = (REAL)share, next_share = (REAL)next;
    REAL *Y = (REAL *)s->ahead_Y, *mean = (REAL *)s->ahead_D;
    const ptrdiff_t voxels = s->nx * s->ny * s->nzp;
    for (ptrdiff_t q = q0; q < q1; ++q) {
        const ptrdiff_t end = s->ahead_place[q + 1], shift = s->ahead_at[q] - s->ahead_place[q];
        if (start && !s->first && q + RUNS_AHEAD < q1)
            fetch_ahead((const REAL *)s->D1 + s->ahead_at[q + RUNS_AHEAD], (end - s->ahead_place[q]) * (ptrdiff_t)sizeof(REAL));
        for (ptrdiff_t p = s->ahead_place[q]; p < end; p += AHEAD_PIECE) {
            const REAL *own = P + p;
            REAL f[AHEAD_PIECE], before[AHEAD_PIECE] = {0};
            for (int c = 0; c < AHEAD_PIECE; ++c) f[c] = (own[c - 1] - own[c]) * low[p + c] + (own[c + 1] - own[c]) * high[p + c];
            for (int32_t e = s->beside_row[q]; e < s->beside_row[q + 1]; ++e) {
                const ptrdiff_t first = s->beside_own[e], last = first + s->beside_count[e];
                const REAL *other = P + (s->beside_other[e] - first) + p, w = weight[e];
                if (first <= p && p + AHEAD_PIECE <= last) {
                    for (int c = 0; c < AHEAD_PIECE; ++c) f[c] += (other[c] - own[c]) * w;
                } else { /* the part of a stretch that lies in this piece */
                    const ptrdiff_t from = first > p ? first - p : 0, to = last < p + AHEAD_PIECE ? last - p : AHEAD_PIECE;
                    for (ptrdiff_t c = from; c < to; ++c) f[c] += (other[c] - own[c]) * w;
                }
            }
            if (!start) {
                memcpy(before, Y + p, sizeof(before));
            } else if (!s->first) {
                const ptrdiff_t room = voxels - shift - p;
                if (room >= AHEAD_PIECE)
                    memcpy(before, (const REAL *)s->D1 + shift + p, sizeof(before));
                else
                    memcpy(before, (const REAL *)s->D1 + shift + p, (size_t)room * sizeof(REAL));
            }
            const REAL *kept = start ? before : mean + p;
            const REAL kept_share = start ? own_share : (REAL)1;
            NO_ALIAS_SHORT
            for (int c = 0; c < AHEAD_PIECE; ++c) {
                const REAL state = before[c] + dt * inverse[p + c] * f[c];
                mean[p + c] = kept_share * kept[c] + next_share * state;
                Y[p + c] = state;
            }
        }
    }
}
