/* Momentum carried by the very volumes of the advection, viscosity, and what velocities are where no liquid is. */
#ifndef CASTSOLVE_FLOW_MOMENTUM_H
#define CASTSOLVE_FLOW_MOMENTUM_H

#include "_flow.h"

/* A face that keeps less of its velocity over a step is closed. */
#define FLOW_BLOCKED 1e-6
/* A face with less liquid around it keeps its velocity. */
#define FLOW_WISP 1e-3
/* A face with more counts for the step. */
#define FLOW_COUNTS 0.02
/* From this layer beyond the liquid on, metal has its own velocity. */
#define FLOW_FLYING 3
/* Eddies stir no more than up to this times h^2 in a step, with the melt's own viscosity. Where metal goes through a voxel more than once in
   a step, little of its velocity is left there, and what friction took from it is held and taken out again once more: eddies that lose
   more than half of their speed turn round ever faster. */
#define FLOW_STIRRED 0.15
#define FLOW_STIRRED_QUICK 0.04
/* Sublayer and logarithmic layer meet here: u+ = y+ = 11.53 for kappa = 0.41, E = 9.8 (Launder and Spalding 1974). */
#define WALL_MEET 11.53
#define WALL_KAPPA 0.41
#define WALL_E 9.8

/* Velocity carried through a side of a face's volume, in the middle of the step: upwind with a limited slope, of which what has passed
   is lost where a pattern moves on with the liquid. In a stream that stands still it is not, for what comes from elsewhere keeps the
   donor's velocity: `drift` is what that gains in the step, from none of it to all that transport alone would take; NULL: the latter. */
INLINE double flow_carried(double own, double far, double down, double flux, double mass, double slope, const double *drift) {
    const double before = own - far;
    double part = mass > 1e-12 ? fabs(flux) / mass : 1.0, rise = flow_limited(before, down - own);
    if (rise == 0.0) return own;
    if (part > 1.0) part = 1.0;
    if (drift == NULL) return own + 0.5 * slope * (1.0 - part) * rise;
    double lost = -*drift / rise;
    lost = lost < 0.0 ? 0.0 : lost < part ? lost : part;
    /* what stays behind must not overshoot what comes after it */
    const double most = (1.0 - part) * fabs(before), gain = 0.5 * (1.0 - lost) * part * fabs(rise);
    return own + slope * (gain > most ? most / gain : 1.0) * 0.5 * (1.0 - lost) * rise;
}

/* Whether no surface comes near either voxel of a face. */
INLINE int flow_deep(const Flow *s, ptrdiff_t n, int d) {
    return s->depth[n] >= DEPTH_LEAST && s->depth[n - s->step[d]] >= DEPTH_LEAST;
}

INLINE int flow_usable(int face, int along) { return face == FACE_OPEN || face == FACE_SLANTED || (along && face == FACE_ALIGNED); }

INLINE double flow_mass(const Flow *s, ptrdiff_t n, int d) { return 0.5 * (s->Fn[n] + s->Fn[n - s->step[d]]); }

/* Momentum that leaves through the side (0 low, 1 high) along e of the volume of face n of component d. */
INLINE double flow_side(const Flow *s, ptrdiff_t n, int d, int e, int side, double *volume) {
    const ptrdiff_t sd = s->step[d], se = s->step[e];
    const double *u = s->un[d], *G = s->G[e];
    const ptrdiff_t A = n - sd, C = n, next = side ? n + se : n - se;
    double g;
    if (e == d) {
        const ptrdiff_t centre = side ? C : A;
        if (s->kind[centre] != FLOW_CAVITY) { /* a reservoir's own velocity is that of its face */
            *volume = G[n];
            return G[n] * u[n];
        }
        g = 0.5 * (G[n] + G[next]);
    } else {
        g = side ? 0.5 * (G[A + se] + G[C + se]) : 0.5 * (G[A] + G[C]);
    }
    *volume = g;
    if (g == 0.0) return 0.0;
    const int out = (g > 0.0) == (side == 1); /* this face is the donor */
    const ptrdiff_t donor = out ? n : next, down = out ? next : n, far = 2 * donor - down;
    const int along = e == d;
    if (!flow_usable(s->face[d][donor], along)) return g * (along ? u[donor] : 0.0);
    if (!flow_usable(s->face[d][down], along)) return g * u[donor];
    double beyond = u[far], mass = flow_mass(s, donor, d);
    if (!flow_usable(s->face[d][far], along)) {
        if (s->face[d][donor] == FACE_ALIGNED) { /* mirrored in the wall, as at a plane of symmetry */
            beyond = 2.0 * u[donor] - u[down];
            mass *= 2.0;
        } else if (!along && s->no_slip && s->face[d][far] == FACE_NONE) beyond = 2.0 * u[far] - u[donor]; /* a wall that holds, half a voxel away */
        else return g * u[donor];
    }
    const double drift = s->part * s->ratio * s->drift[d][donor];
    return g * flow_carried(u[donor], beyond, u[down], g * s->part, mass, s->slope, flow_deep(s, donor, d) ? &drift : NULL);
}

