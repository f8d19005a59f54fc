/* Walls and slivers of cut voxels handed to interface faces and voxels of their own, slab by slab. */
#ifndef CASTSOLVE_SHARE_H
#define CASTSOLVE_SHARE_H

#include "_owners.h"

#define SHARE_REACH 2 /* voxels to look around for a face or voxel where none lies across */
#define SHARE_MOST 24 /* most faces or voxels that share one packet */

/* What a face receives: wall area, and where its planes speak of it the weight, offset and normal of their mean. */
typedef struct {
    int64_t key; /* 3 * (index of the low voxel) + axis */
    double sums[6];
} ShareFace;

typedef struct {
    int64_t giver, voxel;
    int region;
    double volume;
} ShareVolume;

typedef struct {
    const uint8_t *region;
    const double *x, *y, *z; /* nodes */
    ptrdiff_t nx, ny, nz, i;
    ptrdiff_t first, last; /* the slab's cut voxels in the lists below */
    const int64_t *voxel;
    const double *own; /* volume of their owners (m3) */
    const int64_t *packet_row;
    const uint8_t *pair;
    const double *wall;
    const int64_t *sliver_row;
    const uint8_t *sliver_region;
    const double *sliver_volume;
    double *lost; /* out: wall area, then volume of every region, that found no place */
    /* what the slab's voxels give */
    ShareFace *face;
    ptrdiff_t faces, face_room;
    ShareVolume *gift;
    ptrdiff_t gifts, gift_room;
    /* what the slab's faces and voxels hold in the end */
    int64_t *face_key, *index;
    double *area, *low, *high, *volume;
    ptrdiff_t held_faces, held_voxels;
    int failed;
} ShareSlab;

INLINE int share_region(const ShareSlab *s, ptrdiff_t i, ptrdiff_t j, ptrdiff_t k) {
    if (i < 0 || i >= s->nx || j < 0 || j >= s->ny || k < 0 || k >= s->nz) return -1;
    return s->region[(i * s->ny + j) * s->nz + k];
}

/* Key of the face of a voxel towards the high (up = 1) or low end of an axis. */
INLINE int64_t share_key(const ShareSlab *s, ptrdiff_t i, ptrdiff_t j, ptrdiff_t k, int axis, int up) {
    if (!up) {
        i -= axis == 0;
        j -= axis == 1;
        k -= axis == 2;
    }
    return 3 * (int64_t)((i * s->ny + j) * s->nz + k) + axis;
}

static ShareFace *share_face(ShareSlab *s, int64_t key) {
    s->face = (ShareFace *)own_room(s->face, s->faces, &s->face_room, sizeof(ShareFace), &s->failed);
    if (s->failed) return NULL;
    ShareFace *f = s->face + s->faces++;
    memset(f, 0, sizeof(ShareFace));
    f->key = key;
    return f;
}

static void share_gift(ShareSlab *s, const ptrdiff_t *from, int region, int64_t voxel, double volume) {
    s->gift = (ShareVolume *)own_room(s->gift, s->gifts, &s->gift_room, sizeof(ShareVolume), &s->failed);
    if (s->failed) return;
    s->gift[s->gifts].giver = (from[0] * s->ny + from[1]) * s->nz + from[2];
    s->gift[s->gifts].region = region;
    s->gift[s->gifts].voxel = voxel;
    s->gift[s->gifts++].volume = volume;
}

/* Whether the face of a packet's component (axis, sign) joins the voxel to one of the wanted region, and which way it lies. */
INLINE int share_valid(const ShareSlab *s, const ptrdiff_t *at, int axis, int sign, int owner, int inner, int wanted, ptrdiff_t *to) {
    const int up = owner == inner ? sign : 1 - sign;
    for (int c = 0; c < 3; ++c) to[c] = at[c] + (c == axis ? 2 * up - 1 : 0);
    return share_region(s, to[0], to[1], to[2]) == wanted;
}

