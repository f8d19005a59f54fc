/* The pressure system of the liquid voxels: free surface by the ghost-fluid distance, right-hand side, projection. */
#ifndef CASTSOLVE_FLOW_PRESSURE_H
#define CASTSOLVE_FLOW_PRESSURE_H

#include "_flow_sides.h"
#include "_flow_surface.h"

/* How firmly air in a wall or in a void holds the pressure at it, in conductances of a face: what pull is left is a hundredth of the speed
   it gives. */
#define FLOW_JOINED 100.0

/* Whether a reservoir pushes metal into a voxel against what the pressure there was: else its port would stay shut for good once a
   splash has emptied the voxels before it. */
static int flow_entered(const Flow *s, ptrdiff_t n) {
    for (int side = 0; side < 6; ++side) {
        const int d = side >> 1;
        const ptrdiff_t nb = side & 1 ? n + s->step[d] : n - s->step[d], face = side & 1 ? nb : n;
        if (s->kind[nb] == FLOW_RESERVOIR && s->a[d][face] > 0.0 && s->pk[nb] * s->kick / s->h > s->P[n]) return 1;
    }
    return 0;
}

/* The liquid voxels of the pressure system. */
void flow_wet(void *flow, ptrdiff_t i0, ptrdiff_t i1) {
    const Flow *s = (const Flow *)flow;
    FLOW_ROWS(s, i0, i1) s->wet[n] = s->kind[n] == FLOW_CAVITY && (s->alpha[n] >= 0.5 || flow_entered(s, n));
}

/* Conductances of the faces; negative where flow_mend is still to find the surface. */
void flow_coefs(void *flow, ptrdiff_t i0, ptrdiff_t i1) {
    const Flow *s = (const Flow *)flow;
    for (int d = 0; d < 3; ++d) {
        const ptrdiff_t st = s->step[d];
        FLOW_ROWS(s, i0, i1) {
            double c = 0.0;
            const ptrdiff_t A = n - st;
            if (s->face[d][n] == FACE_OPEN && (s->wet[n] || s->wet[A])) {
                const double open = s->a[d][n] * s->mob[d][n];
                if (s->wet[n] && s->wet[A]) c = open;
                else {
                    const ptrdiff_t wet = s->wet[n] ? n : A, dry = s->wet[n] ? A : n;
                    const int kind = s->kind[dry];
                    if (kind == FLOW_CAVITY) {
                        int cut = 0;
                        c = open / flow_theta(s, wet, dry, d, &cut);
                        if (cut) c = -c;
                    } else if (kind == FLOW_RESERVOIR || kind == FLOW_OUTLET) c = 2.0 * open; /* the pressure is that of the face */
                }
            }
            s->coef[d][n] = c;
        }
    }
}

/* Loss of a face over u |u| / 2: what Bernoulli's law asks for beyond what the momentum of the voxels gives. x and y are the open share
   over the cavity before and behind it. A stream that is drawn together gains 1 - x^2, one that widens loses (1 - y)^2 (Borda and
   Carnot) and gets the rest back; momentum over the mean of both cavities gives 4 x y (1 - x) / (x + y) of the first and all of the
   second. Missing is (1 - x) (1 + x - 4 x y / (x + y)); between equal voxels that is (1 - x)^2. At the mouth of a passage that goes on
   (y = 1) comes the loss of a sharp edge, (1 - x) / 2 (Weisbach; Idelchik, Handbook of Hydraulic Resistance, 3rd ed. 1994, section 4).
   A plane wall cuts the voxels so that a face lies between its two voxels' shares: nothing is lost there. */
INLINE double flow_lost(const Flow *s, ptrdiff_t n, ptrdiff_t A, double open, double u) {
    /* a port's channel is as wide as its opening */
    const double low = s->kind[A] == FLOW_CAVITY ? s->V[A] : open, high = s->kind[n] == FLOW_CAVITY ? s->V[n] : open;
    const double before = u > 0.0 ? low : high, behind = u > 0.0 ? high : low;
    const double between = 4.0 * (open / behind - 1.0); /* from a quarter more than the cavity behind on it is a plane wall */
    if (!(open < before) || between >= 1.0) return 0.0;
    const double x = open / before, y = open < behind ? open / behind : 1.0;
    const double lost = (1.0 - x) * (1.0 + x - 4.0 * x * y / (x + y) + 0.5 * y);
    return between > 0.0 ? (1.0 - between) * lost : lost;
}

/* Faces that are not wholly open. With l the way over which the pressure acts (the distance to the surface), L the length of liquid
   that has to be moved (in voxels), K the loss and a the open share, Bernoulli's law along that way is

       L h du/dt + K u |u| / 2 = (difference of P) / density + l h g

   A pressure that acts over next to nothing does not move next to no liquid where the wall stands before the rest of the face: L is
   (1 - a) / 2 at least, half the shut part of the voxel. Gravity is taken over l as the pressure is, so that rest stays rest. The
   speed in the loss is that before the pressure acts; deep in the liquid, where a step may be long, that of the start of the step. */