/* Share of the section of voxel `at`, before or behind face n, that ends at a wall in that face. A plane wall cuts voxels so that the
   face's opening lies between their shares, and what it closes holds at most half of the section that leads there: nothing ends. */
INLINE double flow_shut(const Flow *s, ptrdiff_t n, int d, ptrdiff_t at) {
    const ptrdiff_t other = 2 * n - s->step[d] - at;
    const double open = s->a[d][n], V = s->V[at];
    if (s->kind[at] != FLOW_CAVITY || s->kind[other] > FLOW_CAVITY) return 0.0;
    if (s->face[d][n] == FACE_ALIGNED) return 1.0;
    if (s->face[d][n] == FACE_SLANTED) {
        const double leads = s->a[d][at == n ? n + s->step[d] : at], ends = leads > 0.0 ? 4.0 * V / leads - 3.0 : 0.0;
        return ends < 0.0 ? 0.0 : ends < 1.0 ? ends : 1.0;
    }
    if (!(open > 0.0 && open < V)) return 0.0;
    const double beyond = s->V[other];
    double plane = 0.0; /* of a wall of little slope, and of one that cuts corners off */
    if (open > beyond) {
        const double lies = 4.0 * (open - beyond) / (V - beyond), stands = 4.0 * (open / beyond - 1.0);
        plane = lies > stands ? lies : stands;
    }
    return plane >= 1.0 ? 0.0 : (1.0 - plane) * (1.0 - open / V);
}

/* Momentum that leaves through a side of the volume of face n, besides that of flow_side, where what comes in goes round the edge of a
   wall: it comes along the wall, where it has no speed across it, and leaves with that of the opening, and carries the mean of both; what
   lies behind a wall has no speed. Momentum asks for that: where half a channel is shut, a stream that is drawn together as von Mises
   found and widens again as Borda and Carnot say gains 0.44 of its speed across the line of the edge, one that loses nothing 0.75. The
   opening gains it; what the wall stops before it is not the loss of a face beside. Edges draw liquid together that a pressure pushes,
   not drops, nor more of it in a part of the step than there is to carry it on. */
INLINE double flow_edge(const Flow *s, ptrdiff_t n, int d, int e, int side) {
    const ptrdiff_t low = n - s->step[d], donor = side ? n + s->step[e] : n - s->step[e], at = side ? s->step[e] : 0;
    const double before = 0.5 * s->G[e][low + at], behind = 0.5 * s->G[e][n + at], g = before + behind;
    if (g == 0.0 || (g > 0.0) == (side == 1) || !s->wet[n] || !s->wet[low] || fabs(g) * s->part > flow_mass(s, n, d)) return 0.0;
    const double first = before * flow_shut(s, donor, d, donor - s->step[d]), second = behind * flow_shut(s, donor, d, donor);
    if (first == 0.0 && second == 0.0) return 0.0;
    double volume;
    const double carried = flow_side(s, n, d, e, side, &volume) / g, u = s->un[d][n];
    return 0.5 * u * (u > 0.0 ? first : second) - (first + second) * carried;
}

/* That of all sides. */
INLINE double flow_edges(const Flow *s, ptrdiff_t n, int d) {
    double out = 0.0;
    for (int e = 0; e < 3; ++e)
        if (e != d) out += flow_edge(s, n, d, e, 1) - flow_edge(s, n, d, e, 0);
    return out;
}

