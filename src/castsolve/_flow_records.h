/* What is noted while a cavity fills: when the metal came to a voxel, how fast it was, how it pulled on the wall, how its surface
   lay open, how the air in it was pressed. */
#ifndef CASTSOLVE_FLOW_RECORDS_H
#define CASTSOLVE_FLOW_RECORDS_H

#include "_flow_momentum.h"
#include "_flow_plic.h"

typedef struct {
    Flow *flow;
    double begin, end;       /* of the step (s) */
    double density;
    const double *molecular; /* viscosity of every voxel (m2/s) */
    double *fill_time;       /* NaN until the voxel is half full */
    double *first_speed;     /* speed at the end of that step (m/s) */
    double *largest_speed;
    double *wall_shear;      /* largest shear stress on the voxel's walls (Pa); NaN where there is no wall */
    const double *pressure;  /* of every pocket (Pa, absolute); NaN where it reaches the outside */
    double *air_pressure;    /* largest pressure of enclosed air in the voxel (Pa); NaN where none was */
    double *speed;           /* of now, in the middle of every voxel with metal in it; 0 elsewhere */
} FlowRecords;

/* Component d of the velocity in the middle of a voxel: the mean of its faces that are open or lie on a slanted wall. */
INLINE double flow_middle(const Flow *s, ptrdiff_t n, int d) {
    const ptrdiff_t up = n + s->step[d];
    const int low = flow_usable(s->face[d][n], 0), high = flow_usable(s->face[d][up], 0);
    if (low && high) return 0.5 * (s->u[d][n] + s->u[d][up]);
    /* Next to a wall along the grid the component falls to zero over the voxel. */
    return low ? 0.5 * s->u[d][n] : high ? 0.5 * s->u[d][up] : 0.0;
}

/* Whether the wall across side d of a voxel is a plane of symmetry: liquid slips along it. */
INLINE int flow_mirror(const Flow *s, ptrdiff_t n, int d, int side) {
    const int e = d ? 0 : 1;
    return s->face[e][side ? n + s->step[d] : n - s->step[d]] == FACE_MIRROR;
}

/* Shear stress over density on the walls of a voxel, where metal slides along one fastest: along the grid by the velocity beside the wall, at
   half a voxel; -1 without walls. */
INLINE double flow_shear(const Flow *s, ptrdiff_t n, const double *v, double nu) {
    double fastest = -1.0; /* squared */
    int slanted = 0;
    for (int d = 0; d < 3; ++d)
        for (int side = 0; side < 2; ++side) {
            const uint8_t face = s->face[d][side ? n + s->step[d] : n];
            slanted |= face == FACE_SLANTED;
            if (face != FACE_ALIGNED || flow_mirror(s, n, d, side)) continue;
            double sum = 0.0;
            for (int e = 0; e < 3; ++e)
                if (e != d) sum += v[e] * v[e];
            if (sum > fastest) fastest = sum;
        }
    /* the liquid beside a slanted wall slides along it */
    if (slanted || s->V[n] < 1.0 - 1e-9) fastest = v[0] * v[0] + v[1] * v[1] + v[2] * v[2];
    if (fastest < 0.0) return -1.0;
    const double speed = sqrt(fastest);
    return flow_wall(speed, 0.5 * s->h, nu) * speed;
}

/* Velocity in the middle of a voxel; returns its size. */
INLINE double flow_velocity(const Flow *s, ptrdiff_t n, double *v) {
    for (int d = 0; d < 3; ++d) v[d] = flow_middle(s, n, d);
    return sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
}

/* Note what this step brought, after it was taken. */
void flow_note(void *records, ptrdiff_t i0, ptrdiff_t i1) {
    const FlowRecords *r = (const FlowRecords *)records;
    const Flow *s = r->flow;
    FLOW_ROWS(s, i0, i1) {
        if (s->kind[n] != FLOW_CAVITY) continue;
        const double half = 0.5 * s->V[n];
        if (!(s->F[n] >= half)) continue;
        double v[3];
        const double speed = flow_velocity(s, n, v);
        if (!(r->fill_time[n] == r->fill_time[n])) {
            const double came = s->F[n] - s->Fn[n], part = came > 0.0 ? (half - s->Fn[n]) / came : 1.0;
            r->fill_time[n] = r->begin + (r->end - r->begin) * clip01(part);
            r->first_speed[n] = speed;
            r->largest_speed[n] = speed;
        } else if (speed > r->largest_speed[n]) r->largest_speed[n] = speed;
        if (s->no_slip) {
            const double tau = r->density * flow_shear(s, n, v, r->molecular[n]);
            if (tau >= 0.0 && !(tau <= r->wall_shear[n])) r->wall_shear[n] = tau;
        }
    }
}

/* Note how hard the enclosed air is pressed. */
void flow_note_air(void *records, ptrdiff_t i0, ptrdiff_t i1) {
    const FlowRecords *r = (const FlowRecords *)records;
    const Flow *s = r->flow;
    FLOW_ROWS(s, i0, i1) {
        if (!s->pocket[n] || s->wet[n]) continue;
        const double pressure = r->pressure[s->pocket[n] - 1];
        if (pressure == pressure && !(pressure <= r->air_pressure[n])) r->air_pressure[n] = pressure;
    }
}

/* Speed of the metal in the middle of the voxels that hold some. */
void flow_speeds(void *records, ptrdiff_t i0, ptrdiff_t i1) {
    const FlowRecords *r = (const FlowRecords *)records;
    const Flow *s = r->flow;
    FLOW_ROWS(s, i0, i1) {
        double v[3];
        r->speed[n] = s->kind[n] == FLOW_CAVITY && s->F[n] > FLOW_FILM ? flow_velocity(s, n, v) : 0.0;
    }
}

/* Cosine between the surface around a face across d and that axis: from the normals of both voxels; 1 where neither tells. */
static double flow_facing(const Flow *s, ptrdiff_t n, ptrdiff_t nb, int d) {
    double one[3] = {0.0, 0.0, 0.0}, other[3] = {0.0, 0.0, 0.0}, sum = 0.0;
    plic_normal(s->alpha + n, s->step, one);
    plic_normal(s->alpha + nb, s->step, other);
    for (int e = 0; e < 3; ++e) sum += (one[e] + other[e]) * (one[e] + other[e]);
    return sum > 0.0 ? fabs(one[d] + other[d]) / sqrt(sum) : 1.0;
}

/* Add the time for which the surface of every voxel lay open to its content c (s->pass), over the step: s m2 for each m3. The
   surface is projected onto the faces, where the filled share falls from one voxel to the next, and belongs to the fuller one; small
   differences inside the metal add little. The shares are those of flow_alpha at the end of the step. */
void flow_expose(void *flow, ptrdiff_t i0, ptrdiff_t i1) {
    const Flow *s = (const Flow *)flow;
    double *E = s->E[s->pass];
    FLOW_ROWS(s, i0, i1) {
        if (s->kind[n] != FLOW_CAVITY || !(s->F[n] > FLOW_FILM) || s->depth[n] >= DEPTH_LEAST) continue;
        double area = 0.0; /* h^2 */
        for (int side = 0; side < 6; ++side) {
            const int d = side >> 1;
            const ptrdiff_t nb = side & 1 ? n + s->step[d] : n - s->step[d], face = side & 1 ? nb : n;
            if (!(s->a[d][face] > 0.0) || !(s->alpha[n] > s->alpha[nb])) continue;
            area += s->a[d][face] * (s->alpha[n] - s->alpha[nb]) * flow_facing(s, n, nb, d);
        }
        E[n] += area * s->dt / s->h;
    }
}

#endif