void flow_narrow(void *flow, ptrdiff_t i0, ptrdiff_t i1) {
    const Flow *s = (const Flow *)flow;
    for (int d = 0; d < 3; ++d) {
        const double *a = s->a[d];
        double *u = s->u[d];
        FLOW_ROWS(s, i0, i1) {
            if (!(s->coef[d][n] > 0.0) || !(a[n] < 1.0)) continue;
            const int deep = flow_deep_face(s, n, d);
            const double lost = flow_lost(s, n, n - s->step[d], a[n], deep ? s->un[d][n] : u[n]), open = a[n] * s->mob[d][n];
            const double way = open / s->coef[d][n], shut = 0.5 * (1.0 - a[n]), length = way > shut ? way : shut;
            u[n] -= (1.0 - way / length) * s->kick * flow_acceleration(s, n, d, i, j, k);
            const double kept = 1.0 / (1.0 + 0.5 * lost * fabs(deep ? s->un[d][n] : u[n]) * s->kick / (length * s->h));
            u[n] *= kept;
            s->coef[d][n] = open * kept / length;
        }
    }
}

/* What joins a voxel to the air in the walls around it. Metal that would have to pull on a wall which lets air through draws air in: the
   pressure there is the atmosphere's, and what the voxel takes in is a void. Which walls these are is judged by the last pressure; where
   it would push there again, it did so in this step against no more than the air, and the next one finds the wall closed. `lift` is what
   gravity adds between a voxel's middle and those walls. */
INLINE double flow_aspired(const Flow *s, ptrdiff_t n, double free, double *lift) {
    double joined = 0.0;
    *lift = 0.0;
    if (!s->aspirates) return 0.0;
    for (int side = 0; side < 6; ++side) {
        const int d = side >> 1;
        const uint8_t face = s->face[d][side & 1 ? n + s->step[d] : n];
        const double fall = (side & 1 ? 0.5 : -0.5) * s->kick * s->gravity[d];
        if ((face != FACE_ALIGNED && face != FACE_SLANTED) || !(s->P[n] * s->beta + fall < 0.0)) continue;
        joined += FLOW_JOINED * free * s->V[n];
        *lift += FLOW_JOINED * free * s->V[n] * fall;
    }
    return joined;
}

/* What joins a voxel of mush or of a filter to a void in it, which is at the pressure of the air: metal seeps in as fast as Darcy's law
   says, but fills it no faster than a void closes in free metal, judged by the last pressure. */
INLINE double flow_soaked(const Flow *s, ptrdiff_t n, double free, double gain) {
    const double P = s->P[n] * s->beta;
    if (!(P > 0.0)) return 0.0;
    return FLOW_JOINED * free * P < gain ? FLOW_JOINED * free : gain / P;
}

/* Whether a voxel of the system is joined to air, in a wall or in a void: its diagonal is more than its faces give. */
INLINE int flow_joined(const Flow *s, ptrdiff_t n) {
    double faces = 0.0;
    if (!s->aspirates && !s->drag) return 0;
    for (int d = 0; d < 3; ++d) faces += s->coef[d][n] + s->coef[d][n + s->step[d]];
    return s->diag[n] > faces * (1.0 + 1e-6);
}

/* Diagonal and right-hand side; the first guess stays what P holds where a voxel was liquid before. */
void flow_system(void *flow, ptrdiff_t i0, ptrdiff_t i1) {
    const Flow *s = (const Flow *)flow;
    const double scale = s->kick / s->h, rate = s->h / s->dt;
    FLOW_ROWS(s, i0, i1) {
        double diag = 0.0, rhs = 0.0;
        if (s->wet[n]) {
            double free = 0.0; /* mobility of the freest face: what is blocked neither gains nor gives */
            int inner = 1;
            for (int d = 0; d < 3; ++d) {
                const ptrdiff_t st = s->step[d];
                for (int side = 0; side < 2; ++side) {
                    const ptrdiff_t face = side ? n + st : n, nb = side ? n + st : n - st;
                    diag += s->coef[d][face];
                    if (s->a[d][face] > 0.0 && s->mob[d][face] > free) free = s->mob[d][face];
                    rhs += (side ? -1.0 : 1.0) * s->a[d][face] * s->u[d][face];
                    if (!s->wet[nb]) {
                        rhs += s->coef[d][face] * (s->pk[nb] + (s->curve ? s->jump[d][face] : 0.0)) * scale;
                        if (s->a[d][face] > 0.0 && s->kind[nb] != FLOW_RESERVOIR && s->kind[nb] != FLOW_FEED) inner = 0;
                    }
                }
            }
            double lift;
            const double joined = diag > 0.0 ? flow_aspired(s, n, free, &lift) : 0.0, lack = s->V[n] - s->F[n];
            if (joined > 0.0) diag += joined, rhs -= lift;
            if (lack < 0.0) rhs -= free * s->kappa * lack * rate;
            else if (inner && joined == 0.0) {
                const double gain = (s->closing * lack < s->most_closing ? s->closing * lack : s->most_closing) * rate;
                if (free < 1.0 && !s->pocket) diag += flow_soaked(s, n, free, gain);
                else rhs -= free * gain;
            }
        }
        s->diag[n] = diag;
        s->rhs[n] = diag > 0.0 ? rhs : 0.0;
        s->P[n] = diag > 0.0 ? s->P[n] * s->beta : 0.0; /* beta: for how long the pressure acts over how long it did before */
    }
}