/* Acceleration at face n of component d in a mould that turns: gravity, what is linear in the place (centrifugal, Euler), Coriolis. */
INLINE double flow_turned(const Flow *s, ptrdiff_t n, int d, ptrdiff_t i, ptrdiff_t j, ptrdiff_t k) {
    const int e = (d + 1) % 3, f = (d + 2) % 3;
    const ptrdiff_t low = n - s->step[d];
    double across[2]; /* the other two components there */
    for (int c = 0; c < 2; ++c) {
        const double *u = s->un[c ? f : e];
        const ptrdiff_t up = s->step[c ? f : e];
        across[c] = 0.25 * (u[n] + u[n + up] + u[low] + u[low + up]);
    }
    const double *rise = s->rise[d];
    return s->gravity[d] + rise[0] * (double)i + rise[1] * (double)j + rise[2] * (double)k -
           2.0 * (s->spin[e] * across[1] - s->spin[f] * across[0]);
}

/* Acceleration at face n of component d. */
INLINE double flow_acceleration(const Flow *s, ptrdiff_t n, int d, ptrdiff_t i, ptrdiff_t j, ptrdiff_t k) {
    return s->turning ? flow_turned(s, n, d, i, j, k) : s->gravity[d];
}

/* Whether no surface comes near either voxel of an open face that metal flows through. */
INLINE int flow_deep_face(const Flow *s, ptrdiff_t n, int d) {
    return flow_deep(s, n, d) && s->face[d][n] == FACE_OPEN && s->kind[n] == FLOW_CAVITY && s->kind[n - s->step[d]] == FLOW_CAVITY;
}

INLINE int flow_quick_face(const Flow *s, ptrdiff_t n, int d) {
    return s->depth[n] == DEPTH_QUICK || s->depth[n - s->step[d]] == DEPTH_QUICK;
}

/* Velocities of that component after transport and gravity, from un and G into u; those of quick voxels were carried before. */
void flow_momentum(void *flow, ptrdiff_t i0, ptrdiff_t i1) {
    const Flow *s = (const Flow *)flow;
    const int d = s->pass;
    const ptrdiff_t sx = s->step[0], sy = s->step[1], sd = s->step[d];
    const double *un = s->un[d], *G = s->G[d], *const passed[3] = {s->q, s->r, s->z};
    double *u = s->u[d];
    FLOW_ROWS(s, i0, i1) {
        if (s->face[d][n] != FACE_OPEN || s->kind[n] == FLOW_FEED || s->kind[n - sd] == FLOW_FEED) continue;
        const double M = 0.5 * (s->F[n] + s->F[n - sd]);
        double v = un[n];
        if (flow_quick_face(s, n, d)) v = u[n];
        else if (M >= FLOW_WISP) {
            double in[3] = {passed[0][n], passed[1][n], passed[2][n]}, left[3] = {passed[0][n + sx], passed[1][n + sy], passed[2][n + 1]};
            /* a reservoir's own velocity is that of its face */
            if (s->kind[n - sd] != FLOW_CAVITY) in[d] = G[n] * un[n];
            if (s->kind[n] != FLOW_CAVITY) left[d] = G[n] * un[n];
            const double held = flow_mass(s, n, d), edges = s->plain[d][n] ? 0.0 : flow_edges(s, n, d);
            double out = edges, came = -edges, leaves = 0.0;
            for (int e = 0; e < 3; ++e) {
                const double *g = s->G[e];
                const ptrdiff_t se = s->step[e];
                const int low = e == d && s->kind[n - sd] != FLOW_CAVITY, high = e == d && s->kind[n] != FLOW_CAVITY;
                const double below = low ? G[n] : 0.5 * (g[n - sd] + g[n]), above = high ? G[n] : 0.5 * (g[n - sd + se] + g[n + se]);
                out += left[e] - in[e];
                if (below > 0.0) came += in[e];
                else leaves -= below;
                if (above < 0.0) came -= left[e];
                else leaves += above;
            }
            /* Where so much leaves, as from slivers, that taken out at the velocity of before it would turn that round, further every
               step, it leaves at the velocity that is found. */
            v = leaves > held + M ? (held * un[n] + came) / (M + leaves) : (held * un[n] - out) / M;
        }
        s->force[d][n] = flow_deep_face(s, n, d) ? -v : 0.0;
        u[n] = v + s->kick * flow_acceleration(s, n, d, i, j, k);
    }
}

