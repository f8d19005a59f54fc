/* The state of a filling: liquid volumes, staggered velocities, and what the cavity's walls leave open.

   Arrays are padded by FLOW_HALO voxels on every side; component d of a velocity, an aperture or a flux at index n belongs to the
   face between n - step[d] and n. Volumes are in units of the voxel's own (h^3), velocities in m/s, pressures over density. */
#ifndef CASTSOLVE_FLOW_H
#define CASTSOLVE_FLOW_H

#include "_vectors.h"

#define FLOW_HALO 3
#define FLOW_CARRIED 4
/* What rounding leaves of liquid where all of it went (in voxels), more or less than nothing: it is held and counted, but it does not move
   and nothing is near it. Moved on, it would spread through all of the cavity. */
#define FLOW_DUST 1e-12
/* Depths: from the first on no surface comes near within a step; from the second on nor near a neighbour, and no Courant number limits the
   step; the third marks those of the latter that lose more in the step than they hold. */
enum { DEPTH_LEAST = 2, DEPTH_MOST = 2, DEPTH_QUICK = 3 }; /* DEPTH_MOST is even: flow_deepen goes from one array to the other */

/* What a voxel is to the flow. RESERVOIR holds metal at a given pressure, FEED metal that enters at a given speed,
   OUTLET swallows whatever comes. */
enum { FLOW_SOLID = 0, FLOW_CAVITY = 1, FLOW_RESERVOIR = 2, FLOW_FEED = 3, FLOW_OUTLET = 4 };
/* What a face is: nothing, open, closed along the grid, closed on a slanted wall, beyond a side along which liquid slips. */
enum { FACE_NONE = 0, FACE_OPEN = 1, FACE_ALIGNED = 2, FACE_SLANTED = 3, FACE_MIRROR = 4 };

/* Voxels of a row of a plane, from first to before end. */
typedef struct {
    int32_t j, first, end;
} FlowStretch;

typedef struct {
    ptrdiff_t nx, ny, nz;
    ptrdiff_t step[3];
    double h;
    const uint8_t *kind;
    const double *V;         /* share of the voxel that is cavity */
    const double *a[3];      /* share of the face that is open */
    const uint8_t *face[3];
    uint8_t *plain[3];       /* whether no wall ends around a face that a stream could turn round */
    /* Stretches of rows: all that matter, and those of them that liquid is near; of plane i from run_of[i] to before run_to[i]. Beyond the
       latter every field is at rest, and no part of a step would change that. */
    const FlowStretch *all, *run;
    const int64_t *all_of, *run_of, *run_to;
    const uint8_t *near;     /* whether liquid is near a voxel */
    const int64_t *ghost;    /* walls next to open voxels, plane by plane from ghost_first[i] on, and the voxels whose mean they take */
    const int64_t *ghost_first;
    const int64_t *ghost_row;
    const int64_t *ghost_of;
    double *F, *Fn, *F1;     /* liquid now, at the start of the step, between sweeps */
    double *alpha;
    double *u[3], *un[3];    /* velocities now, and at the start of the step */
    double *G[3];            /* volume through every face in this step */
    double *mob[3];          /* 1 / (1 + dt * drag) */
    double *coef[3];         /* aperture * mobility / theta where the face touches liquid, else 0 */
    double *pk;              /* given pressure over density (m2/s2) outside the liquid voxels */
    double *P;               /* pressure * kick / (density * h) of the liquid voxels (m/s) */
    double *diag, *rhs;
    double *q, *r, *z;       /* work arrays */
    uint8_t *wet;            /* voxel takes part in the pressure system */
    uint8_t *layer[3];       /* 0: face touches liquid; 1 to 3: extrapolated; 255: beyond */
    uint8_t *depth, *shallow; /* steps over faces to what is not full of liquid, DEPTH_MOST at most, or DEPTH_QUICK; work array */
    double *force[3];        /* what the last step gave a deep face besides transport (m/s); 0 elsewhere */
    double *drift[3];        /* what the last step gave a deep face in all (m/s); 0 elsewhere */
    double *plane;           /* [nx, 4] partial sums, one row a plane */
    int32_t *stamp, *parent;
    int32_t *pocket, *pocket_before; /* number of the pocket of air now and at the start of the step, 0 for none; NULL without air */
    double *curve, *jump[3]; /* curvature of the surface (1/voxel), and its pressure over density at faces (m2/s2); NULL: no tension */
    int ncarried;            /* what the liquid carries (per m3 of liquid, times F): enthalpy, time of entry */
    double *mean[FLOW_CARRIED]; /* the same per volume, between sweeps: work arrays */
    double *E[FLOW_CARRIED], *En[FLOW_CARRIED], *E1[FLOW_CARRIED], *GE[FLOW_CARRIED]; /* GE: [3] fields, one an axis */
    double least[FLOW_CARRIED], most[FLOW_CARRIED]; /* per m3: what there is at the start of a step */
    const double *molecular;      /* the melt's own viscosity (m2/s); nu: with that of the eddies */
    double *nu;
    const double *shed[3], *away[3]; /* wall area over volume (1/m) around a face, and its distance from the wall (m); NULL: no friction */
    const double *drag, *inertia; /* resistance of a voxel to the flow: 1/s, and 1/m times the speed; NULL: none */
    /* scalars of the current call; forces act for `kick` seconds, liquid moves for `dt` */
    double dt, kick, gravity[3], smagorinsky, theta_min, kappa, collapse, beta, fastest;
    double ratio, part;        /* for how long forces act over how long they did before; share of the step of a part of the transport */
    double slope;              /* 1: van Leer's slopes of the velocities, 0: none (upwind) */
    double closing, most_closing; /* share of a void that closes in a step, and the most of a voxel */
    double tension, cotangent; /* surface tension over density (m3/s2); of the wetting angle */
    double spin[3], rise[3][3]; /* of a mould that turns: angular velocity (1/s); acceleration a voxel along each axis, by component */
    int axis, pass, no_slip, turning, aspirates;
    ptrdiff_t nlevel;
} Flow;

