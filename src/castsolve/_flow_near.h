/* Which voxels liquid is near now: what lies beyond is at rest and need not be looked at. */
#ifndef CASTSOLVE_FLOW_NEAR_H
#define CASTSOLVE_FLOW_NEAR_H

#include "_flow.h"

/* Voxels around liquid, along every axis, that a step may touch: metal moves by one, and the faces beyond carry what it takes along. Layers
   of velocities that no metal can feel within the step are left out. */
#define NEAR_REACH 2
/* Gaps shorter than this are not worth a stretch of their own. */
#define NEAR_GAP 4
/* Fields that are kept besides contents. */
#define NEAR_CARRIED 5

typedef struct {
    Flow *flow;
    uint8_t *now, *kept, *spread; /* per voxel: liquid is near; was near when the step began; is near within its plane */
    FlowStretch *run;             /* the stretches of now, plane by plane from room[i] on */
    int64_t *run_of, *run_to;
    const int64_t *room;
    double *keeps[NEAR_CARRIED + FLOW_CARRIED]; /* liquid, pressure, velocities and contents when the step began; of what is at rest the dust */
    double *keeps_of[NEAR_CARRIED + FLOW_CARRIED];
    int fields;                   /* how many of those there are */
} FlowNear;

/* Spread what holds liquid within some planes. */
void near_spread(void *near, ptrdiff_t i0, ptrdiff_t i1) {
    const FlowNear *w = (const FlowNear *)near;
    const Flow *s = w->flow;
    const ptrdiff_t ny = s->ny, nz = s->nz; /* no stretch comes nearer to the sides of the box than NEAR_REACH */
    for (ptrdiff_t p = i0; p < i1; ++p) {
        uint8_t *plane = w->spread + p * s->step[0];
        memset(plane, 0, (size_t)s->step[0]);
        for (const FlowStretch *row = s->all + s->all_of[p], *rows = s->all + s->all_of[p + 1]; row < rows; ++row) {
            const double *F = s->F + (p * ny + row->j) * nz;
            for (ptrdiff_t k = row->first; k < row->end; ++k) {
                if (!(fabs(F[k]) > FLOW_DUST)) continue;
                const ptrdiff_t first = k;
                while (k + 1 < row->end && fabs(F[k + 1]) > FLOW_DUST) ++k;
                for (ptrdiff_t b = row->j - NEAR_REACH; b <= row->j + NEAR_REACH; ++b)
                    memset(plane + b * nz + first - NEAR_REACH, 1, (size_t)(k - first + 1 + 2 * NEAR_REACH));
            }
        }
    }
}

/* Voxel n is at rest: no liquid is near it any more. What it holds is dust, and stays. */
static void near_rest(const FlowNear *w, ptrdiff_t n) {
    const Flow *s = w->flow;
    s->Fn[n] = s->F1[n] = s->alpha[n] = s->P[n] = s->diag[n] = s->rhs[n] = s->q[n] = s->r[n] = s->z[n] = 0.0;
    s->wet[n] = 0;
    for (int c = 0; c < s->ncarried; ++c) {
        s->En[c][n] = s->E1[c][n] = 0.0;
        for (int d = 0; d < 3; ++d) s->GE[c][d * s->nx * s->step[0] + n] = 0.0;
    }
    for (int d = 0; d < 3; ++d) {
        s->G[d][n] = s->coef[d][n] = s->force[d][n] = s->drift[d][n] = 0.0;
        s->layer[d][n] = 255;
        if (s->face[d][n] == FACE_OPEN || s->face[d][n] == FACE_SLANTED) s->u[d][n] = s->un[d][n] = 0.0; /* walls keep sliding */
        if (s->curve) s->jump[d][n] = 0.0;
    }
    if (s->curve) s->curve[n] = 1e300;
}

/* Do that to the voxels from n on, eight at most, that liquid was near and is not. */
INLINE void near_left(const FlowNear *w, ptrdiff_t n, size_t bytes, const uint8_t *was, const uint8_t *is, void (*what)(const FlowNear *, ptrdiff_t)) {
    uint64_t before = 0, after = 0;
    memcpy(&before, was, bytes);
    memcpy(&after, is, bytes);
    if (!(before & ~after)) return;
    for (size_t b = 0; b < bytes; ++b)
        if (was[b] && !is[b]) what(w, n + (ptrdiff_t)b);
}