/* The nearest faces between two regions, in equal parts where several are equally near. */
static void share_nearest_face(ShareSlab *s, const ptrdiff_t *at, int inner, int outer, double total) {
    double best = 1e300;
    const ptrdiff_t start = s->faces;
    for (ptrdiff_t di = -SHARE_REACH; di <= SHARE_REACH; ++di)
        for (ptrdiff_t dj = -SHARE_REACH; dj <= SHARE_REACH; ++dj)
            for (ptrdiff_t dk = -SHARE_REACH; dk <= SHARE_REACH; ++dk) {
                const ptrdiff_t i = at[0] + di, j = at[1] + dj, k = at[2] + dk;
                if (share_region(s, i, j, k) != inner) continue;
                for (int axis = 0; axis < 3; ++axis)
                    for (int up = 0; up < 2; ++up) {
                        const ptrdiff_t step = 2 * up - 1;
                        if (share_region(s, i + (axis == 0 ? step : 0), j + (axis == 1 ? step : 0), k + (axis == 2 ? step : 0)) != outer)
                            continue;
                        /* in units of the local voxel: midpoint of the two centres */
                        const double x = (double)di + (axis == 0 ? up - 0.5 : 0.0), y = (double)dj + (axis == 1 ? up - 0.5 : 0.0);
                        const double z = (double)dk + (axis == 2 ? up - 0.5 : 0.0), distance = x * x + y * y + z * z;
                        if (distance < best - 1e-9) {
                            best = distance;
                            s->faces = start;
                        }
                        if (distance < best + 1e-9 && s->faces - start < SHARE_MOST) share_face(s, share_key(s, i, j, k, axis, up));
                        if (s->failed) return;
                    }
            }
    const ptrdiff_t found = s->faces - start;
    if (found == 0) s->lost[0] += total;
    /* its planes do not speak of those faces: it takes no part in their distances */
    for (ptrdiff_t f = start; f < s->faces; ++f) s->face[f].sums[0] = total / (double)found;
}

static void share_packet(ShareSlab *s, const ptrdiff_t *at, int owner, int inner, int outer, const double *wall) {
    double total = 0.0, valid = 0.0, weight[6];
    ptrdiff_t to[3];
    const double centre[3] = {0.5 * (s->x[at[0]] + s->x[at[0] + 1]), 0.5 * (s->y[at[1]] + s->y[at[1] + 1]),
                              0.5 * (s->z[at[2]] + s->z[at[2] + 1])};
    for (int w = 0; w < 6; ++w) {
        total += wall[w];
        weight[w] = 0.0;
        if (wall[w] <= 0.0 || (owner != inner && owner != outer)) continue;
        if (share_valid(s, at, w / 2, w % 2, owner, inner, owner == inner ? outer : inner, to)) valid += weight[w] = wall[w];
    }
    if (total <= 0.0) return;
    if (valid <= 0.0) {
        share_nearest_face(s, at, inner, outer, total);
        return;
    }
    const double scale = total / valid;
    for (int w = 0; w < 6; ++w) {
        if (weight[w] <= 0.0) continue;
        ShareFace *f = share_face(s, share_key(s, at[0], at[1], at[2], w / 2, owner == inner ? w % 2 : 1 - w % 2));
        if (f == NULL) return;
        f->sums[0] = f->sums[1] = scale * wall[w];
        for (int c = 0; c < 3; ++c) f->sums[3 + c] = scale * wall[12 + 3 * w + c];
        f->sums[2] = scale * wall[6 + w] + mix_dot(f->sums + 3, centre);
    }
}

