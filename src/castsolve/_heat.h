/* The data of one heat sweep. Real arrays are float or double, as the rows that are called say; see _kernels_heat.pxi. */
#ifndef CASTSOLVE_HEAT_H
#define CASTSOLVE_HEAT_H

#include "_lanes.h"

enum { SIDE_INSULATED = 0, SIDE_FIXED = 1, SIDE_CONVECTIVE = 2, SIDE_FLUX = 3 };
/* What is foreseen stands in whole pieces of so many voxels; see _rows_foresee.h. */
enum { AHEAD_PIECE = 8 };
enum { OPEN_X = 1, OPEN_Y = 2, OPEN_Z = 4, MOVES = 8 };

typedef struct {
    int kind;
    double htc;         /* W/m2/K */
    double ambient;     /* K */
    double emissivity;  /* of the outer face, 0 to 1 */
    double flux;        /* W/m2 into the domain */
    const double *field; /* K: ambient of every face of a convective side, [ny, nz], [nx, nz] or [nx, ny], or NULL: one for all */
} Side;

typedef struct {
    /* grid: rows run along z and are padded to nzp */
    ptrdiff_t nx, ny, nz, nzp;
    const double *dx, *dy, *dz;
    /* 1/dz, 1/distance to the next centre and to the one before, in the row's own precision, nzp long */
    const void *idz_row, *idz_face, *idz_behind;
    const uint8_t *open; /* [nx, ny, nzp] bits: the face towards +x, +y, +z joins the same region; the voxel moves while others are held */
    /* spans of the rows that are swept: all of every row, or the part of the grid that has a pace of its own */
    const int64_t *span_row;               /* [nx*ny + 1] */
    const int32_t *span_start, *span_end;  /* a span that reaches the row's last voxel ends at nzp */
    const uint8_t *span_open;              /* bits that all of its voxels have; its last one's +z face does not count */
    /* runs of one region along a row, within its spans */
    const int64_t *run_row;              /* [nx*ny + 1] */
    const int32_t *run_start, *run_end;  /* what pads a row does not count */
    const uint8_t *run_region; /* region index */
    const int64_t *run_watch;  /* place of the run's first voxel in the watch arrays, or -1 */
    /* material of each region: T(h), 1/(2k)(h) and potential(h) in cells of one width, each of one or two straight lines */
    const int32_t *cell_row;             /* [nregion] the region's first record */
    const int32_t *cell_low, *cell_high; /* [nregion] its first and last cell, counted from h = 0 */
    const void *cell_inv, *cell_bottom, *cell_top; /* [nregion] 1/width; where the lines of the first and the last cell end, in cells */
    const void *potential;   /* records of four reals: int k dT, its rise over the cell, place of the kink, how the rise changes there */
    const void *bins;        /* records of eight: T, its rise, how that changes at the kink, place of the kink, and 1/(2k) with its
                                rise before and after it */
    /* cut voxels: those with interface faces or a volume factor, ordered by row */
    const int64_t *cut_row;  /* [nx*ny + 1] */
    const int32_t *cut_k;
    const void *cut_inv_volume; /* 1 / (volume factor) */
    /* interface faces, ordered by the row of their low voxel */
    const int64_t *face_row;                      /* [nx*ny + 1] */
    const int32_t *face_a, *face_b;               /* cut voxel on the low and on the high side */
    const void *face_area, *face_low, *face_high; /* m2, distances in m of the low and the high voxel centre */
    const uint8_t *face_kind;                     /* 2*contact + (the low side is the contact's second region) */
    /* links between voxels of one region across the edge of a stair step, ordered by the row of their first voxel */
    const int64_t *link_row;         /* [nx*ny + 1] */
    const int32_t *link_a, *link_b;  /* cut voxels */
    const void *link_c;              /* conductance over conductivity (m) */
    const double *contact_T0, *contact_inv;       /* table of 1/htc over the temperature of the contact's first region */
    const int32_t *contact_row;                   /* [ncontact + 1] */
    const void *contact_resistance;
    /* outer sides x_low x_high y_low y_high z_low z_high */
    Side side[6];
    /* fields, [nx, ny, nzp] */
    void *H, *D1, *D2, *F0;
    const void *source; /* W/m3 or NULL */
    const void *share;  /* part of every voxel that is there, or NULL: all of it; outer sides ask for it, cut voxels know theirs */
    /* stage: D_new = mu D1 + nu D2 + mt F(H + D1) + g F0; first: D_new = mt F(H), F0 = F */
    double mu, nu, mt, g, t0, t1;
    int first, last, store_F0, use_D2, watching;
    /* what does not move is held at its state, and the heat through the faces of the part around it is booked: q0 at the first
       stage, and E by the recurrence of the stages (W/m2 and J/m2 towards -x, -y, -z), ordered by the row of the low voxel */
    int hold;
    const int64_t *cross_row;
    const int32_t *cross_k;
    const uint8_t *cross_axis;
    double *cross_q0, *cross_E1, *cross_E2;
    /* the part itself takes that heat: rates (W/m3) of the voxels along its faces at the start of the step, and their rise over it */
    const int64_t *bound_row;
    const int32_t *bound_k;
    const void *bound_rate, *bound_rise;
    double part; /* of the step that has passed */
    /* runs whose fluxes are taken at their mean state over the next moment, and their values in lists; see _rows_foresee.h */
    int foreseeing;
    ptrdiff_t nahead;              /* runs */
    const int64_t *run_ahead;      /* of every run of the rows: place of its first voxel in the lists, or -1 */
    const int64_t *ahead_at;       /* its place in the fields */
    const int32_t *ahead_place;    /* [nahead + 1] of the run's first voxel in the lists */
    const uint8_t *ahead_region;
    const void *ahead_inverse;     /* of every voxel: 1 / (volume factor) */
    const void *ahead_low, *ahead_high; /* 1 / (distance width) towards the voxel before and the one after it, 0 at the run's ends */
    void *ahead_P, *ahead_Y;       /* potential and increment of a state ahead */
    void *ahead_D;                 /* the mean increment */
    /* stretches of voxels beside a run's own, towards x and y: where they and its own begin in the lists, how many, 1/(distance width) */
    const int32_t *beside_row;     /* [nahead + 1] */
    const int32_t *beside_own, *beside_other, *beside_count;
    const void *beside_weight;
    /* breadths that count in the heat through the outer sides, [ny, nz], [nx, nz] or [nx, ny]; NULL: all */
    const double *side_along[6];
    /* watch: first crossings of enthalpy levels */
    ptrdiff_t nlevel, ngradient;
    const double *level;          /* falling enthalpies */
    const int32_t *level_gradient; /* slot of the gradient record or -1 */
    double hysteresis;
    void *watch_low, *watch_high; /* next level below, last level above */
    uint8_t *watch_next;
    float *watch_time;      /* [nlevel, nwatch] */
    float *watch_gradient;  /* [ngradient, nwatch] */
    ptrdiff_t nwatch;
    /* partial sums, one a plane */
    double *inflow;     /* W through the outer sides and from the source */
    int64_t *done;      /* change of the number of voxels below the last level */
} HeatSweep;