/* Harmonic limiter of van Leer (1974). */
INLINE double flow_limited(double a, double b) { return a * b > 0.0 ? 2.0 * a * b / (a + b) : 0.0; }

INLINE double clip01(double v) { return v < 0.0 ? 0.0 : v > 1.0 ? 1.0 : v; }

#define FLOW_STRETCHES(s, i0, i1, which, from, to)                                                                    \
    for (ptrdiff_t i = (i0); i < (i1); ++i)                                                                           \
        for (const FlowStretch *row = (s)->which + (from)[i], *rows = (s)->which + (to)[i]; row < rows; ++row)        \
            for (ptrdiff_t j = row->j, k = row->first, n = (i * (s)->ny + j) * (s)->nz + k; k < row->end; ++k, ++n)

/* The same in vectors of voxels from n on: the last one of a stretch reaches beyond its end, where FLOW_WITHIN does not hold. */
#define FLOW_VECTORS(s, i0, i1)                                                                                            \
    for (ptrdiff_t i = (i0); i < (i1); ++i)                                                                                \
        for (const FlowStretch *row = (s)->run + (s)->run_of[i], *rows = (s)->run + (s)->run_to[i]; row < rows; ++row)     \
            for (ptrdiff_t n = (i * (s)->ny + row->j) * (s)->nz + row->first, end = n + row->end - row->first; n < end; n += DOUBLES)
static const double FLOW_PLACES[4] = {0.0, 1.0, 2.0, 3.0};
#define FLOW_WITHIN (DOUBLES_AT(FLOW_PLACES, 0) < (double)(end - n))

/* Voxels n = (i, j, k) of some planes, in their order: those that liquid is near; all. */
#define FLOW_ROWS(s, i0, i1) FLOW_STRETCHES(s, i0, i1, run, (s)->run_of, (s)->run_to)
#define FLOW_ALL(s, i0, i1) FLOW_STRETCHES(s, i0, i1, all, (s)->all_of, (s)->all_of + 1)

#endif