/* Eddy viscosity of Smagorinsky (1963) on top of the melt's own, per voxel; no more than an explicit step bears. */
void flow_eddies(void *flow, ptrdiff_t i0, ptrdiff_t i1) {
    const Flow *s = (const Flow *)flow;
    const double *molecular = s->molecular;
    double *nu = s->nu;
    const double length = s->smagorinsky * s->h, unit = s->h * s->h / s->kick;
    FLOW_ROWS(s, i0, i1) {
        nu[n] = molecular[n];
        if (!(length > 0.0) || !s->wet[n]) continue;
        double sum = 0.0;
        for (int d = 0; d < 3; ++d) {
            const ptrdiff_t sd = s->step[d];
            const double own = (s->un[d][n + sd] - s->un[d][n]) / s->h;
            sum += 2.0 * own * own;
            for (int e = d + 1; e < 3; ++e) {
                const ptrdiff_t se = s->step[e];
                if (!s->wet[n + se] || !s->wet[n - se] || !s->wet[n + sd] || !s->wet[n - sd]) continue;
                const double *u = s->un[d], *v = s->un[e];
                const double shear = 0.25 * ((u[n + se] + u[n + se + sd] - u[n - se] - u[n - se + sd]) +
                                             (v[n + sd] + v[n + sd + se] - v[n - sd] - v[n - sd + se])) / s->h;
                sum += shear * shear;
            }
        }
        const double eddy = length * length * sqrt(sum);
        const double room = unit * (s->depth[n] == DEPTH_QUICK ? FLOW_STIRRED_QUICK : FLOW_STIRRED) - molecular[n];
        nu[n] += eddy < room ? eddy : room > 0.0 ? room : 0.0;
    }
}

/* Friction velocity squared over the speed, tau / (rho |u|), at distance y from a wall: laminar below the meeting point, else the
   logarithmic law, by Newton's steps from the laminar one, which lies below it: after the first they fall towards it, and what a step leaves
   is less than the square of its share. */
double flow_wall(double speed, double y, double nu) {
    const double laminar = nu / y;
    if (speed * y / nu <= WALL_MEET * WALL_MEET) return laminar;
    double star = sqrt(speed * nu / y), step = star;
    for (int t = 0; t < 8 && fabs(step) > 1e-6 * star; ++t) {
        const double next = (WALL_KAPPA * speed + star) / (1.0 + log(WALL_E * star * y / nu));
        step = next - star;
        star = next;
    }
    return star * star / speed;
}

/* Viscous forces on the faces of the liquid. At walls along the grid the wall's own speed is what the closed faces hold; slanted walls
   act through wall area over volume and distance of the face from the wall. */
void flow_viscous(void *flow, ptrdiff_t i0, ptrdiff_t i1) {
    const Flow *s = (const Flow *)flow;
    const double *molecular = s->molecular, *nu = s->nu;
    const double scale = s->kick / (s->h * s->h);
    for (int d = 0; d < 3; ++d) {
        const ptrdiff_t sd = s->step[d];
        const double *un = s->un[d];
        const uint8_t *face = s->face[d], *layer = s->layer[d];
        FLOW_ROWS(s, i0, i1) {
            if (face[n] != FACE_OPEN || layer[n] != 0 || s->kind[n] == FLOW_FEED || s->kind[n - sd] == FLOW_FEED) continue;
            const double own = 0.5 * (nu[n] + nu[n - sd]), at_wall = 0.5 * (molecular[n] + molecular[n - sd]);
            double sum = 0.0;
            for (int e = 0; e < 3; ++e)
                for (int side = 0; side < 2; ++side) {
                    const ptrdiff_t nb = side ? n + s->step[e] : n - s->step[e];
                    if (e == d) {
                        if (face[nb] == FACE_ALIGNED || (face[nb] == FACE_OPEN && layer[nb] == 0)) {
                            const ptrdiff_t centre = side ? n : n - sd;
                            sum += (s->kind[centre] == FLOW_CAVITY ? nu[centre] : own) * (un[nb] - un[n]);
                        }
                    } else if (face[nb] == FACE_OPEN) {
                        if (layer[nb] == 0) sum += 0.5 * (own + 0.5 * (nu[nb] + nu[nb - sd])) * (un[nb] - un[n]);
                    } else if (s->no_slip && face[nb] != FACE_SLANTED && face[nb] != FACE_MIRROR && !(s->shed[d] && s->shed[d][n] > 0.0)) {
                        const double slip = un[nb] - un[n];
                        const double y = 0.5 * s->h;
                        sum += flow_wall(fabs(slip), y, at_wall) * s->h * slip;
                    }
                }
            double drag = 0.0;
            if (s->no_slip && s->shed[d] && s->shed[d][n] > 0.0) drag = s->shed[d][n] * flow_wall(fabs(un[n]), s->away[d][n], at_wall);
            s->u[d][n] = (s->u[d][n] + scale * sum) / (1.0 + s->kick * drag);
        }
    }
}

