// Bits of 16-bit floating-point numbers: conversions that round to the nearest, ties to even.
#pragma once

#include <cstdint>

#include "cuda_cpu/intrinsics.h"

namespace cuda_cpu {
inline float half_to_float(uint16_t half) {
    const uint32_t sign = static_cast<uint32_t>(half & 0x8000u) << 16;
    uint32_t exponent = half >> 10 & 0x1f;
    uint32_t fraction = half & 0x3ffu;
    if (exponent == 0x1f) return bits<float>(sign | 0x7f800000u | fraction << 13);
    if (exponent == 0) {
        const float small = static_cast<float>(fraction) * 5.9604644775390625e-8f;  // 2^-24
        return sign != 0 ? -small : small;
    }
    return bits<float>(sign | (exponent + 112) << 23 | fraction << 13);
}

inline uint16_t float_to_half(float value) {
    const uint32_t raw = bits<uint32_t>(value);
    const uint32_t sign = raw >> 16 & 0x8000u;
    const uint32_t magnitude = raw & 0x7fffffffu;
    if (magnitude > 0x7f800000u) return 0x7fff;
    if (magnitude >= 0x47800000u) return static_cast<uint16_t>(sign | 0x7c00u);  // From 65536 on; below, rounding carries.
    if (magnitude < 0x38800000u) {  // Below 2^-14: a multiple of 2^-24, exact in the sum.
        const float shifted = bits<float>(magnitude) + 0.5f;
        return static_cast<uint16_t>(sign | (bits<uint32_t>(shifted) - 0x3f000000u));
    }
    const uint32_t rounded = magnitude + 0xfffu + (magnitude >> 13 & 1);
    return static_cast<uint16_t>(sign | (rounded - 0x38000000u) >> 13);
}

inline float bfloat_to_float(uint16_t value) { return bits<float>(static_cast<uint32_t>(value) << 16); }

inline uint16_t float_to_bfloat(float value) {
    const uint32_t raw = bits<uint32_t>(value);
    if ((raw & 0x7fffffffu) > 0x7f800000u) return 0x7fff;
    return static_cast<uint16_t>((raw + 0x7fffu + (raw >> 16 & 1)) >> 16);
}
}  // namespace cuda_cpu

// A 16-bit type `T` with a pair `T2`: arithmetic in single precision, rounded once to the type, as the device does.
#define CUDA_CPU_SMALL_FLOAT(T, T2, widen, narrow) \
    struct alignas(2) T { \
        unsigned short __x; \
        T() = default; \
        T(float value) : __x(::cuda_cpu::narrow(value)) {} \
        T(double value) : __x(::cuda_cpu::narrow(static_cast<float>(value))) {} \
        T(int value) : __x(::cuda_cpu::narrow(static_cast<float>(value))) {} \
        T(unsigned int value) : __x(::cuda_cpu::narrow(static_cast<float>(value))) {} \
        operator float() const { return ::cuda_cpu::widen(__x); } \
        T& operator+=(T other) { return *this = T(float(*this) + float(other)); } \
        T& operator-=(T other) { return *this = T(float(*this) - float(other)); } \
        T& operator*=(T other) { return *this = T(float(*this) * float(other)); } \
        T& operator/=(T other) { return *this = T(float(*this) / float(other)); } \
    }; \
    inline T operator+(T a, T b) { return T(float(a) + float(b)); } \
    inline T operator-(T a, T b) { return T(float(a) - float(b)); } \
    inline T operator*(T a, T b) { return T(float(a) * float(b)); } \
    inline T operator/(T a, T b) { return T(float(a) / float(b)); } \
    inline T operator-(T a) { return T(-float(a)); } \
    inline bool operator==(T a, T b) { return float(a) == float(b); } \
    inline bool operator!=(T a, T b) { return float(a) != float(b); } \
    inline bool operator<(T a, T b) { return float(a) < float(b); } \
    inline bool operator>(T a, T b) { return float(a) > float(b); } \
    inline bool operator<=(T a, T b) { return float(a) <= float(b); } \
    inline bool operator>=(T a, T b) { return float(a) >= float(b); } \
    struct alignas(4) T2 { \
        T x, y; \
    }; \
    inline T2 operator+(T2 a, T2 b) { return {a.x + b.x, a.y + b.y}; } \
    inline T2 operator-(T2 a, T2 b) { return {a.x - b.x, a.y - b.y}; } \
    inline T2 operator*(T2 a, T2 b) { return {a.x * b.x, a.y * b.y}; } \
    inline T __hadd(T a, T b) { return a + b; } \
    inline T __hsub(T a, T b) { return a - b; } \
    inline T __hmul(T a, T b) { return a * b; } \
    inline T __hdiv(T a, T b) { return a / b; } \
    inline T __hneg(T a) { return -a; } \
    inline T __habs(T a) { return T(::fabsf(float(a))); } \
    inline T __hmax(T a, T b) { return T(::fmaxf(float(a), float(b))); } \
    inline T __hmin(T a, T b) { return T(::fminf(float(a), float(b))); } \
    inline T __hfma(T a, T b, T c) { return T(static_cast<double>(float(a)) * float(b) + float(c)); } \
    inline bool __heq(T a, T b) { return a == b; } \
    inline bool __hlt(T a, T b) { return a < b; } \
    inline bool __hgt(T a, T b) { return a > b; } \
    inline bool __hle(T a, T b) { return a <= b; } \
    inline bool __hge(T a, T b) { return a >= b; } \
    inline bool __hisnan(T a) { return float(a) != float(a); } \
    inline T hexp(T a) { return T(::expf(float(a))); } \
    inline T hlog(T a) { return T(::logf(float(a))); } \
    inline T hsqrt(T a) { return T(::sqrtf(float(a))); } \
    inline T hrsqrt(T a) { return T(1.0f / ::sqrtf(float(a))); } \
    inline T hrcp(T a) { return T(1.0f / float(a)); } \
    inline T2 __hadd2(T2 a, T2 b) { return a + b; } \
    inline T2 __hsub2(T2 a, T2 b) { return a - b; } \
    inline T2 __hmul2(T2 a, T2 b) { return a * b; } \
    inline T2 __hfma2(T2 a, T2 b, T2 c) { return {__hfma(a.x, b.x, c.x), __hfma(a.y, b.y, c.y)}; } \
    inline T2 __hmax2(T2 a, T2 b) { return {__hmax(a.x, b.x), __hmax(a.y, b.y)}; } \
    inline T2 __hmin2(T2 a, T2 b) { return {__hmin(a.x, b.x), __hmin(a.y, b.y)}; } \
    CUDA_CPU_ATOMIC(atomicAdd, T, old + value) \
    CUDA_CPU_ATOMIC(atomicAdd, T2, old + value)
