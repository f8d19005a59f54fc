/* One voxel that several surfaces cut: who fills how much of it, and which wall faces whom, from the clipped triangles alone.

   Bodies come from the highest priority to the lowest, the body that fills the voxel where no cut one does last. Each piece of a
   wall is split where another body's pieces cross it or lie flush on it; then every fragment is wholly inside or outside of every
   other body, before it and behind it, and belongs to one pair of bodies or is hidden. The voxel's top face is split the same
   way. A body's volume is the area it takes of the top face times the height, plus what its walls add below. */
#ifndef CASTSOLVE_MIXED_H
#define CASTSOLVE_MIXED_H

#include "_cut.h"

#define MIX_MOST 32            /* most corners of a fragment */
#define MIX_FLUSH 0.02         /* walls nearer than this share of a voxel lie on each other */
#define MIX_PARALLEL 0.98      /* and are turned by less than this cosine says */
#define MIX_TINY 1e-9          /* of a voxel: where a corner counts as on a plane */
#define MIX_TRIES 24           /* rays to find a side */
#define MIX_CLEAR 1e-3         /* a ray this far from all edges is trusted at once */
#define MIX_SUMS 30            /* wall sums of a packet: M[6], P[6], N[6][3] */

typedef struct {
    double p[MIX_MOST][3];
    int n;
    int other;       /* body to be asked next */
    ptrdiff_t piece; /* its piece to be asked next */
} MixFragment;

typedef struct {
    double sums[MIX_SUMS];
    uint8_t inner, outer; /* regions */
} MixPacket;

typedef struct {
    const CutPiece *piece; /* ordered by body */
    const char *flat;      /* pieces that lie on the top face */
    int bodies;            /* cut ones */
    const ptrdiff_t *first; /* [bodies + 1] */
    const double *own;     /* [bodies]: filled share of each surface by itself */
    const uint8_t *region; /* [bodies + 1]: the last is the filling body's */
    double lo[3], hi[3], size;
    int up; /* axis along which heights are counted */
    double *top, *lift; /* [bodies + 1] */
    MixFragment *stack;
    ptrdiff_t depth, room;
    MixPacket *packet;
    ptrdiff_t packets, packet_room;
    int failed;
} MixVoxel;

INLINE double mix_dot(const double *a, const double *b) { return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]; }

INLINE void mix_cross(const double *a, const double *b, double *c) {
    c[0] = a[1] * b[2] - a[2] * b[1];
    c[1] = a[2] * b[0] - a[0] * b[2];
    c[2] = a[0] * b[1] - a[1] * b[0];
}

/* Vector area of a plane polygon, and its centroid; returns the area along the normal. */
static double mix_area(const double (*p)[3], int n, const double *normal, double *centroid) {
    double total = 0.0, sum[3] = {0.0, 0.0, 0.0};
    for (int t = 1; t + 1 < n; ++t) {
        double u[3], v[3], w[3];
        for (int c = 0; c < 3; ++c) {
            u[c] = p[t][c] - p[0][c];
            v[c] = p[t + 1][c] - p[0][c];
        }
        mix_cross(u, v, w);
        const double part = 0.5 * mix_dot(w, normal);
        total += part;
        for (int c = 0; c < 3; ++c) sum[c] += part * (u[c] + v[c]) / 3.0;
    }
    for (int c = 0; c < 3; ++c) centroid[c] = p[0][c] + (total > 0.0 ? sum[c] / total : 0.0);
    return total;
}

static void mix_range(const double (*p)[3], int n, const double *normal, double offset, double *lo, double *hi) {
    *lo = 1e300;
    *hi = -1e300;
    for (int t = 0; t < n; ++t) {
        const double d = mix_dot(p[t], normal) - offset;
        *lo = d < *lo ? d : *lo;
        *hi = d > *hi ? d : *hi;
    }
}

/* 1 or -1 where two pieces lie on each other's plane with like or opposite normals, else 0. Symmetric in the two. */
static int mix_flush(const MixVoxel *v, const CutPiece *a, const CutPiece *b) {
    const double turn = mix_dot(a->normal, b->normal), near = MIX_FLUSH * v->size;
    double lo, hi;
    if (fabs(turn) < MIX_PARALLEL) return 0;
    mix_range((const double(*)[3])a->p, a->n, b->normal, b->offset, &lo, &hi);
    if (lo < -near || hi > near) {
        mix_range((const double(*)[3])b->p, b->n, a->normal, a->offset, &lo, &hi);
        if (lo < -near || hi > near) return 0;
    }
    return turn > 0.0 ? 1 : -1;
}