/* Velocities of all faces that touch liquid, from the pressure. */
void flow_project(void *flow, ptrdiff_t i0, ptrdiff_t i1) {
    const Flow *s = (const Flow *)flow;
    const double scale = s->kick / s->h;
    for (int d = 0; d < 3; ++d) {
        const ptrdiff_t st = s->step[d];
        FLOW_ROWS(s, i0, i1) {
            const double c = s->coef[d][n];
            if (!(c > 0.0)) continue;
            /* in a pocket of air P is the pocket's, elsewhere outside the liquid it is 0 */
            const double jump = s->curve ? s->jump[d][n] : 0.0;
            const double high = s->wet[n] ? s->P[n] : s->P[n] + (s->pk[n] + jump) * scale;
            const double low = s->wet[n - st] ? s->P[n - st] : s->P[n - st] + (s->pk[n - st] + jump) * scale;
            s->u[d][n] -= c / s->a[d][n] * (high - low);
        }
    }
}

/* Cut speeds beyond the fastest that can be; plane[0] counts them. The pressure of a voxel is led over the distance to its surface, a
   millionth of a voxel at least, and an opening that is narrower still holds no pressure down: metal could shoot through it ever faster.
   What then passes is the opening's share of a face. */
void flow_cut(void *flow, ptrdiff_t i0, ptrdiff_t i1) {
    const Flow *s = (const Flow *)flow;
    for (ptrdiff_t p = i0; p < i1; ++p) {
        double count = 0.0;
        for (int d = 0; d < 3; ++d)
            FLOW_ROWS(s, p, p + 1) {
                const double v = s->u[d][n];
                if (!(fabs(v) > s->fastest) || !(s->coef[d][n] > 0.0)) continue;
                s->u[d][n] = v > 0.0 ? s->fastest : -s->fastest;
                count += 1.0;
            }
        s->plane[4 * p] = count;
    }
}

/* Whether an open face leads to a voxel of the system before this one that has a stamp. */
INLINE int flow_meets(const Flow *s, ptrdiff_t n, int32_t stamp) {
    for (int d = 2; d >= 0; --d) {
        const ptrdiff_t low = n - s->step[d];
        if (s->coef[d][n] > 0.0 && s->wet[low] && s->stamp[low] == stamp) return 1;
    }
    return 0;
}

/* Bodies of liquid that no free surface and no reservoir touches: their pressure is known but for a constant, and what they are
   asked to gain is taken out evenly; their voxels keep the mark as their stamp. Serial. Returns their number; worst is the largest
   such mean (m/s). */
int64_t flow_enclosed(Flow *s, int64_t *queue, int32_t *mark, double *worst) {
    int64_t found = 0;
    *worst = 0.0;
    const int32_t seen = ++*mark;
    FLOW_ROWS(s, 2, s->nx - 2) {
        if (!(s->diag[n] > 0.0) || s->stamp[n] == seen || s->stamp[n] == -seen) continue;
        if (flow_meets(s, n, -seen)) { /* as most voxels do */
            s->stamp[n] = -seen;
            continue;
        }
        ptrdiff_t head = 0, tail = 0;
        int touched = 0;
        double sum = 0.0;
        queue[tail++] = n;
        s->stamp[n] = seen;
        while (head < tail && !touched) { /* a body that is touched need not be seen whole: the rest of it meets what was */
            const ptrdiff_t c = queue[head++];
            sum += s->rhs[c];
            touched = flow_joined(s, c);
            for (int side = 0; side < 6; ++side) {
                const int d = side >> 1;
                const ptrdiff_t nb = side & 1 ? c + s->step[d] : c - s->step[d], face = side & 1 ? nb : c;
                if (!(s->coef[d][face] > 0.0)) continue;
                if (!s->wet[nb] || s->stamp[nb] == -seen) touched = 1;
                else if (s->stamp[nb] != seen) {
                    s->stamp[nb] = seen;
                    queue[tail++] = nb;
                }
            }
        }
        if (touched) {
            for (ptrdiff_t t = 0; t < tail; ++t) s->stamp[queue[t]] = -seen; /* seen, and not enclosed */
            continue;
        }
        ++found;
        const double mean = sum / (double)tail;
        if (fabs(mean) > *worst) *worst = fabs(mean);
        for (ptrdiff_t t = 0; t < tail; ++t) s->rhs[queue[t]] -= mean;
    }
    return found;
}

#endif