/* Resistance of a voxel (1/s): linear, and with the speed at its centre at the start of the step. */
INLINE double flow_resistance(const Flow *s, ptrdiff_t n) {
    if (s->kind[n] != FLOW_CAVITY) return 0.0;
    if (!(s->inertia[n] > 0.0)) return s->drag[n];
    double square = 0.0;
    for (int d = 0; d < 3; ++d) {
        const double u = 0.5 * (s->un[d][n] + s->un[d][n + s->step[d]]);
        square += u * u;
    }
    return s->drag[n] + s->inertia[n] * sqrt(square);
}

/* Mobilities of the faces from the resistances, half the way in either voxel; a face that gives less than FLOW_BLOCKED of its
   velocity is closed: what is left would be no flow but a system that no solver likes. */
void flow_mobility(void *flow, ptrdiff_t i0, ptrdiff_t i1) {
    const Flow *s = (const Flow *)flow;
    for (int d = 0; d < 3; ++d)
        FLOW_ROWS(s, i0, i1) {
            if (s->face[d][n] != FACE_OPEN) continue;
            const double mob = 1.0 / (1.0 + 0.5 * s->kick * (flow_resistance(s, n) + flow_resistance(s, n - s->step[d])));
            s->mob[d][n] = mob < FLOW_BLOCKED ? 0.0 : mob;
        }
}

/* Velocities damped by the mobilities, implicitly. */
void flow_drag(void *flow, ptrdiff_t i0, ptrdiff_t i1) {
    const Flow *s = (const Flow *)flow;
    for (int d = 0; d < 3; ++d)
        FLOW_ROWS(s, i0, i1) if (s->face[d][n] == FACE_OPEN) s->u[d][n] *= s->mob[d][n];
}

/* Which velocities are known: those of faces that touch liquid. */
void flow_layers(void *flow, ptrdiff_t i0, ptrdiff_t i1) {
    const Flow *s = (const Flow *)flow;
    for (int d = 0; d < 3; ++d) {
        const ptrdiff_t sd = s->step[d];
        FLOW_ROWS(s, i0, i1) {
            const int feed = s->kind[n] == FLOW_FEED || s->kind[n - sd] == FLOW_FEED;
            s->layer[d][n] = s->face[d][n] == FACE_OPEN && (s->wet[n] || s->wet[n - sd] || feed) ? 0 : 255;
        }
    }
}

