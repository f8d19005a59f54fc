# What the filling has in C, its records and functions; planes that cut voxels.

ctypedef void (*plane_function)(void *, Py_ssize_t, Py_ssize_t) noexcept nogil

cdef enum:
    FLOW_BLOCK = 64 # items that one thread takes at a time

cdef extern from *:
    """
    #include "_flow.h"
    #include "_flow_near.h"
    #include "_flow_plic.h"
    #include "_flow_advect.h"
    #include "_flow_quick.h"
    #include "_flow_momentum.h"
    #include "_flow_pressure.h"
    #include "_flow_tension.h"
    #include "_flow_air.h"
    """
    ctypedef struct CStretch "FlowStretch":
        int32_t j, first, end

    ctypedef struct CFlow "Flow":
        Py_ssize_t nx, ny, nz
        Py_ssize_t step[3]
        double h
        const uint8_t *kind
        const double *V
        const double *a[3]
        const uint8_t *face[3]
        uint8_t *plain[3]
        const CStretch *all_ "all"
        const CStretch *run
        const int64_t *all_of
        const int64_t *run_of
        const int64_t *run_to
        const uint8_t *near_ "near"
        const int64_t *ghost
        const int64_t *ghost_first
        const int64_t *ghost_row
        const int64_t *ghost_of
        double *F
        double *Fn
        double *F1
        double *alpha
        double *u[3]
        double *un[3]
        double *G[3]
        double *mob[3]
        double *coef[3]
        double *pk
        double *P
        double *diag
        double *rhs
        double *q
        double *r
        double *z
        uint8_t *wet
        uint8_t *layer[3]
        uint8_t *depth
        uint8_t *shallow
        double *force[3]
        double *drift[3]
        double *plane
        int32_t *stamp
        int32_t *parent
        int32_t *pocket
        int32_t *pocket_before
        double *curve
        double *jump[3]
        int ncarried
        double *mean[4]
        double *E[4]
        double *En[4]
        double *E1[4]
        double *GE[4]
        double least[4]
        double most[4]
        const double *drag
        const double *inertia
        const double *molecular
        double *nu
        const double *shed[3]
        const double *away[3]
        double dt
        double kick
        double gravity[3]
        double spin[3]
        double rise[3][3]
        double smagorinsky, theta_min, kappa, collapse, beta, fastest, ratio, part, slope, closing, most_closing, tension, cotangent
        int axis
        int passed "pass"
        int no_slip, aspirates
        int turning

    ctypedef struct CLevel "FlowLevel":
        Py_ssize_t nx, ny, nz
        Py_ssize_t step[2]
        Py_ssize_t by[3]
        float *link[3]
        float *outer
        float *inverse
        float *x
        float *b
        float *p
        float *q
        float *y
        double unit
        const int32_t *lo
        const int32_t *hi
        int32_t *first
        int32_t *end
        int64_t *load
        Py_ssize_t *begins
        Py_ssize_t hands
        const CLevel *fine
        const CFlow *flow
        float reach

    ctypedef struct CTask "LevelTask":
        const CLevel *coarse
        int phase, up, fresh

    ctypedef struct CQuick "FlowQuick":
        CFlow *flow
        int64_t *voxel
        int64_t *face
        double *kept
        double *next
        int content, part
        double share

    ctypedef struct CNear "FlowNear":
        CFlow *flow
        uint8_t *now
        uint8_t *kept
        uint8_t *spread
        CStretch *run
        int64_t *run_of
        int64_t *run_to
        const int64_t *room
        double *keeps[9]
        double *keeps_of[9]
        int fields

    ctypedef struct CAir "FlowAir":
        Py_ssize_t count
        const int64_t *row
        const int64_t *wet
        const int64_t *dry
        const double *coef
        double *diag
        double *rhs
        double *x
        double *p
        double *q
        double *r
        double *z

    int32_t flow_pockets(CFlow *, int64_t *) noexcept nogil
    void flow_measure(const CFlow *, const double *, double *) noexcept nogil
    void flow_hand_air(const CFlow *, const double *, Py_ssize_t, double *, double *) noexcept nogil
    void flow_border(const CFlow *, const uint8_t *, int64_t *, int64_t *, int64_t *, double *) noexcept nogil
    void flow_pushed(const CFlow *, const uint8_t *, double *) noexcept nogil
    void air_spread(const CAir *, const double *, double *) noexcept nogil
    double air_residual(const CLevel *, CAir *) noexcept nogil
    double air_precondition(CAir *) noexcept nogil
    void air_turn(CAir *, double) noexcept nogil
    double air_apply(const CLevel *, CAir *) noexcept nogil
    double air_march(const CLevel *, CAir *, double) noexcept nogil
    void air_settle(const CFlow *, const CAir *) noexcept nogil

    void near_spread(void *, Py_ssize_t, Py_ssize_t) noexcept nogil
    void near_find(void *, Py_ssize_t, Py_ssize_t) noexcept nogil
    void near_keep(void *, Py_ssize_t, Py_ssize_t) noexcept nogil
    void near_restore(void *, Py_ssize_t, Py_ssize_t) noexcept nogil
    void flow_shallow(void *, Py_ssize_t, Py_ssize_t) noexcept nogil
    void flow_deepen(void *, Py_ssize_t, Py_ssize_t) noexcept nogil
    void flow_quick(void *, Py_ssize_t, Py_ssize_t) noexcept nogil
    void flow_force(void *, Py_ssize_t, Py_ssize_t) noexcept nogil
    void quick_list(void *, Py_ssize_t, Py_ssize_t) noexcept nogil
    void quick_fluxes(void *, Py_ssize_t, Py_ssize_t) noexcept nogil
    void quick_pass(void *, Py_ssize_t, Py_ssize_t) noexcept nogil
    void quick_take(void *, Py_ssize_t, Py_ssize_t) noexcept nogil
    void quick_return(void *, Py_ssize_t, Py_ssize_t) noexcept nogil
    Py_ssize_t quick_faces(const CQuick *, Py_ssize_t) noexcept nogil
    void quick_keep(void *, Py_ssize_t, Py_ssize_t) noexcept nogil
    void quick_sides(void *, Py_ssize_t, Py_ssize_t) noexcept nogil
    void quick_carry(void *, Py_ssize_t, Py_ssize_t) noexcept nogil
    void quick_move(void *, Py_ssize_t, Py_ssize_t) noexcept nogil
    void quick_give(void *, Py_ssize_t, Py_ssize_t) noexcept nogil
    void flow_alpha(void *, Py_ssize_t, Py_ssize_t) noexcept nogil
    void flow_ghosts(void *, Py_ssize_t, Py_ssize_t) noexcept nogil
    void flow_fluxes(void *, Py_ssize_t, Py_ssize_t) noexcept nogil
    void flow_carry(void *, Py_ssize_t, Py_ssize_t) noexcept nogil
    void flow_means(void *, Py_ssize_t, Py_ssize_t) noexcept nogil
    void flow_sum(void *, Py_ssize_t, Py_ssize_t) noexcept nogil
    void flow_content(void *, Py_ssize_t, Py_ssize_t) noexcept nogil
    void flow_extremes(void *, Py_ssize_t, Py_ssize_t) noexcept nogil
    void flow_offenders(void *, Py_ssize_t, Py_ssize_t) noexcept nogil
    double flow_settle_content(CFlow *, int, int64_t *, int32_t *, double *) noexcept nogil
    void flow_mobility(void *, Py_ssize_t, Py_ssize_t) noexcept nogil
    void flow_between(void *, Py_ssize_t, Py_ssize_t) noexcept nogil
    void flow_total(void *, Py_ssize_t, Py_ssize_t) noexcept nogil
    void flow_held(void *, Py_ssize_t, Py_ssize_t) noexcept nogil
    double flow_settle(CFlow *, int64_t *, int32_t *, double *, double *, int64_t *) noexcept nogil
    void flow_momentum(void *, Py_ssize_t, Py_ssize_t) noexcept nogil
    void sides_find(void *, Py_ssize_t, Py_ssize_t) noexcept nogil
    void flow_sides(void *, Py_ssize_t, Py_ssize_t) noexcept nogil
    void flow_eddies(void *, Py_ssize_t, Py_ssize_t) noexcept nogil
    void flow_viscous(void *, Py_ssize_t, Py_ssize_t) noexcept nogil
    void flow_drag(void *, Py_ssize_t, Py_ssize_t) noexcept nogil
    void flow_layers(void *, Py_ssize_t, Py_ssize_t) noexcept nogil
    void flow_extrapolate(void *, Py_ssize_t, Py_ssize_t) noexcept nogil
    void flow_fastest(void *, Py_ssize_t, Py_ssize_t) noexcept nogil
    const int DEPTH_MOST
    void flow_begin(void *, Py_ssize_t, Py_ssize_t) noexcept nogil
    void flow_take(void *, Py_ssize_t, Py_ssize_t) noexcept nogil
    void flow_wet(void *, Py_ssize_t, Py_ssize_t) noexcept nogil
    void flow_coefs(void *, Py_ssize_t, Py_ssize_t) noexcept nogil
    void flow_mend(void *, Py_ssize_t, Py_ssize_t) noexcept nogil
    void flow_mended(void *, Py_ssize_t, Py_ssize_t) noexcept nogil
    void flow_curvature(void *, Py_ssize_t, Py_ssize_t) noexcept nogil
    void flow_jumps(void *, Py_ssize_t, Py_ssize_t) noexcept nogil
    void flow_narrow(void *, Py_ssize_t, Py_ssize_t) noexcept nogil
    void flow_system(void *, Py_ssize_t, Py_ssize_t) noexcept nogil
    void flow_project(void *, Py_ssize_t, Py_ssize_t) noexcept nogil
    void flow_cut(void *, Py_ssize_t, Py_ssize_t) noexcept nogil
    int64_t flow_enclosed(CFlow *, int64_t *, int32_t *, double *) noexcept nogil
    void level_divide(CLevel *, Py_ssize_t, Py_ssize_t) noexcept nogil
    void level_first(void *, Py_ssize_t, Py_ssize_t) noexcept nogil
    void level_coarse(void *, Py_ssize_t, Py_ssize_t) noexcept nogil
    void level_invert(void *, Py_ssize_t, Py_ssize_t) noexcept nogil
    void level_solve(const CLevel *, int, int, int) noexcept nogil
    void level_pass(void *, Py_ssize_t, Py_ssize_t) noexcept nogil
    void level_add(void *, Py_ssize_t, Py_ssize_t) noexcept nogil
    void level_residual(void *, Py_ssize_t, Py_ssize_t) noexcept nogil
    void level_product(void *, Py_ssize_t, Py_ssize_t) noexcept nogil
    void level_turn(void *, Py_ssize_t, Py_ssize_t) noexcept nogil
    void level_apply(void *, Py_ssize_t, Py_ssize_t) noexcept nogil
    void level_march(void *, Py_ssize_t, Py_ssize_t) noexcept nogil
    double plic_volume(const double *, double) noexcept nogil
    double plic_constant(const double *, double) noexcept nogil