/* Where a polygon crosses a plane, as a stretch along the line u; corners on the plane count as above it. */
static int mix_stretch(const double (*p)[3], int n, const double *normal, double offset, double tiny, const double *u,
                       double *lo, double *hi) {
    int found = 0;
    *lo = 1e300;
    *hi = -1e300;
    double last = mix_dot(p[n - 1], normal) - offset;
    for (int t = 0; t < n; ++t) {
        const double *a = p[t ? t - 1 : n - 1], *b = p[t];
        const double next = mix_dot(b, normal) - offset;
        if ((last < -tiny) != (next < -tiny)) {
            double da = last < -tiny ? last : (last > 0.0 ? last : 0.0), db = next < -tiny ? next : (next > 0.0 ? next : 0.0);
            const double s = da / (da - db), at = (1.0 - s) * mix_dot(a, u) + s * mix_dot(b, u);
            *lo = at < *lo ? at : *lo;
            *hi = at > *hi ? at : *hi;
            found = 1;
        }
        last = next;
    }
    return found;
}

/* Whether a piece of another body goes through a fragment of the plane normal.x = offset. */
static int mix_crosses(const MixVoxel *v, const MixFragment *f, const double *normal, double offset, const CutPiece *q) {
    const double tiny = MIX_TINY * v->size;
    double lo, hi, qlo, qhi, u[3];
    if (f->n > MIX_MOST - 2) return 0;
    mix_range((const double(*)[3])f->p, f->n, q->normal, q->offset, &lo, &hi);
    if (lo > -tiny || hi < tiny) return 0;
    mix_cross(normal, q->normal, u);
    const double turn = sqrt(mix_dot(u, u));
    if (turn < 1e-12) return 0;
    if (!mix_stretch((const double(*)[3])q->p, q->n, normal, offset, tiny, u, &qlo, &qhi)) return 0;
    if (!mix_stretch((const double(*)[3])f->p, f->n, q->normal, q->offset, 0.0, u, &lo, &hi)) return 0;
    return (hi < qhi ? hi : qhi) - (lo > qlo ? lo : qlo) > tiny * turn;
}

static void mix_split(const MixFragment *f, const double *normal, double offset, double tiny, MixFragment *below, MixFragment *above) {
    below->n = above->n = 0;
    double last = mix_dot(f->p[f->n - 1], normal) - offset;
    for (int t = 0; t < f->n; ++t) {
        const double *a = f->p[t ? t - 1 : f->n - 1], *b = f->p[t];
        const double next = mix_dot(b, normal) - offset;
        if ((last > tiny && next < -tiny) || (last < -tiny && next > tiny)) {
            const double s = last / (last - next);
            double x[3];
            for (int c = 0; c < 3; ++c) x[c] = a[c] + s * (b[c] - a[c]);
            if (below->n < MIX_MOST) memcpy(below->p[below->n++], x, sizeof(x));
            if (above->n < MIX_MOST) memcpy(above->p[above->n++], x, sizeof(x));
        }
        if (next <= tiny && below->n < MIX_MOST) memcpy(below->p[below->n++], b, 3 * sizeof(double));
        if (next >= -tiny && above->n < MIX_MOST) memcpy(above->p[above->n++], b, 3 * sizeof(double));
        last = next;
    }
}

/* Nearest distance of a point in the plane of a piece to its edges, negative outside. */
static double mix_margin(const CutPiece *q, const double *x, double tiny) {
    double margin = 1e300;
    for (int t = 0; t < q->n; ++t) {
        const double *a = q->p[t], *b = q->p[t + 1 < q->n ? t + 1 : 0];
        const double e[3] = {b[0] - a[0], b[1] - a[1], b[2] - a[2]}, r[3] = {x[0] - a[0], x[1] - a[1], x[2] - a[2]};
        const double length = sqrt(mix_dot(e, e));
        if (length < tiny) continue;
        double inward[3];
        mix_cross(q->normal, e, inward);
        const double d = mix_dot(inward, r) / length;
        margin = d < margin ? d : margin;
    }
    return margin;
}

