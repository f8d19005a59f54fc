/* Who owns the voxels of one slab (fixed i), what the others hold in them, and which wall faces whom. */
#ifndef CASTSOLVE_OWNERS_H
#define CASTSOLVE_OWNERS_H

#include "_mixed.h"

/* A body's surface as it was cut: the state of its window's voxels, its cut voxels, and its triangles by slab. */
typedef struct {
    const uint8_t *state;
    ptrdiff_t i0, i1, j0, j1, k0, k1;
    const int64_t *index, *row; /* cut voxels, and where those of each slab of the window begin */
    const double *share, *wall;
    const double *corners;
    const int64_t *slab_row;
    const int32_t *slab_triangle;
} OwnBody;

/* A wall of a cut voxel: a row of a body's wall sums, or (body < 0) a packet of the slab's own. */
typedef struct {
    int32_t voxel;
    int body;
    uint8_t inner, outer;
    int64_t row;
} OwnPacket;

typedef struct {
    double volume;
    int32_t voxel;
    uint8_t region;
} OwnSliver;

typedef struct {
    const double *x, *y, *z;
    ptrdiff_t nx, ny, nz, i;
    const OwnBody *bodies;
    int count;               /* bodies without the background, whose number is count */
    const uint8_t *region_of; /* [count + 1] */
    const uint8_t *rank;     /* [regions]: from the highest priority to the lowest */
    int regions;
    uint8_t *body, *region;  /* out: the slab's voxels */
    double *body_volume;     /* out: [count + 1], added to */
    /* out, of this slab's own memory */
    int32_t *where;          /* cut voxels, rising, in the slab */
    double *own, *metal;     /* volume of the owner region (m3), share of region 0 */
    ptrdiff_t cut, mixed;
    OwnPacket *packet;
    ptrdiff_t packets, packet_room;
    MixPacket *made;
    ptrdiff_t made_count, made_room;
    OwnSliver *sliver;
    ptrdiff_t slivers, sliver_room;
    int failed;
} OwnSlab;

/* Room for one more entry of a growing list. */
static void *own_room(void *list, ptrdiff_t count, ptrdiff_t *room, size_t size, int *failed) {
    if (count < *room) return list;
    const ptrdiff_t more = *room ? 2 * *room : 256;
    void *grown = realloc(list, (size_t)more * size);
    if (grown == NULL) {
        *failed = 1;
        return list;
    }
    *room = more;
    return grown;
}

static void own_add_packet(OwnSlab *s, int32_t voxel, uint8_t inner, uint8_t outer, int body, int64_t row) {
    s->packet = (OwnPacket *)own_room(s->packet, s->packets, &s->packet_room, sizeof(OwnPacket), &s->failed);
    if (s->failed) return;
    const OwnPacket made = {voxel, body, inner, outer, row};
    s->packet[s->packets++] = made;
}

/* The owner is the largest share; equal shares go to the region of the highest priority. */
static void own_settle(OwnSlab *s, int32_t voxel, ptrdiff_t place, double size, int n, const int *body, const double *share,
                       double *by_region) {
    for (int r = 0; r < s->regions; ++r) by_region[r] = 0.0;
    for (int t = 0; t < n; ++t) {
        by_region[s->region_of[body[t]]] += share[t];
        s->body_volume[body[t]] += share[t] * size;
    }
    int best = s->rank[0], owner = -1;
    for (int r = 1; r < s->regions; ++r)
        if (by_region[s->rank[r]] > by_region[best] + 1e-12) best = s->rank[r];
    for (int t = 0; t < n; ++t)
        if (s->region_of[body[t]] == best && (owner < 0 || share[t] > share[owner])) owner = t;
    if (owner < 0) owner = n - 1;
    s->body[place] = (uint8_t)body[owner];
    s->own[voxel] = by_region[best] * size;
    s->metal[voxel] = by_region[0];
    for (int r = 0; r < s->regions; ++r)
        if (r != best && by_region[r] > 0.0) {
            s->sliver = (OwnSliver *)own_room(s->sliver, s->slivers, &s->sliver_room, sizeof(OwnSliver), &s->failed);
            if (s->failed) return;
            const OwnSliver made = {by_region[r] * size, voxel, (uint8_t)r};
            s->sliver[s->slivers++] = made;
        }
}

