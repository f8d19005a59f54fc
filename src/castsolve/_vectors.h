/* Numbers that go together in rows written for short stretches: vectors where the compiler has vectors of its own, else single numbers. A row
   is a loop of whole vectors without a rest, which would cost as much as they do. */
#ifndef CASTSOLVE_VECTORS_H
#define CASTSOLVE_VECTORS_H

#include "_lanes.h"

#if !defined(CASTSOLVE_SCALAR) && (defined(__clang__) || (defined(__GNUC__) && __GNUC__ >= 12))
#define FLOATS 8
#define DOUBLES 4
typedef float Floats __attribute__((vector_size(4 * FLOATS), aligned(4)));
typedef int32_t FloatBits __attribute__((vector_size(4 * FLOATS), aligned(4)));
typedef double Doubles __attribute__((vector_size(8 * DOUBLES), aligned(8)));
typedef int64_t DoubleBits __attribute__((vector_size(8 * DOUBLES), aligned(8)));
typedef float HalfFloats __attribute__((vector_size(4 * DOUBLES), aligned(4)));
#define DOUBLES_OF_FLOATS(row, k) __builtin_convertvector(*(const HalfFloats *)((row) + (k)), Doubles)
#define FLOATS_OF_DOUBLES(row, k, vector) (*(HalfFloats *)((row) + (k)) = __builtin_convertvector(vector, HalfFloats))
typedef uint8_t DoubleBytes __attribute__((vector_size(DOUBLES), aligned(1)));
#define DOUBLES_OF_BYTES(row, k) __builtin_convertvector(*(const DoubleBytes *)((row) + (k)), DoubleBits)
/* Choice by a comparison, number by number; size of numbers. */
#define FLOATS_IF(mask, yes, no) ((Floats)(((mask) & (FloatBits)(yes)) | (~(mask) & (FloatBits)(no))))
#define DOUBLES_IF(mask, yes, no) ((Doubles)(((mask) & (DoubleBits)(yes)) | (~(mask) & (DoubleBits)(no))))
#define FLOATS_SIZE(x) ((Floats)((FloatBits)(x) & INT32_MAX))
#define DOUBLES_SIZE(x) ((Doubles)((DoubleBits)(x) & INT64_MAX))
/* Every number of half a vector twice; sums of neighbours in two vectors. */
#define FLOATS_DOUBLED(some) (__builtin_shufflevector(*(const Floats *)(some), *(const Floats *)(some), 0, 0, 1, 1, 2, 2, 3, 3))
#define FLOATS_PAIRED(some)                                                                                           \
    (__builtin_shufflevector(*(const Floats *)(some), *(const Floats *)((some) + FLOATS), 0, 2, 4, 6, 8, 10, 12, 14) + \
     __builtin_shufflevector(*(const Floats *)(some), *(const Floats *)((some) + FLOATS), 1, 3, 5, 7, 9, 11, 13, 15))
#else
#define FLOATS 1
#define DOUBLES 1
typedef float Floats;
typedef double Doubles;
typedef int DoubleBits; /* what a comparison gives */
#define DOUBLES_OF_FLOATS(row, k) ((double)(row)[k])
#define FLOATS_OF_DOUBLES(row, k, vector) ((row)[k] = (float)(vector))
#define DOUBLES_OF_BYTES(row, k) ((int)(row)[k])
#define FLOATS_IF(mask, yes, no) ((mask) ? (yes) : (no))
#define DOUBLES_IF(mask, yes, no) ((mask) ? (yes) : (no))
#define FLOATS_SIZE(x) fabsf(x)
#define DOUBLES_SIZE(x) fabs(x)
#define FLOATS_DOUBLED(some) (*(some))
#define FLOATS_PAIRED(some) ((some)[0] + (some)[1])
#endif

/* Those from place k of a row on, to read and to write; one of a vector. */
#define FLOATS_AT(row, k) (*(const Floats *)((row) + (k)))
#define FLOATS_SET(row, k) (*(Floats *)((row) + (k)))
#define DOUBLES_AT(row, k) (*(const Doubles *)((row) + (k)))
#define DOUBLES_SET(row, k) (*(Doubles *)((row) + (k)))
#define FLOAT_OF(vector, lane) (((const float *)&(vector))[lane])
#define DOUBLE_OF(vector, lane) (((const double *)&(vector))[lane])

#endif