/* Whether a point lies inside a body: on the way to any piece of it, the side of the first piece that is met tells.
   Pieces on the top face are left out where they shall not count. */
static int mix_inside(const MixVoxel *v, const double *x, int body, int skip_flat) {
    const double tiny = MIX_TINY * v->size;
    const ptrdiff_t first = v->first[body], last = v->first[body + 1];
    int answer = v->own[body] > 0.5, tries = 0;
    double best = -1.0;
    for (ptrdiff_t t = first; t < last && tries < MIX_TRIES; ++t) {
        if (skip_flat && v->flat[t]) continue;
        double aim[3], way[3], nearest = 2.0, trust = -1.0;
        int inside = 0;
        mix_area((const double(*)[3])v->piece[t].p, v->piece[t].n, v->piece[t].normal, aim);
        for (int c = 0; c < 3; ++c) way[c] = aim[c] - x[c];
        const double length = sqrt(mix_dot(way, way));
        if (length < tiny) continue;
        ++tries;
        for (ptrdiff_t q = first; q < last; ++q) {
            const CutPiece *p = v->piece + q;
            if (skip_flat && v->flat[q]) continue;
            const double along = mix_dot(p->normal, way), height = p->offset - mix_dot(p->normal, x);
            if (fabs(along) < 1e-9 * length) continue;
            const double s = height / along;
            if (s * length < tiny || s > 1.0 + 1e-9 || s > nearest + 1e-9) continue;
            const double hit[3] = {x[0] + s * way[0], x[1] + s * way[1], x[2] + s * way[2]};
            double clear = mix_margin(p, hit, tiny) / v->size;
            if (clear < -MIX_TINY) continue;
            if (fabs(along) < clear * length) clear = fabs(along) / length;
            if (s < nearest - 1e-9 || clear > trust) {
                nearest = s;
                trust = clear;
                inside = along > 0.0;
            }
        }
        if (trust > best) {
            best = trust;
            answer = inside;
            if (best > MIX_CLEAR) break;
        }
    }
    return answer;
}

static void mix_push(MixVoxel *v, const MixFragment *f, int other, ptrdiff_t piece) {
    if (v->depth == v->room) {
        const ptrdiff_t room = v->room ? 2 * v->room : 32;
        MixFragment *more = (MixFragment *)realloc(v->stack, (size_t)room * sizeof(MixFragment));
        if (more == NULL) {
            v->failed = 1;
            return;
        }
        v->stack = more;
        v->room = room;
    }
    MixFragment *kept = v->stack + v->depth++;
    *kept = *f;
    kept->other = other;
    kept->piece = piece;
}

static MixPacket *mix_packet(MixVoxel *v, uint8_t inner, uint8_t outer) {
    for (ptrdiff_t t = 0; t < v->packets; ++t)
        if (v->packet[t].inner == inner && v->packet[t].outer == outer) return v->packet + t;
    if (v->packets == v->packet_room) {
        const ptrdiff_t room = v->packet_room ? 2 * v->packet_room : 16;
        MixPacket *more = (MixPacket *)realloc(v->packet, (size_t)room * sizeof(MixPacket));
        if (more == NULL) {
            v->failed = 1;
            return NULL;
        }
        v->packet = more;
        v->packet_room = room;
    }
    MixPacket *made = v->packet + v->packets++;
    memset(made, 0, sizeof(MixPacket));
    made->inner = inner;
    made->outer = outer;
    return made;
}

/* A fragment of a body's wall that faces another one: it bounds both volumes, and is a wall where their regions differ. */
static void mix_count(MixVoxel *v, const MixFragment *f, const CutPiece *piece, int flat, int body, int faced, double area) {
    const int d = v->up;
    if (!flat) {
        double lift = 0.0;
        for (int t = 1; t + 1 < f->n; ++t) {
            double a[3], b[3], w[3];
            for (int c = 0; c < 3; ++c) {
                a[c] = f->p[t][c] - f->p[0][c];
                b[c] = f->p[t + 1][c] - f->p[0][c];
            }
            mix_cross(a, b, w);
            lift += 0.5 * w[d] * ((f->p[0][d] - v->lo[d]) + (f->p[t][d] - v->lo[d]) + (f->p[t + 1][d] - v->lo[d])) / 3.0;
        }
        v->lift[body] += lift;
        v->lift[faced] -= lift;
    }
    if (!piece->wall || v->region[body] == v->region[faced]) return;
    MixPacket *packet = mix_packet(v, v->region[body], v->region[faced]);
    if (packet == NULL) return;
    const double centre[3] = {0.5 * (v->lo[0] + v->hi[0]), 0.5 * (v->lo[1] + v->hi[1]), 0.5 * (v->lo[2] + v->hi[2])};
    cut_wall(packet->sums, piece->normal, piece->offset - mix_dot(centre, piece->normal), area);
}