typedef struct {
    uint8_t *seen;                /* [plane]: surfaces that show in a voxel */
    int32_t *place, *wanted;      /* [plane]: number of a cut voxel and of a mixed one */
    int32_t *first, *entry_body;  /* surfaces by cut voxel, in compressed rows */
    int64_t *entry_row;
    CutKeep keep;
    CutPiece *piece;              /* ordered by voxel */
    ptrdiff_t *piece_first;       /* [mixed + 1] */
    ptrdiff_t *body_first;        /* [count + 1], of one voxel */
    int *body;                    /* [count + 1], of one voxel */
    double *share, *own, *top, *lift, *by_region;
    uint8_t *region;
    char *flat;
    ptrdiff_t flat_room;
    MixVoxel mix;
} OwnScratch;

static void own_free(OwnScratch *t) {
    free(t->seen), free(t->place), free(t->wanted), free(t->first), free(t->entry_body), free(t->entry_row);
    free(t->keep.piece), free(t->piece), free(t->piece_first), free(t->body_first), free(t->body);
    free(t->share), free(t->own), free(t->top), free(t->lift), free(t->by_region), free(t->region), free(t->flat);
    free(t->mix.stack), free(t->mix.packet);
}

/* Fill the slab with the whole bodies and list the surfaces that show in each cut voxel. */
static void own_list(OwnSlab *s, OwnScratch *t) {
    const ptrdiff_t plane = s->ny * s->nz;
    ptrdiff_t total = 0;
    memset(s->body, s->count, (size_t)plane);
    for (int b = 0; b < s->count; ++b) {
        const OwnBody *o = s->bodies + b;
        if (s->i < o->i0 || s->i >= o->i1) continue;
        for (ptrdiff_t j = o->j0; j < o->j1; ++j) {
            const uint8_t *state = o->state + ((s->i - o->i0) * (o->j1 - o->j0) + j - o->j0) * (o->k1 - o->k0);
            uint8_t *body = s->body + j * s->nz + o->k0;
            for (ptrdiff_t k = 0; k < o->k1 - o->k0; ++k) body[k] = state[k] == 1 && body[k] == s->count ? (uint8_t)b : body[k];
        }
    }
    for (int b = 0; b < s->count; ++b) {
        const OwnBody *o = s->bodies + b;
        if (s->i < o->i0 || s->i >= o->i1) continue;
        for (int64_t q = o->row[s->i - o->i0]; q < o->row[s->i - o->i0 + 1]; ++q) {
            const ptrdiff_t at = o->index[q] - s->i * plane;
            if (s->body[at] > b) { /* else a body of higher priority hides it */
                t->seen[at]++;
                ++total;
            }
        }
    }
    for (ptrdiff_t at = 0; at < plane; ++at) {
        t->place[at] = -1;
        t->wanted[at] = -1;
        if (t->seen[at]) t->place[at] = (int32_t)s->cut++;
        if (t->seen[at] > 1) t->wanted[at] = (int32_t)s->mixed++;
    }
    s->where = (int32_t *)malloc((size_t)(s->cut + 1) * sizeof(int32_t));
    s->own = (double *)malloc((size_t)(s->cut + 1) * sizeof(double));
    s->metal = (double *)malloc((size_t)(s->cut + 1) * sizeof(double));
    t->first = (int32_t *)calloc((size_t)s->cut + 2, sizeof(int32_t));
    t->entry_body = (int32_t *)malloc((size_t)(total + 1) * sizeof(int32_t));
    t->entry_row = (int64_t *)malloc((size_t)(total + 1) * sizeof(int64_t));
    if (!s->where || !s->own || !s->metal || !t->first || !t->entry_body || !t->entry_row) {
        s->failed = 1;
        return;
    }
    /* first[v + 1] runs from where a voxel's entries begin to where they end */
    int32_t sum = 0;
    for (ptrdiff_t at = 0; at < plane; ++at)
        if (t->place[at] >= 0) {
            s->where[t->place[at]] = (int32_t)at;
            t->first[t->place[at] + 1] = sum;
            sum += t->seen[at];
        }
    for (int b = 0; b < s->count; ++b) {
        const OwnBody *o = s->bodies + b;
        if (s->i < o->i0 || s->i >= o->i1) continue;
        for (int64_t q = o->row[s->i - o->i0]; q < o->row[s->i - o->i0 + 1]; ++q) {
            const ptrdiff_t at = o->index[q] - s->i * plane;
            if (s->body[at] <= b) continue;
            const int32_t e = t->first[t->place[at] + 1]++;
            t->entry_body[e] = b;
            t->entry_row[e] = q;
        }
    }
}