/* A sliver follows the walls between its region and the owner; without any it goes to the nearest voxels of its region. */
static void share_sliver(ShareSlab *s, const ptrdiff_t *at, ptrdiff_t cut, int owner, int region, double volume) {
    double valid = 0.0;
    ptrdiff_t to[3];
    const ptrdiff_t start = s->gifts;
    for (int64_t p = s->packet_row[cut]; p < s->packet_row[cut + 1]; ++p) {
        const int inner = s->pair[2 * p], outer = s->pair[2 * p + 1];
        const double *wall = s->wall + MIX_SUMS * p;
        if (!((inner == owner && outer == region) || (outer == owner && inner == region))) continue;
        for (int w = 0; w < 6; ++w) {
            if (wall[w] <= 0.0 || !share_valid(s, at, w / 2, w % 2, owner, inner, region, to)) continue;
            share_gift(s, at, region, (to[0] * s->ny + to[1]) * s->nz + to[2], wall[w]);
            valid += wall[w];
            if (s->failed) return;
        }
    }
    if (valid > 0.0) {
        for (ptrdiff_t g = start; g < s->gifts; ++g) s->gift[g].volume *= volume / valid;
        return;
    }
    ptrdiff_t best = 1000;
    for (ptrdiff_t di = -SHARE_REACH; di <= SHARE_REACH; ++di)
        for (ptrdiff_t dj = -SHARE_REACH; dj <= SHARE_REACH; ++dj)
            for (ptrdiff_t dk = -SHARE_REACH; dk <= SHARE_REACH; ++dk) {
                const ptrdiff_t distance = di * di + dj * dj + dk * dk;
                if (share_region(s, at[0] + di, at[1] + dj, at[2] + dk) != region) continue;
                if (distance < best) {
                    best = distance;
                    s->gifts = start;
                }
                if (distance == best && s->gifts - start < SHARE_MOST)
                    share_gift(s, at, region, ((at[0] + di) * s->ny + at[1] + dj) * s->nz + at[2] + dk, 0.0);
                if (s->failed) return;
            }
    const ptrdiff_t found = s->gifts - start;
    if (found == 0) s->lost[1 + region] += volume;
    for (ptrdiff_t g = start; g < s->gifts; ++g) s->gift[g].volume = volume / (double)found;
}

/* What the cut voxels of a slab give to faces and voxels around. */
static void share_give(ShareSlab *s) {
    for (ptrdiff_t cut = s->first; cut < s->last && !s->failed; ++cut) {
        const ptrdiff_t place = s->voxel[cut], at[3] = {place / (s->ny * s->nz), place / s->nz % s->ny, place % s->nz};
        const int owner = s->region[place];
        for (int64_t p = s->packet_row[cut]; p < s->packet_row[cut + 1] && !s->failed; ++p)
            share_packet(s, at, owner, s->pair[2 * p], s->pair[2 * p + 1], s->wall + MIX_SUMS * p);
        for (int64_t q = s->sliver_row[cut]; q < s->sliver_row[cut + 1] && !s->failed; ++q)
            share_sliver(s, at, cut, owner, s->sliver_region[q], s->sliver_volume[q]);
    }
}

/* Turn the mean plane of a face into the distances of its two voxel centres. */
static void share_distances(const ShareSlab *s, int64_t key, const double *sums, double *low, double *high) {
    const int axis = (int)(key % 3);
    const ptrdiff_t place = (ptrdiff_t)(key / 3), at[3] = {place / (s->ny * s->nz), place / s->nz % s->ny, place % s->nz};
    const double *node[3] = {s->x, s->y, s->z};
    double a[3], b[3];
    for (int c = 0; c < 3; ++c) {
        const ptrdiff_t next = at[c] + (c == axis);
        a[c] = 0.5 * (node[c][at[c]] + node[c][at[c] + 1]);
        b[c] = 0.5 * (node[c][next] + node[c][next + 1]);
    }
    if (!(sums[1] > 0.0)) {
        *low = *high = 0.5 * (b[axis] - a[axis]);
        return;
    }
    /* the normal may point either way along the axis; distances are positive towards the wall from both sides */
    const double flip = sums[3 + axis] < 0.0 ? -1.0 : 1.0;
    const double da = flip * (sums[2] - mix_dot(a, sums + 3)) / sums[1], db = flip * (mix_dot(b, sums + 3) - sums[2]) / sums[1];
    *low = da > 0.0 ? da : 0.0;
    *high = db > 0.0 ? db : 0.0;
}

