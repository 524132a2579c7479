// Built-in vector types with CUDA's sizes and alignments, dim3, and the make_ functions.
#pragma once

#include "cuda_cpu/qualifiers.h"

#define CUDA_CPU_VECTOR(base, name, align1, align2, align4) \
    struct name##1 { base x; }; \
    struct alignas(align2) name##2 { base x, y; }; \
    struct name##3 { base x, y, z; }; \
    struct alignas(align4) name##4 { base x, y, z, w; }; \
    constexpr name##1 make_##name##1(base x) { return {x}; } \
    constexpr name##2 make_##name##2(base x, base y) { return {x, y}; } \
    constexpr name##3 make_##name##3(base x, base y, base z) { return {x, y, z}; } \
    constexpr name##4 make_##name##4(base x, base y, base z, base w) { return {x, y, z, w}; }

CUDA_CPU_VECTOR(signed char, char, 1, 2, 4)
CUDA_CPU_VECTOR(unsigned char, uchar, 1, 2, 4)
CUDA_CPU_VECTOR(short, short, 2, 4, 8)
CUDA_CPU_VECTOR(unsigned short, ushort, 2, 4, 8)
CUDA_CPU_VECTOR(int, int, 4, 8, 16)
CUDA_CPU_VECTOR(unsigned int, uint, 4, 8, 16)
CUDA_CPU_VECTOR(long, long, 8, 16, 16)
CUDA_CPU_VECTOR(unsigned long, ulong, 8, 16, 16)
CUDA_CPU_VECTOR(long long, longlong, 8, 16, 16)
CUDA_CPU_VECTOR(unsigned long long, ulonglong, 8, 16, 16)
CUDA_CPU_VECTOR(float, float, 4, 8, 16)
CUDA_CPU_VECTOR(double, double, 8, 16, 16)
#undef CUDA_CPU_VECTOR

struct dim3 {
    unsigned int x, y, z;
    constexpr dim3(unsigned int x_ = 1, unsigned int y_ = 1, unsigned int z_ = 1) : x(x_), y(y_), z(z_) {}
    constexpr dim3(uint3 v) : x(v.x), y(v.y), z(v.z) {}
    constexpr operator uint3() const { return {x, y, z}; }
};