/* Clip the triangles once more, for the pieces in voxels that several surfaces cut. */
static void own_pieces(OwnSlab *s, OwnScratch *t) {
    t->keep.wanted = t->wanted;
    for (int b = 0; b < s->count; ++b) {
        const OwnBody *o = s->bodies + b;
        if (s->i < o->i0 || s->i >= o->i1) continue;
        CutSlab cut = {0};
        cut.x = s->x, cut.y = s->y, cut.z = s->z;
        cut.nx = s->nx, cut.ny = s->ny, cut.nz = s->nz, cut.i = s->i;
        cut.j0 = o->j0, cut.j1 = o->j1, cut.k0 = o->k0, cut.k1 = o->k1;
        cut.keep = &t->keep;
        t->keep.body = b;
        for (int64_t q = o->slab_row[s->i - o->i0]; q < o->slab_row[s->i - o->i0 + 1] && !cut.failed; ++q)
            cut_triangle(&cut, o->corners + 9 * (ptrdiff_t)o->slab_triangle[q]);
        s->failed |= cut.failed;
    }
    t->piece = (CutPiece *)malloc((size_t)(t->keep.count + 1) * sizeof(CutPiece));
    t->piece_first = (ptrdiff_t *)calloc((size_t)s->mixed + 2, sizeof(ptrdiff_t));
    if (!t->piece || !t->piece_first) s->failed = 1;
    if (s->failed) return;
    for (ptrdiff_t q = 0; q < t->keep.count; ++q)
        if (t->keep.piece[q].voxel + 2 <= s->mixed) t->piece_first[t->keep.piece[q].voxel + 2]++;
    for (ptrdiff_t m = 2; m <= s->mixed; ++m) t->piece_first[m] += t->piece_first[m - 1];
    for (ptrdiff_t q = 0; q < t->keep.count; ++q) t->piece[t->piece_first[t->keep.piece[q].voxel + 1]++] = t->keep.piece[q];
    free(t->keep.piece);
    t->keep.piece = NULL;
}

/* A voxel that several surfaces cut: body[] and share[] are filled with them and the body behind them all. */
static int own_mixed(OwnSlab *s, OwnScratch *t, int32_t voxel, ptrdiff_t at, int fill) {
    const ptrdiff_t j = at / s->nz, k = at % s->nz, m = t->wanted[at];
    const int32_t e0 = t->first[voxel], e1 = t->first[voxel + 1];
    const ptrdiff_t p0 = t->piece_first[m], p1 = t->piece_first[m + 1];
    MixVoxel *v = &t->mix;
    int n = 0;
    v->piece = t->piece + p0;
    ptrdiff_t q = 0;
    for (int32_t e = e0; e < e1; ++e, ++n) {
        const int b = t->entry_body[e];
        double own = s->bodies[b].share[t->entry_row[e]];
        own = own < 0.0 ? 0.0 : (own > 1.0 ? 1.0 : own);
        t->body[n] = b;
        t->own[n] = own;
        t->region[n] = s->region_of[b];
        t->top[n] = t->lift[n] = 0.0;
        t->body_first[n] = q;
        while (q < p1 - p0 && v->piece[q].body == b) ++q;
    }
    t->body_first[n] = q;
    t->body[n] = fill;
    t->region[n] = s->region_of[fill];
    t->top[n] = t->lift[n] = 0.0;
    if (q > t->flat_room) {
        free(t->flat);
        t->flat_room = 2 * q;
        t->flat = (char *)malloc((size_t)t->flat_room);
        if (t->flat == NULL) s->failed = 1;
    }
    if (s->failed) return 0;
    v->bodies = n;
    v->first = t->body_first, v->own = t->own, v->region = t->region, v->top = t->top, v->lift = t->lift;
    v->lo[0] = s->x[s->i], v->hi[0] = s->x[s->i + 1];
    v->lo[1] = s->y[j], v->hi[1] = s->y[j + 1];
    v->lo[2] = s->z[k], v->hi[2] = s->z[k + 1];
    v->size = v->hi[0] - v->lo[0];
    for (int d = 1; d < 3; ++d) v->size = v->hi[d] - v->lo[d] < v->size ? v->hi[d] - v->lo[d] : v->size;
    v->packets = 0;
    mix_voxel(v, t->flat, t->share);
    s->failed |= v->failed;
    /* rising in (inner, outer): the order of the packets does not hang on the order of the pieces */
    for (int inner = 0; inner < s->regions; ++inner)
        for (int outer = 0; outer < s->regions; ++outer)
            for (ptrdiff_t p = 0; p < v->packets && !s->failed; ++p) {
                if (v->packet[p].inner != inner || v->packet[p].outer != outer) continue;
                s->made = (MixPacket *)own_room(s->made, s->made_count, &s->made_room, sizeof(MixPacket), &s->failed);
                if (s->failed) break;
                s->made[s->made_count] = v->packet[p];
                own_add_packet(s, voxel, v->packet[p].inner, v->packet[p].outer, -1, s->made_count++);
            }
    return n + 1;
}

