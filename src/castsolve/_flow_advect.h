/* Liquid moved by split sweeps of plane-cut volumes; the new volume is the pure sum of the fluxes. */
#ifndef CASTSOLVE_FLOW_ADVECT_H
#define CASTSOLVE_FLOW_ADVECT_H

#include "_flow_content.h"
#include "_flow_depth.h"
#include "_flow_plic.h"

/* Filled share of every open voxel, from F1; walls follow with flow_ghosts. */
void flow_alpha(void *flow, ptrdiff_t i0, ptrdiff_t i1) {
    const Flow *s = (const Flow *)flow;
    FLOW_ROWS(s, i0, i1) {
        const int kind = s->kind[n];
        if (kind == FLOW_CAVITY) s->alpha[n] = clip01(s->F1[n] / s->V[n]);
        else if (kind == FLOW_RESERVOIR || kind == FLOW_FEED) s->alpha[n] = 1.0;
        else if (kind == FLOW_OUTLET) s->alpha[n] = 0.0;
    }
}

void flow_ghosts(void *flow, ptrdiff_t first, ptrdiff_t last) {
    const Flow *s = (const Flow *)flow;
    for (ptrdiff_t g = first; g < last; ++g) {
        double sum = 0.0;
        for (int64_t q = s->ghost_row[g]; q < s->ghost_row[g + 1]; ++q) sum += s->alpha[s->ghost_of[q]];
        s->alpha[s->ghost[g]] = sum / (double)(s->ghost_row[g + 1] - s->ghost_row[g]);
    }
}

/* Fluxes of one sweep along s->axis: every donor voxel writes its own two faces, no face has two donors. */
void flow_fluxes(void *flow, ptrdiff_t i0, ptrdiff_t i1) {
    const Flow *s = (const Flow *)flow;
    const int d = s->axis;
    const ptrdiff_t st = s->step[d];
    const double *u = s->u[d], *a = s->a[d], scale = s->dt / s->h;
    double *G = s->G[d];
    FLOW_ROWS(s, i0, i1) {
        const int kind = s->kind[n];
        if (kind == FLOW_SOLID || kind == FLOW_OUTLET) continue;
        const double low = -a[n] * u[n] * scale, high = a[n + st] * u[n + st] * scale;
        if (!(low > 0.0) && !(high > 0.0)) continue;
        if (kind != FLOW_CAVITY) {
            if (low > 0.0) G[n] = -low;
            if (high > 0.0) G[n + st] = high;
            continue;
        }
        const double V = s->V[n], F = s->F1[n];
        const int deep = s->depth[n] >= DEPTH_LEAST;
        if (!(F > 0.0) && !deep) continue;
        const double share = F / V;
        double m[3], c = 0.0;
        int cut = 0;
        if (!deep && share < 1.0 - FLOW_ROUNDING) {
            cut = plic_fitted(s->alpha + n, s->step, m);
            if (cut) {
                const double t[3] = {fabs(m[0]), fabs(m[1]), fabs(m[2])};
                c = plic_constant(t, share);
            }
        }
        for (int side = 0; side < 2; ++side) {
            const double out = side ? high : low;
            if (!(out > 0.0)) continue;
            if (deep && s->depth[side ? n + st : n - st] >= DEPTH_LEAST) {
                const double volume = flow_deep_flux(s, n, out);
                G[side ? n + st : n] = side ? volume : -volume;
                continue;
            }
            const double w = out < V ? out / V : 1.0;
            const double volume = V * w * (cut ? plic_slab(m, c, d, side, w) : share < 1.0 ? share : 1.0);
            if (side) G[n + st] = volume;
            else G[n] = -volume;
        }
    }
}