/* Unit vector out of a piece, in its plane, across its edge from corner t. Returns 0 where that edge has no length. */
static int mix_edge_side(const CutPiece *q, int t, double tiny, double side[3]) {
    const double *a = q->p[t], *b = q->p[t + 1 < q->n ? t + 1 : 0];
    const double e[3] = {b[0] - a[0], b[1] - a[1], b[2] - a[2]};
    const double length = sqrt(mix_dot(e, e));
    if (length < tiny) return 0;
    mix_cross(e, q->normal, side);
    for (int c = 0; c < 3; ++c) side[c] /= length;
    return 1;
}

/* Put the part of a fragment that lies outside a flush piece back on the stack. Returns 1 where a part is left inside, 0 where
   the two do not overlap and the fragment is whole, -1 where all of it went back. */
static int mix_trim(MixVoxel *v, MixFragment *f, const CutPiece *q, ptrdiff_t at) {
    const double tiny = MIX_TINY * v->size;
    MixFragment in, out;
    double lo, hi;
    /* first whether they overlap at all, so that nothing is split in vain */
    for (int t = 0; t < q->n; ++t) {
        double side[3];
        if (!mix_edge_side(q, t, tiny, side)) continue;
        mix_range((const double(*)[3])f->p, f->n, side, mix_dot(q->p[t], side), &lo, &hi);
        if (lo > -tiny) return 0;
    }
    for (int t = 0; t < q->n; ++t) {
        double side[3];
        if (!mix_edge_side(q, t, tiny, side)) continue;
        const double offset = mix_dot(q->p[t], side);
        mix_range((const double(*)[3])f->p, f->n, side, offset, &lo, &hi);
        if (hi < tiny) continue;
        if (lo > -tiny) {
            mix_push(v, f, f->other, at + 1);
            return -1;
        }
        if (f->n > MIX_MOST - 2) continue;
        mix_split(f, side, offset, tiny, &in, &out);
        out.other = f->other;
        if (out.n > 2) mix_push(v, &out, f->other, at + 1);
        memcpy(f->p, in.p, sizeof(double) * 3 * (size_t)in.n);
        f->n = in.n;
        if (f->n < 3) return -1;
    }
    return 1;
}

/* Follow one polygon to the end: piece >= 0 is that wall of a body, piece < 0 the top face. */
static void mix_follow(MixVoxel *v, const MixFragment *whole, ptrdiff_t piece, int body) {
    const double tiny = MIX_TINY * v->size;
    const CutPiece *wall = piece >= 0 ? v->piece + piece : NULL;
    double up[3] = {0.0, 0.0, 0.0};
    up[v->up] = 1.0;
    const double *normal = wall ? wall->normal : up, offset = wall ? wall->offset : v->hi[v->up];
    mix_push(v, whole, body == 0 ? 1 : 0, -1);
    while (v->depth > 0 && !v->failed) {
        MixFragment f = v->stack[--v->depth], below, above;
        int c = f.other, inner = 0, outer = 0, known;
        ptrdiff_t q = f.piece;
        double centre[3];
        const double area = mix_area((const double(*)[3])f.p, f.n, normal, centre);
        if (!(area > 1e-14 * v->size * v->size)) continue;
        if (c >= v->bodies) { /* nobody else was met: the filling body lies behind */
            if (wall)
                mix_count(v, &f, wall, v->flat[piece], body, v->bodies, area);
            else
                v->top[v->bodies] += area;
            continue;
        }
        if (q < v->first[c]) q = v->first[c];
        known = 0;
        for (; q < v->first[c + 1]; ++q) {
            const CutPiece *other = v->piece + q;
            const int flush = wall ? mix_flush(v, wall, other) : v->flat[q];
            if (flush && !wall) continue;
            if (flush) {
                known = mix_trim(v, &f, other, q);
                if (known == 0) continue;
                inner = flush > 0;
                outer = !inner;
                break;
            }
            if (!mix_crosses(v, &f, normal, offset, other)) continue;
            mix_split(&f, other->normal, other->offset, tiny, &below, &above);
            if (below.n > 2) mix_push(v, &below, c, q + 1);
            if (above.n < 3) {
                known = -1;
                break;
            }
            memcpy(f.p, above.p, sizeof(double) * 3 * (size_t)above.n);
            f.n = above.n;
        }
        if (known < 0) continue;
        const double left = mix_area((const double(*)[3])f.p, f.n, normal, centre);
        if (!(left > 1e-14 * v->size * v->size)) continue;
        if (!known) inner = outer = mix_inside(v, centre, c, wall == NULL);
        if (!wall) {
            if (inner)
                v->top[c] += left;
            else
                mix_push(v, &f, c + 1, -1);
        } else if (c < body) {
            if (!inner && !outer) mix_push(v, &f, c + 1 == body ? c + 2 : c + 1, -1); /* else that body's own wall counts */
        } else if (outer)
            mix_count(v, &f, wall, v->flat[piece], body, c, left);
        else
            mix_push(v, &f, c + 1, -1);
    }
    v->depth = 0;
}