/* Do all of a slab. */
static void own_slab(OwnSlab *s) {
    const ptrdiff_t plane = s->ny * s->nz;
    const size_t n = (size_t)s->count + 1;
    OwnScratch t = {0};
    t.seen = (uint8_t *)calloc((size_t)plane, 1);
    t.place = (int32_t *)malloc((size_t)plane * sizeof(int32_t));
    t.wanted = (int32_t *)malloc((size_t)plane * sizeof(int32_t));
    t.body_first = (ptrdiff_t *)malloc((n + 1) * sizeof(ptrdiff_t));
    t.body = (int *)malloc((n + 1) * sizeof(int));
    t.share = (double *)malloc(n * sizeof(double)), t.own = (double *)malloc(n * sizeof(double));
    t.top = (double *)malloc(n * sizeof(double)), t.lift = (double *)malloc(n * sizeof(double));
    t.by_region = (double *)malloc((size_t)s->regions * sizeof(double));
    t.region = (uint8_t *)malloc(n);
    if (!t.seen || !t.place || !t.wanted || !t.body_first || !t.body || !t.share || !t.own || !t.top || !t.lift || !t.by_region ||
        !t.region)
        s->failed = 1;
    if (!s->failed) own_list(s, &t);
    if (!s->failed && s->mixed) own_pieces(s, &t);
    const double dx = s->x[s->i + 1] - s->x[s->i];
    for (ptrdiff_t j = 0; j < s->ny && !s->failed; ++j) {
        const double area = dx * (s->y[j + 1] - s->y[j]);
        for (ptrdiff_t k = 0; k < s->nz && !s->failed; ++k) {
            const ptrdiff_t at = j * s->nz + k;
            const int fill = s->body[at];
            const double size = area * (s->z[k + 1] - s->z[k]);
            const int32_t voxel = t.place[at];
            int found;
            if (voxel < 0) {
                s->body_volume[fill] += size;
                continue;
            }
            if (t.seen[at] > 1)
                found = own_mixed(s, &t, voxel, at, fill);
            else {
                const int b = t.entry_body[t.first[voxel]];
                const int64_t row = t.entry_row[t.first[voxel]];
                const double *wall = s->bodies[b].wall + CUT_WALL * row, share = s->bodies[b].share[row];
                t.body[0] = b, t.body[1] = fill;
                t.share[0] = share < 0.0 ? 0.0 : (share > 1.0 ? 1.0 : share);
                t.share[1] = 1.0 - t.share[0];
                found = 2;
                if (s->region_of[b] != s->region_of[fill] && wall[0] + wall[1] + wall[2] + wall[3] + wall[4] + wall[5] > 0.0)
                    own_add_packet(s, voxel, s->region_of[b], s->region_of[fill], b, row);
            }
            if (!s->failed) own_settle(s, voxel, at, size, found, t.body, t.share, t.by_region);
        }
    }
    for (ptrdiff_t at = 0; at < plane; ++at) s->region[at] = s->region_of[s->body[at]];
    own_free(&t);
}

#endif