def plane_volume(const double[::1] normal, double constant):
    """Return the volume below the plane normal . x = constant in the unit cube; the normal is not negative and sums to one."""
    return plic_volume(&normal[0], constant)


def plane_constant(const double[::1] normal, double volume):
    """Return the constant of the plane that leaves a volume below it in the unit cube (see `plane_volume`)."""
    return plic_constant(&normal[0], volume)


def plane_shares(const double[::1] normal, const double[::1] rise, double start, double[:, :, ::1] out):
    """Set the share of every unit cube below a plane; ``normal`` as in `plane_volume`, the constant falls by ``rise`` a cube."""
    cdef Py_ssize_t i, j, k
    cdef double constant
    with nogil:
        for i in range(out.shape[0]):
            for j in range(out.shape[1]):
                for k in range(out.shape[2]):
                    constant = start - rise[0] * i - rise[1] * j - rise[2] * k
                    out[i, j, k] = 0.0 if constant <= 0.0 else 1.0 if constant >= 1.0 else plic_volume(&normal[0], constant)


cdef void _flow_planes(plane_function f, void *what, Py_ssize_t first, Py_ssize_t last, int threads) noexcept nogil:
    """Run a function over planes: the bits do not depend on who runs which."""
    cdef Py_ssize_t i
    if threads <= 1 or last - first < 2:
        f(what, first, last)
    else:
        for i in prange(first, last, num_threads=threads, schedule="dynamic", chunksize=1):
            f(what, i, i + 1)


cdef void _flow_items(plane_function f, void *what, Py_ssize_t count, int threads) noexcept nogil:
    """Run a function over items that do not see each other: threads take blocks of them by turns, for neighbours cost the same."""
    cdef Py_ssize_t b
    if threads <= 1 or count < 2 * FLOW_BLOCK:
        f(what, 0, count)
    else:
        for b in prange((count + FLOW_BLOCK - 1) // FLOW_BLOCK, num_threads=threads, schedule="static", chunksize=1):
            f(what, FLOW_BLOCK * b, min(FLOW_BLOCK * (b + 1), count))
