/* Function multiversioning and small portability helpers, shared by all rows.
   setup.py probes the compiler and passes CASTSOLVE_CLONES: 2 (AVX-512 and AVX2 clones), 1 (AVX2 clone), 0 (none). */
#ifndef CASTSOLVE_LANES_H
#define CASTSOLVE_LANES_H

#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#ifndef CASTSOLVE_CLONES
#define CASTSOLVE_CLONES 0
#endif

#if CASTSOLVE_CLONES == 2
#define LANES __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")))
#elif CASTSOLVE_CLONES == 1
#define LANES __attribute__((target_clones("arch=x86-64-v3", "default")))
#else
#define LANES
#endif

#if defined(__GNUC__) || defined(__clang__)
#define INLINE static inline __attribute__((always_inline))
#else
#define INLINE static inline
#endif

/* Before a loop whose arrays never overlap: saves the compiler's own checks, which cost as much as a short row. */
#if defined(__clang__)
#define NO_ALIAS _Pragma("clang loop vectorize(assume_safety)")
#elif defined(__GNUC__)
#define NO_ALIAS _Pragma("GCC ivdep")
#else
#define NO_ALIAS
#endif

/* Before a short loop of known length: compilers unroll those before they look for vectors. */
#if defined(__GNUC__) && !defined(__clang__)
#define NO_ALIAS_SHORT _Pragma("GCC unroll 1")
#else
#define NO_ALIAS_SHORT NO_ALIAS
#endif

/* Ask for n bytes that will be read soon, into the second cache: many rows at once are more than the first takes. Processors fetch
   ahead by themselves only within a page and a few streams. */
#if defined(__GNUC__) || defined(__clang__)
INLINE void fetch_ahead(const void *from, ptrdiff_t n) {
    const char *end = (const char *)from + n;
    for (const char *line = (const char *)((uintptr_t)from & ~(uintptr_t)63); line < end; line += 64) __builtin_prefetch(line, 0, 2);
}
#else
INLINE void fetch_ahead(const void *from, ptrdiff_t n) {
    (void)from;
    (void)n;
}
#endif

#if defined(_MSC_VER)
#define restrict __restrict
#endif

/* Cache-line aligned scratch of one thread, all zero. */
static void *aligned_scratch(size_t bytes, void **raw) {
    *raw = calloc(1, bytes + 64);
    if (*raw == NULL) return NULL;
    return (void *)(((uintptr_t)*raw + 63) & ~(uintptr_t)63);
}

#endif