/* Sum what the faces and voxels of slab i received, in the order of the givers; all slabs have given by then. */
static void share_gather(ShareSlab *all, ptrdiff_t i) {
    ShareSlab *s = all + i;
    const ptrdiff_t plane = s->ny * s->nz, from = i - SHARE_REACH < 0 ? 0 : i - SHARE_REACH;
    const ptrdiff_t to = i + SHARE_REACH + 1 < s->nx ? i + SHARE_REACH + 1 : s->nx - 1;
    const int64_t face0 = 3 * (int64_t)(i * plane), voxel0 = (int64_t)(i * plane);
    int32_t *number = (int32_t *)calloc((size_t)(3 * plane), sizeof(int32_t)), *voxel_number = (int32_t *)calloc((size_t)plane, sizeof(int32_t));
    double *sums = NULL;
    if (number == NULL || voxel_number == NULL) s->failed = 1;
    for (ptrdiff_t g = from; g <= to && !s->failed; ++g) {
        for (ptrdiff_t f = 0; f < all[g].faces; ++f) {
            const int64_t at = all[g].face[f].key - face0;
            if (at >= 0 && at < 3 * plane) number[at] = 1;
        }
        for (ptrdiff_t f = 0; f < all[g].gifts; ++f) {
            const int64_t at = all[g].gift[f].voxel - voxel0;
            if (at >= 0 && at < plane) voxel_number[at] = 1;
        }
    }
    if (!s->failed) {
        for (ptrdiff_t cut = s->first; cut < s->last; ++cut) voxel_number[s->voxel[cut] - voxel0] = 2;
        for (ptrdiff_t at = 0; at < 3 * plane; ++at) s->held_faces += number[at];
        for (ptrdiff_t at = 0; at < plane; ++at) s->held_voxels += voxel_number[at] > 0;
        s->face_key = (int64_t *)malloc((size_t)(s->held_faces + 1) * sizeof(int64_t));
        s->area = (double *)malloc((size_t)(s->held_faces + 1) * sizeof(double));
        s->low = (double *)malloc((size_t)(s->held_faces + 1) * sizeof(double));
        s->high = (double *)malloc((size_t)(s->held_faces + 1) * sizeof(double));
        s->index = (int64_t *)malloc((size_t)(s->held_voxels + 1) * sizeof(int64_t));
        s->volume = (double *)malloc((size_t)(s->held_voxels + 1) * sizeof(double));
        sums = (double *)calloc((size_t)(6 * s->held_faces + 1), sizeof(double));
        if (!s->face_key || !s->area || !s->low || !s->high || !s->index || !s->volume || !sums) s->failed = 1;
    }
    if (!s->failed) {
        ptrdiff_t n = 0, cut = s->first;
        for (ptrdiff_t at = 0; at < 3 * plane; ++at)
            if (number[at]) {
                s->face_key[n] = face0 + at;
                number[at] = (int32_t)n++;
            }
        n = 0;
        for (ptrdiff_t at = 0; at < plane; ++at)
            if (voxel_number[at]) {
                const ptrdiff_t j = at / s->nz, k = at % s->nz;
                s->index[n] = voxel0 + at;
                s->volume[n] = voxel_number[at] == 2 ? s->own[cut++]
                                                     : (s->x[i + 1] - s->x[i]) * (s->y[j + 1] - s->y[j]) * (s->z[k + 1] - s->z[k]);
                voxel_number[at] = (int32_t)n++;
            }
        for (ptrdiff_t g = from; g <= to; ++g) {
            for (ptrdiff_t f = 0; f < all[g].faces; ++f) {
                const int64_t at = all[g].face[f].key - face0;
                if (at < 0 || at >= 3 * plane) continue;
                double *sum = sums + 6 * (ptrdiff_t)number[at];
                for (int c = 0; c < 6; ++c) sum[c] += all[g].face[f].sums[c];
            }
            for (ptrdiff_t f = 0; f < all[g].gifts; ++f) {
                const int64_t at = all[g].gift[f].voxel - voxel0;
                if (at >= 0 && at < plane) s->volume[voxel_number[at]] += all[g].gift[f].volume;
            }
        }
        for (ptrdiff_t f = 0; f < s->held_faces; ++f) {
            s->area[f] = sums[6 * f];
            share_distances(s, s->face_key[f], sums + 6 * f, s->low + f, s->high + f);
        }
    }
    free(number);
    free(voxel_number);
    free(sums);
}

static void share_free(ShareSlab *s) {
    free(s->face), free(s->gift), free(s->face_key), free(s->index), free(s->area), free(s->low), free(s->high), free(s->volume);
}

#endif