/* The working copy after one sweep: liquid of a voxel that was half full is stretched with the divergence of that sweep. */
void flow_between(void *flow, ptrdiff_t i0, ptrdiff_t i1) {
    const Flow *s = (const Flow *)flow;
    const int d = s->axis;
    const ptrdiff_t st = s->step[d];
    const double *u = s->u[d], *a = s->a[d], *G = s->G[d], scale = s->dt / s->h;
    FLOW_ROWS(s, i0, i1) {
        if (s->kind[n] != FLOW_CAVITY) continue;
        const double F = s->F1[n] - (G[n + st] - G[n]);
        const double more = s->Fn[n] > 0.5 * s->V[n] ? scale * (a[n + st] * u[n + st] - a[n] * u[n]) : 0.0;
        const double kept = F + more < 0.0 ? 0.0 : F + more > s->V[n] ? s->V[n] : F + more;
        for (int c = 0; c < s->ncarried; ++c) {
            /* stretched and cut off at the content that the voxel has after the exchange, or had where nothing is left of it */
            const double *GE = s->GE[c] + d * s->nx * s->step[0];
            const double E = s->E1[c][n] - (GE[n + st] - GE[n]);
            s->E1[c][n] = kept * (F > FLOW_FILM ? flow_within(s, c, E, F) : flow_within(s, c, s->E1[c][n], s->F1[n]));
        }
        s->F1[n] = kept;
    }
}

INLINE double flow_slack(const Flow *s, ptrdiff_t n) { return s->depth[n] >= DEPTH_LEAST ? FLOW_LEFT : FLOW_ROUNDING; }

/* The new volume, and per plane: the largest overfill, what came in through reservoirs, feeds and outlets, and offenders. */
void flow_total(void *flow, ptrdiff_t i0, ptrdiff_t i1) {
    const Flow *s = (const Flow *)flow;
    for (ptrdiff_t p = i0; p < i1; ++p) {
        double over = 0.0, in = 0.0, offenders = 0.0;
        for (int c = 0; c < s->ncarried; ++c) {
            FLOW_ROWS(s, p, p + 1) {
                if (s->kind[n] != FLOW_CAVITY) continue;
                double E = s->En[c][n];
                for (int d = 0; d < 3; ++d) {
                    const double *GE = s->GE[c] + d * s->nx * s->step[0];
                    E -= GE[n + s->step[d]] - GE[n];
                }
                s->E[c][n] = E;
            }
        }
        FLOW_ROWS(s, p, p + 1) {
            if (s->kind[n] != FLOW_CAVITY) continue;
            double F = s->Fn[n];
            for (int d = 0; d < 3; ++d) {
                const ptrdiff_t st = s->step[d];
                const double *G = s->G[d];
                F -= G[n + st] - G[n];
                if (s->kind[n - st] >= FLOW_RESERVOIR) in += G[n];
                if (s->kind[n + st] >= FLOW_RESERVOIR) in -= G[n + st];
            }
            s->F[n] = F;
            const double e = F > s->V[n] ? F - s->V[n] : F < 0.0 ? -F : 0.0;
            if (e > over) over = e;
            if (e > flow_slack(s, n)) offenders += 1.0;
        }
        s->plane[4 * p] = over;
        s->plane[4 * p + 1] = in;
        s->plane[4 * p + 2] = offenders;
    }
}

/* Add a transfer from start to c, along the way that the search took, to the fluxes. */
static void flow_trace(Flow *s, ptrdiff_t start, ptrdiff_t c, double amount, const double *content) {
    while (c != start) {
        const int side = s->parent[c], d = side >> 1, up = side & 1;
        const ptrdiff_t face = up ? c : c + s->step[d];
        s->G[d][face] += up ? amount : -amount;
        for (int q = 0; q < s->ncarried; ++q) s->GE[q][d * s->nx * s->step[0] + face] += up ? content[q] : -content[q];
        c = up ? c - s->step[d] : c + s->step[d];
    }
}

/* Hand one voxel's overfill (or lack) on to the nearest voxels with room (or liquid), ring by ring, in proportion to it; every
   transfer is added to the fluxes on its way. What finds no room goes back into the nearest reservoir, else it is returned. */
