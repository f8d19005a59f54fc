/* The rows of the heat sweep in both precisions and for every instruction set that the build knows, and the choice among them. */
#ifndef CASTSOLVE_HEAT_UNITS_H
#define CASTSOLVE_HEAT_UNITS_H

#include "_heat.h"

/* What the sweep calls of its rows. */
typedef struct {
    size_t (*heat_scratch)(const HeatSweep *s, ptrdiff_t i0, ptrdiff_t i1);
    void (*heat_planes)(const HeatSweep *s, ptrdiff_t i0, ptrdiff_t i1, void *scratch);
    void (*foresee_potentials)(const HeatSweep *s, ptrdiff_t q0, ptrdiff_t q1, int start);
    void (*foresee_runs)(const HeatSweep *s, ptrdiff_t q0, ptrdiff_t q1, int start, double step, double share, double next);
    void (*extremes_plane)(const HeatSweep *s, ptrdiff_t i, int region, const void *increment, double *least, double *most);
    void (*temperature_planes)(const HeatSweep *s, ptrdiff_t i0, ptrdiff_t i1, void *scratch, void *T);
    void (*advance_plane)(const HeatSweep *s, ptrdiff_t i, const void *increment, double *held, double *hottest);
    void (*copy_spans)(const HeatSweep *s, ptrdiff_t i, const void *from, void *to);
    int (*finite_plane)(const HeatSweep *s, ptrdiff_t i, const void *increment);
    void (*curvature_plane)(const HeatSweep *s, ptrdiff_t i, const void *increment, const void *earlier, double part,
                            double *bend, double *size);
} HeatRows;

/* A compiler that can compile a stretch of a file for another instruction set does so with all rows at once: the functions between
   them are wider then, too, and are inlined. Others clone the longest ones. Twice as wide (x86-64-v4) is not faster. */
#ifndef CASTSOLVE_UNITS
#define CASTSOLVE_UNITS 0
#endif
#if CASTSOLVE_UNITS
#define ROWS
#pragma GCC push_options
#pragma GCC target("arch=x86-64-v3")
#define UNIT(f) f##_v3
#include "_rows_precisions.h"
#undef UNIT
#pragma GCC pop_options
#else
#define ROWS LANES
#endif
#define UNIT(f) f##_base
#include "_rows_precisions.h"
#undef UNIT
#undef ROWS

/* The rows for this processor. */
static const HeatRows *heat_rows(int single) {
#if CASTSOLVE_UNITS
    __builtin_cpu_init();
    if (__builtin_cpu_supports("x86-64-v3")) return single ? &rows_float_v3 : &rows_double_v3;
#endif
    return single ? &rows_float_base : &rows_double_base;
}

#endif
