# What the heat sweep has in C, its records and functions.

cdef extern from *:
    """
    #include "_heat_units.h"
    """
    ctypedef struct CSide "Side":
        int kind
        double htc, ambient, emissivity, flux
        const double *field

    ctypedef struct CSweep "HeatSweep":
        Py_ssize_t nx, ny, nz, nzp
        const double *dx
        const double *dy
        const double *dz
        const void *idz_row
        const void *idz_face
        const void *idz_behind
        const uint8_t *open "open"
        const int64_t *span_row
        const int32_t *span_start
        const int32_t *span_end
        const uint8_t *span_open
        const int64_t *run_row
        const int32_t *run_start
        const int32_t *run_end
        const uint8_t *run_region
        const int64_t *run_watch
        const int32_t *cell_row
        const int32_t *cell_low
        const int32_t *cell_high
        const void *cell_inv
        const void *cell_bottom
        const void *cell_top
        const void *potential
        const void *bins
        const int64_t *cut_row
        const int32_t *cut_k
        const void *cut_inv_volume
        const int64_t *face_row
        const int32_t *face_a
        const int32_t *face_b
        const void *face_area
        const void *face_low
        const void *face_high
        const uint8_t *face_kind
        const int64_t *link_row
        const int32_t *link_a
        const int32_t *link_b
        const void *link_c
        const double *contact_T0
        const double *contact_inv
        const int32_t *contact_row
        const void *contact_resistance
        CSide side[6]
        void *H
        void *D1
        void *D2
        void *F0
        const void *source
        const void *share
        double mu, nu, mt, g, t0, t1
        int first, last, store_F0, use_D2, watching
        int hold
        const int64_t *cross_row
        const int32_t *cross_k
        const uint8_t *cross_axis
        double *cross_q0
        double *cross_E1
        double *cross_E2
        const int64_t *bound_row
        const int32_t *bound_k
        const void *bound_rate
        const void *bound_rise
        double part
        int foreseeing
        Py_ssize_t nahead
        const int64_t *run_ahead
        const int64_t *ahead_at
        const int32_t *ahead_place
        const uint8_t *ahead_region
        const void *ahead_inverse
        const void *ahead_low
        const void *ahead_high
        void *ahead_P
        void *ahead_Y
        void *ahead_D
        const int32_t *beside_row
        const int32_t *beside_own
        const int32_t *beside_other
        const int32_t *beside_count
        const void *beside_weight
        const double *side_along[6]
        Py_ssize_t nlevel, ngradient, nwatch
        const double *level
        const int32_t *level_gradient
        double hysteresis
        void *watch_low
        void *watch_high
        uint8_t *watch_next
        float *watch_time
        float *watch_gradient
        double *inflow
        int64_t *done

    ctypedef struct CRows "HeatRows":
        size_t heat_scratch(const CSweep *s, Py_ssize_t i0, Py_ssize_t i1) nogil
        void heat_planes(const CSweep *s, Py_ssize_t i0, Py_ssize_t i1, void *scratch) nogil
        void foresee_potentials(const CSweep *s, Py_ssize_t q0, Py_ssize_t q1, int start) nogil
        void foresee_runs(const CSweep *s, Py_ssize_t q0, Py_ssize_t q1, int start, double step, double share, double next) nogil
        void extremes_plane(const CSweep *s, Py_ssize_t i, int region, const void *increment, double *least, double *most) nogil
        void temperature_planes(const CSweep *s, Py_ssize_t i0, Py_ssize_t i1, void *scratch, void *T) nogil
        void advance_plane(const CSweep *s, Py_ssize_t i, const void *increment, double *held, double *hottest) nogil
        void copy_spans(const CSweep *s, Py_ssize_t i, const void *source, void *target) nogil
        int finite_plane(const CSweep *s, Py_ssize_t i, const void *increment) nogil
        void curvature_plane(const CSweep *s, Py_ssize_t i, const void *increment, const void *earlier, double part,
                             double *bend, double *size) nogil

    void *aligned_scratch(size_t nbytes, void **raw) nogil
    const CRows *heat_rows(int single) nogil