/* One layer of extrapolated velocities; in the last one, and beyond, detached melt keeps its own. */
void flow_extrapolate(void *flow, ptrdiff_t i0, ptrdiff_t i1) {
    const Flow *s = (const Flow *)flow;
    const int pass = s->pass;
    const double most = 0.9 * s->h / s->dt;
    for (int d = 0; d < 3; ++d) {
        const ptrdiff_t sd = s->step[d];
        const uint8_t *face = s->face[d];
        uint8_t *layer = s->layer[d];
        double *u = s->u[d];
        FLOW_ROWS(s, i0, i1) {
            if (layer[n] < pass || !(face[n] == FACE_OPEN || face[n] == FACE_SLANTED)) continue;
            double sum = 0.0;
            int found = 0;
            for (int side = 0; side < 6; ++side) {
                const ptrdiff_t st = s->step[side >> 1], nb = side & 1 ? n + st : n - st;
                if (layer[nb] < pass) {
                    sum += u[nb];
                    ++found;
                }
            }
            if (found) {
                const int own = pass == 3 && face[n] == FACE_OPEN && 0.5 * (s->F[n] + s->F[n - sd]) > FLOW_WISP;
                if (own) u[n] = u[n] > most ? most : u[n] < -most ? -most : u[n];
                else u[n] = sum / found;
                layer[n] = (uint8_t)pass;
            } else if (pass == 3) {
                if (face[n] == FACE_OPEN && 0.5 * (s->F[n] + s->F[n - sd]) > FLOW_WISP) u[n] = u[n] > most ? most : u[n] < -most ? -most : u[n];
                else u[n] = 0.0;
            }
        }
    }
}

/* Fastest velocities that count for the step, per plane: near the surface; the kinetic energy of the liquid over density and h^3; the
   fastest between voxels that lie deep; and the fastest of metal that flies apart from the liquid. */
void flow_fastest(void *flow, ptrdiff_t i0, ptrdiff_t i1) {
    const Flow *s = (const Flow *)flow;
    for (ptrdiff_t p = i0; p < i1; ++p) {
        double most = 0.0, energy = 0.0, deep = 0.0, flying = 0.0;
        for (int d = 0; d < 3; ++d) {
            const ptrdiff_t sd = s->step[d];
            FLOW_ROWS(s, p, p + 1) {
                if (s->face[d][n] != FACE_OPEN) continue;
                const double M = 0.5 * (s->F[n] + s->F[n - s->step[d]]), v = fabs(s->u[d][n]);
                energy += 0.5 * M * v * v;
                if (s->layer[d][n] != 0 && !(M > FLOW_COUNTS)) continue;
                if (s->depth[n] >= DEPTH_MOST && s->depth[n - sd] >= DEPTH_MOST) {
                    if (!(v <= deep)) deep = v;
                } else if (s->layer[d][n] >= FLOW_FLYING) {
                    if (!(v <= flying)) flying = v;
                } else if (!(v <= most)) most = v;
            }
        }
        s->plane[4 * p] = most;
        s->plane[4 * p + 1] = energy;
        s->plane[4 * p + 2] = deep;
        s->plane[4 * p + 3] = flying;
    }
}

/* Start of a step: speeds of wisps are limited so that nothing crosses more than a voxel. */
static void flow_slow(const Flow *s, ptrdiff_t i0, ptrdiff_t i1) {
    const double most = 0.99 * s->h / s->dt;
    for (int d = 0; d < 3; ++d) {
        const ptrdiff_t st = s->step[d];
        double *u = s->u[d];
        FLOW_ROWS(s, i0, i1) {
            if (!(fabs(u[n]) > most)) continue;
            const int inner = s->depth[n] >= DEPTH_MOST && s->depth[n - st] >= DEPTH_MOST;
            /* a wall slides as fast as it does, deep metal flows so */
            if (s->face[d][n] != FACE_NONE && !inner) u[n] = u[n] > 0.0 ? most : -most;
        }
    }
}

/* Start of a step: liquid, contents and velocities are kept. What flow_carry writes to all faces need not be cleared. */
LANES void flow_begin(void *flow, ptrdiff_t i0, ptrdiff_t i1) {
    const Flow *s = (const Flow *)flow;
    const Doubles zero = {0.0};
    flow_slow(s, i0, i1);
    FLOW_VECTORS(s, i0, i1) {
        DOUBLES_SET(s->Fn, n) = DOUBLES_SET(s->F1, n) = DOUBLES_AT(s->F, n);
        for (int d = 0; d < 3; ++d) {
            DOUBLES_SET(s->un[d], n) = DOUBLES_AT(s->u[d], n);
            DOUBLES_SET(s->G[d], n) = zero;
        }
        for (int c = 0; c < s->ncarried; ++c) DOUBLES_SET(s->En[c], n) = DOUBLES_SET(s->E1[c], n) = DOUBLES_AT(s->E[c], n);
    }
}

#endif
