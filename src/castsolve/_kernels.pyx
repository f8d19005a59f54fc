# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True, initializedcheck=False
# cython: embedsignature=True
"""Every loop over voxels.

The contract of a kernel: arrays in, arrays out; Python validates, pads and allocates what it hands over; indices are
``Py_ssize_t``; a kernel raises nothing once it runs. Chapters are included .pxi files; the innermost rows are plain C in
headers, compiled once for float and once for double, and for wider instruction sets, whole or as clones, where the build probes
allow it.
"""

from cython.parallel cimport prange, parallel
from libc.stdint cimport int8_t, int32_t, int64_t, uint8_t
from libc.stdlib cimport calloc, free, malloc, realloc
from libc.math cimport INFINITY, NAN, ceil, exp, fabs, floor, ldexp, log, log2, sqrt
from libc.string cimport memcpy
cimport cython

cdef extern from *:
    """
    #if CASTSOLVE_HAVE_OPENMP
    #include <omp.h>
    #else
    static int omp_get_max_threads(void) { return 1; }
    #endif
    #ifndef CASTSOLVE_CLONES
    #define CASTSOLVE_CLONES 0
    #endif
    #ifndef CASTSOLVE_UNITS
    #define CASTSOLVE_UNITS 0
    #endif
    #ifndef CASTSOLVE_CHECKED
    #define CASTSOLVE_CHECKED 0
    #endif
    #if defined(__clang__)
    #define CASTSOLVE_COMPILER "clang " __clang_version__
    #elif defined(__GNUC__)
    #define CASTSOLVE_COMPILER "gcc " __VERSION__
    #else
    #define CASTSOLVE_COMPILER "unknown"
    #endif
    #if (defined(__GNUC__) || defined(__clang__)) && (defined(__x86_64__) || defined(__i386__))
    static const char *castsolve_lanes(void) {
        __builtin_cpu_init();
        if (CASTSOLVE_CLONES >= 2 && __builtin_cpu_supports("avx512f")) return "x86-64-v4 (AVX-512)";
        if (CASTSOLVE_CLONES >= 1 && __builtin_cpu_supports("avx2")) return "x86-64-v3 (AVX2)";
        return "baseline";
    }
    #else
    static const char *castsolve_lanes(void) { return "baseline"; }
    #endif
    """
    int CASTSOLVE_HAVE_OPENMP
    int CASTSOLVE_CLONES
    int CASTSOLVE_UNITS
    int CASTSOLVE_CHECKED
    const char *CASTSOLVE_COMPILER
    const char *castsolve_lanes() nogil
    int omp_get_max_threads() nogil


def build_info():
    """Return what this extension was built with: openmp, clones, units, checked, compiler, and the lanes this CPU will use."""
    return {
        "openmp": bool(CASTSOLVE_HAVE_OPENMP),
        "clones": int(CASTSOLVE_CLONES),
        "units": bool(CASTSOLVE_UNITS),
        "checked": bool(CASTSOLVE_CHECKED),
        "compiler": CASTSOLVE_COMPILER.decode(),
        "lanes": castsolve_lanes().decode(),
        "openmp_threads": int(omp_get_max_threads()),
    }


cdef void* _address(object array) except? NULL:
    """Address of a C-contiguous array's first byte; NULL for None."""
    cdef const unsigned char[::1] bytes_
    if array is None:
        return NULL
    view = memoryview(array)
    if view.nbytes == 0:
        return NULL
    bytes_ = view.cast("B") if view.ndim == 1 else memoryview(array.reshape(-1)).cast("B")
    return <void*> &bytes_[0]


include "_kernels_rows.pxi"
include "_kernels_heat.pxi"
include "_kernels_cut.pxi"
include "_kernels_owners.pxi"
include "_kernels_march.pxi"
include "_kernels_share.pxi"
include "_kernels_skin.pxi"
include "_kernels_planes.pxi"
include "_kernels_flow_state.pxi"
include "_kernels_flow_pressure.pxi"
include "_kernels_flow.pxi"
include "_kernels_air.pxi"
include "_kernels_melt.pxi"
include "_kernels_records.pxi"
include "_kernels_kinks.pxi"
include "_kernels_passing.pxi"


def thread_count(requested=None):
    """Return the number of threads to use: the argument, else OMP_NUM_THREADS, else the CPUs this process may run on."""
    import os

    if not CASTSOLVE_HAVE_OPENMP:
        return 1
    if requested is not None:
        return max(1, int(requested))
    text = os.environ.get("OMP_NUM_THREADS", "").split(",")[0]
    if text.isdigit() and int(text) > 0:
        return int(text)
    try:
        return len(os.sched_getaffinity(0))
    except AttributeError:
        return os.cpu_count() or 1