#define STEFAN_BOLTZMANN 5.670374419e-8 /* W/m2/K4, CODATA 2018, exact in the SI of 2019 */

/* Heat flow density into the domain (W/m2) through an outer face whose voxel centre is at T, its surroundings at Te,
   r_half = half width / k. */
INLINE double side_flow(const Side *s, double Te, double T, double r_half) {
    switch (s->kind) {
    case SIDE_FIXED:
        return (Te - T) / r_half;
    case SIDE_FLUX:
        return s->flux;
    case SIDE_CONVECTIVE: {
        const double h = s->htc, e = s->emissivity * STEFAN_BOLTZMANN;
        if (e <= 0.0) return h > 0.0 ? (Te - T) / (r_half + 1.0 / h) : 0.0;
        /* the surface radiates at its own temperature: Newton on (T - S)/r = h (S - Te) + e (S^4 - Te^4). The right side rises
           ever faster, so from the hotter of the two ends the rounds come down to the root without crossing it. */
        double S = T > Te ? T : Te;
        for (int round = 0; round < 12; ++round) {
            const double gap = (S - T) + r_half * (h * (S - Te) + e * (S * S * S * S - Te * Te * Te * Te));
            const double step = gap / (1.0 + r_half * (h + 4.0 * e * S * S * S));
            S -= step;
            if (fabs(step) < 1e-10 * S) break;
        }
        /* as the surface gives it to the air: exact also where the voxel's half width resists nothing */
        return h * (Te - S) + e * (Te * Te * Te * Te - S * S * S * S);
    }
    default:
        return 0.0;
    }
}

#endif