/* Cut the stretches of a plane down to what liquid is near; short gaps count as near. */
static void near_cut(const FlowNear *w, ptrdiff_t i) {
    const Flow *s = w->flow;
    FlowStretch *to = w->run + w->room[i];
    for (const FlowStretch *row = s->all + s->all_of[i], *rows = s->all + s->all_of[i + 1]; row < rows; ++row) {
        uint8_t *now = w->now + (i * s->ny + row->j) * s->nz;
        for (int32_t k = row->first; k < row->end; ++k) {
            if (!now[k]) continue;
            int32_t end = k + 1;
            for (int32_t m = end; m < row->end && m < end + NEAR_GAP; ++m)
                if (now[m]) end = m + 1;
            memset(now + k, 1, (size_t)(end - k));
            *to++ = (FlowStretch){row->j, k, end};
            k = end;
        }
    }
    w->run_of[i] = w->room[i];
    w->run_to[i] = to - w->run;
}

/* Find what liquid is near in some planes, put to rest what it has left, and cut the stretches. */
void near_find(void *near, ptrdiff_t i0, ptrdiff_t i1) {
    const FlowNear *w = (const FlowNear *)near;
    const Flow *s = w->flow;
    const ptrdiff_t size = s->step[0];
    for (ptrdiff_t i = i0; i < i1; ++i) {
        const ptrdiff_t low = i < NEAR_REACH ? 0 : i - NEAR_REACH, high = i + NEAR_REACH < s->nx ? i + NEAR_REACH : s->nx - 1;
        uint8_t *now = w->now + i * size;
        for (ptrdiff_t n = 0; n < size; n += 8) {
            const size_t bytes = n + 8 <= size ? 8 : (size_t)(size - n);
            uint64_t is = 0, some;
            for (ptrdiff_t p = low; p <= high; ++p) {
                some = 0;
                memcpy(&some, w->spread + p * size + n, bytes);
                is |= some;
            }
            near_left(w, i * size + n, bytes, now + n, (const uint8_t *)&is, near_rest);
            memcpy(now + n, &is, bytes);
        }
        near_cut(w, i);
    }
}

/* Keep the dust of a voxel that came to rest, until liquid is near it again. */
static void near_keep_dust(const FlowNear *w, ptrdiff_t n) {
    w->keeps[0][n] = w->keeps_of[0][n];
    for (int f = NEAR_CARRIED; f < w->fields; ++f) w->keeps[f][n] = w->keeps_of[f][n];
}

/* Keep what a step changes, in some planes. */
void near_keep(void *near, ptrdiff_t i0, ptrdiff_t i1) {
    const FlowNear *w = (const FlowNear *)near;
    const Flow *s = w->flow;
    for (ptrdiff_t n = i0 * s->step[0], end = i1 * s->step[0]; n < end; n += 8) {
        const size_t bytes = n + 8 <= end ? 8 : (size_t)(end - n);
        near_left(w, n, bytes, w->kept + n, w->now + n, near_keep_dust);
        memcpy(w->kept + n, w->now + n, bytes);
    }
    for (ptrdiff_t i = i0; i < i1; ++i)
        for (const FlowStretch *row = s->run + s->run_of[i], *rows = s->run + s->run_to[i]; row < rows; ++row) {
            const ptrdiff_t n = (i * s->ny + row->j) * s->nz + row->first;
            for (int f = 0; f < w->fields; ++f)
                memcpy(w->keeps[f] + n, w->keeps_of[f] + n, (size_t)(row->end - row->first) * sizeof(double));
        }
}

/* Go back to what was kept, and to what liquid was near then, in some planes. */
void near_restore(void *near, ptrdiff_t i0, ptrdiff_t i1) {
    const FlowNear *w = (const FlowNear *)near;
    const Flow *s = w->flow;
    for (ptrdiff_t n = i0 * s->step[0]; n < i1 * s->step[0]; ++n) {
        if (w->now[n] && !w->kept[n]) {
            near_rest(w, n);
            w->keeps_of[0][n] = w->keeps[0][n];
            for (int f = NEAR_CARRIED; f < w->fields; ++f) w->keeps_of[f][n] = w->keeps[f][n];
        }
        w->now[n] = w->kept[n];
    }
    for (ptrdiff_t i = i0; i < i1; ++i) {
        near_cut(w, i);
        for (const FlowStretch *row = w->run + w->run_of[i], *rows = w->run + w->run_to[i]; row < rows; ++row) {
            const ptrdiff_t n = (i * s->ny + row->j) * s->nz + row->first;
            for (int f = 0; f < w->fields; ++f)
                memcpy(w->keeps_of[f] + n, w->keeps[f] + n, (size_t)(row->end - row->first) * sizeof(double));
        }
    }
}

#endif