/* Choose the axis whose top face is met by the fewest pieces, and mark those that lie on it. */
static void mix_choose(MixVoxel *v, char *flat) {
    const double tiny = MIX_TINY * v->size;
    ptrdiff_t fewest = -1;
    for (int d = 0; d < 3; ++d) {
        ptrdiff_t met = 0;
        for (ptrdiff_t q = 0; q < v->first[v->bodies]; ++q)
            for (int t = 0; t < v->piece[q].n; ++t)
                if (v->piece[q].p[t][d] > v->hi[d] - tiny) {
                    ++met;
                    break;
                }
        if (fewest < 0 || met < fewest) {
            fewest = met;
            v->up = d;
        }
    }
    for (ptrdiff_t q = 0; q < v->first[v->bodies]; ++q) {
        flat[q] = 1;
        for (int t = 0; t < v->piece[q].n; ++t)
            if (v->piece[q].p[t][v->up] < v->hi[v->up] - tiny) flat[q] = 0;
    }
    v->flat = flat;
}

/* Fill v->top and v->lift (both zeroed by the caller) and the packets; share[bodies + 1] receives who fills how much. */
static void mix_voxel(MixVoxel *v, char *flat, double *share) {
    MixFragment face;
    mix_choose(v, flat);
    const int d = v->up, a = (d + 1) % 3, b = (d + 2) % 3;
    for (int body = 0; body < v->bodies; ++body)
        for (ptrdiff_t q = v->first[body]; q < v->first[body + 1]; ++q) {
            memcpy(face.p, v->piece[q].p, sizeof(double) * 3 * (size_t)v->piece[q].n);
            face.n = v->piece[q].n;
            mix_follow(v, &face, q, body);
            if (v->failed) return;
        }
    face.n = 4;
    for (int t = 0; t < 4; ++t) {
        face.p[t][d] = v->hi[d];
        face.p[t][a] = t == 1 || t == 2 ? v->hi[a] : v->lo[a];
        face.p[t][b] = t > 1 ? v->hi[b] : v->lo[b];
    }
    mix_follow(v, &face, -1, -1);
    const double height = v->hi[d] - v->lo[d], volume = height * (v->hi[a] - v->lo[a]) * (v->hi[b] - v->lo[b]);
    double claimed = 0.0;
    for (int body = 0; body < v->bodies; ++body) {
        /* whatever the pieces say, a body takes no more than its own share and no less than what nobody before it took */
        const double own = v->own[body], rest = 1.0 - claimed;
        const double most = own < rest ? own : rest, least = own > claimed ? own - claimed : 0.0;
        double s = (height * v->top[body] + v->lift[body]) / volume;
        s = s < least ? least : s;
        s = s > most ? most : s;
        share[body] = s;
        claimed += s;
    }
    share[v->bodies] = claimed < 1.0 ? 1.0 - claimed : 0.0;
}

#endif