static double flow_hand_on(Flow *s, ptrdiff_t start, int32_t mark, int64_t *queue, double *moved, double *back) {
    const int lack = s->F[start] < 0.0;
    double e = lack ? -s->F[start] : s->F[start] - s->V[start];
    ptrdiff_t head = 0, tail = 0, port = -1;
    queue[tail++] = start;
    s->stamp[start] = mark;
    while (head < tail && e > FLOW_ROUNDING) {
        const ptrdiff_t ring = tail;
        for (; head < ring; ++head) {
            const ptrdiff_t c = queue[head];
            for (int side = 0; side < 6 && tail < FLOW_NEAR; ++side) {
                const int d = side >> 1, up = side & 1;
                const ptrdiff_t nb = up ? c + s->step[d] : c - s->step[d], face = up ? nb : c;
                if (s->stamp[nb] == mark || !(s->a[d][face] > 0.0)) continue;
                if (port < 0 && (s->kind[nb] == FLOW_RESERVOIR || s->kind[nb] == FLOW_OUTLET)) {
                    port = nb;
                    s->parent[nb] = side;
                }
                if (s->kind[nb] != FLOW_CAVITY) continue;
                s->stamp[nb] = mark;
                s->parent[nb] = side;
                queue[tail++] = nb;
            }
        }
        double room = 0.0;
        for (ptrdiff_t t = head; t < tail; ++t) {
            const ptrdiff_t c = queue[t];
            const double r = lack ? s->F[c] : s->V[c] - s->F[c];
            if (r > 0.0) room += r;
        }
        if (!(room > 0.0)) continue;
        const double part = e < room ? e / room : 1.0;
        for (ptrdiff_t t = head; t < tail; ++t) {
            ptrdiff_t c = queue[t];
            const double r = lack ? s->F[c] : s->V[c] - s->F[c];
            if (!(r > 0.0)) continue;
            const double amount = part * r, sign = lack ? -1.0 : 1.0;
            const ptrdiff_t source = lack ? c : start, target = c;
            double content[FLOW_CARRIED];
            for (int q = 0; q < s->ncarried; ++q) {
                content[q] = sign * amount * flow_within(s, q, s->E[q][source], s->F[source]);
                s->E[q][target] += content[q];
                s->E[q][start] -= content[q];
            }
            s->F[c] += sign * amount;
            s->F[start] -= sign * amount;
            *moved += amount;
            flow_trace(s, start, c, sign * amount, content);
        }
        e = lack ? -s->F[start] : s->F[start] - s->V[start];
    }
    if (!(e > FLOW_ROUNDING)) return 0.0;
    if (lack || port < 0) return e;
    double content[FLOW_CARRIED];
    for (int q = 0; q < s->ncarried; ++q) {
        content[q] = e * (s->E[q][start] / s->F[start]);
        s->E[q][start] -= content[q];
    }
    s->F[start] -= e;
    *back += e;
    flow_trace(s, start, port, e, content);
    return 0.0;
}

/* Hand on everything that does not fit; serial, in the order of the voxels. Returns the volume that found no place; back is what
   reservoirs took. */
double flow_settle(Flow *s, int64_t *queue, int32_t *mark, double *moved, double *back, int64_t *count) {
    double left = 0.0;
    for (ptrdiff_t p = 2; p < s->nx - 2; ++p) {
        if (!(s->plane[4 * p + 2] > 0.0)) continue;
        FLOW_ROWS(s, p, p + 1) {
            if (s->kind[n] != FLOW_CAVITY) continue;
            if (s->F[n] > s->V[n] + flow_slack(s, n) || s->F[n] < -FLOW_ROUNDING) {
                left += flow_hand_on(s, n, ++*mark, queue, moved, back);
                ++*count;
            }
        }
    }
    return left;
}

/* Liquid held, one partial sum a plane. */
void flow_held(void *flow, ptrdiff_t i0, ptrdiff_t i1) {
    const Flow *s = (const Flow *)flow;
    for (ptrdiff_t p = i0; p < i1; ++p) {
        double sum = 0.0;
        FLOW_ROWS(s, p, p + 1) if (s->kind[n] == FLOW_CAVITY) sum += s->F[n];
        s->plane[4 * p + 3] = sum;
    }
}

#endif
