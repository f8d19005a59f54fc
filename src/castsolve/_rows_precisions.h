/* The rows of the heat sweep in both precisions, for one instruction set: UNIT(f) is f with its suffix. */
#define REAL float
#define NAME(f) UNIT(f##_float)
#include "_rows_heat.h"
#undef REAL
#undef NAME
#undef CASTSOLVE_VECTORS
#define REAL double
#define NAME(f) UNIT(f##_double)
#include "_rows_heat.h"
#undef REAL
#undef NAME
#undef CASTSOLVE_VECTORS
