// Arithmetic intrinsics: rounding as their names say; the "fast" ones are as exact as the plain ones here.
#pragma once

#include <cmath>
#include <cstdint>

#include "cuda_cpu/vector_types.h"

#define CUDA_CPU_MIN_MAX(type) \
    constexpr type min(type a, type b) { return b < a ? b : a; } \
    constexpr type max(type a, type b) { return a < b ? b : a; }
CUDA_CPU_MIN_MAX(int)
CUDA_CPU_MIN_MAX(unsigned int)
CUDA_CPU_MIN_MAX(long)
CUDA_CPU_MIN_MAX(unsigned long)
CUDA_CPU_MIN_MAX(long long)
CUDA_CPU_MIN_MAX(unsigned long long)
#undef CUDA_CPU_MIN_MAX
constexpr unsigned int min(int a, unsigned int b) { return min(static_cast<unsigned int>(a), b); }
constexpr unsigned int min(unsigned int a, int b) { return min(a, static_cast<unsigned int>(b)); }
constexpr unsigned int max(int a, unsigned int b) { return max(static_cast<unsigned int>(a), b); }
constexpr unsigned int max(unsigned int a, int b) { return max(a, static_cast<unsigned int>(b)); }
inline float min(float a, float b) { return ::fminf(a, b); }
inline float max(float a, float b) { return ::fmaxf(a, b); }
inline double min(double a, double b) { return ::fmin(a, b); }
inline double max(double a, double b) { return ::fmax(a, b); }
inline double min(float a, double b) { return ::fmin(static_cast<double>(a), b); }
inline double min(double a, float b) { return ::fmin(a, static_cast<double>(b)); }
inline double max(float a, double b) { return ::fmax(static_cast<double>(a), b); }
inline double max(double a, float b) { return ::fmax(a, static_cast<double>(b)); }

inline float rsqrtf(float x) { return 1.0f / ::sqrtf(x); }
inline double rsqrt(double x) { return 1.0 / ::sqrt(x); }
inline float rcbrtf(float x) { return 1.0f / ::cbrtf(x); }
inline float sinpif(float x) { return static_cast<float>(::sin(3.14159265358979323846 * ::fmod(x, 2.0))); }
inline float cospif(float x) { return static_cast<float>(::cos(3.14159265358979323846 * ::fmod(x, 2.0))); }
inline float normcdff(float x) { return 0.5f * ::erfcf(-x * 0.70710678118654752f); }
inline float norm3df(float a, float b, float c) { return ::sqrtf(a * a + b * b + c * c); }
inline float __saturatef(float x) { return x > 0.0f ? (x < 1.0f ? x : 1.0f) : 0.0f; }

inline float __fadd_rn(float a, float b) { return a + b; }
inline float __fsub_rn(float a, float b) { return a - b; }
inline float __fmul_rn(float a, float b) { return a * b; }
inline float __fdiv_rn(float a, float b) { return a / b; }
inline float __fmaf_rn(float a, float b, float c) { return ::fmaf(a, b, c); }
inline float __frcp_rn(float a) { return 1.0f / a; }
inline float __fsqrt_rn(float a) { return ::sqrtf(a); }
inline float __frsqrt_rn(float a) { return static_cast<float>(1.0 / ::sqrt(static_cast<double>(a))); }
inline float __fdividef(float a, float b) { return a / b; }
inline double __dadd_rn(double a, double b) { return a + b; }
inline double __dmul_rn(double a, double b) { return a * b; }
inline double __fma_rn(double a, double b, double c) { return ::fma(a, b, c); }
inline float __expf(float x) { return ::expf(x); }
inline float __exp10f(float x) { return ::powf(10.0f, x); }
inline float __logf(float x) { return ::logf(x); }
inline float __log2f(float x) { return ::log2f(x); }
inline float __log10f(float x) { return ::log10f(x); }
inline float __powf(float x, float y) { return ::powf(x, y); }
inline float __sinf(float x) { return ::sinf(x); }
inline float __cosf(float x) { return ::cosf(x); }
inline float __tanf(float x) { return ::tanf(x); }
inline float __tanhf(float x) { return ::tanhf(x); }
inline void __sincosf(float x, float* s, float* c) { *s = ::sinf(x), *c = ::cosf(x); }

namespace cuda_cpu {
template <class To, class From>
inline To bits(From from) {
    static_assert(sizeof(To) == sizeof(From));
    To to;
    __builtin_memcpy(&to, &from, sizeof(To));
    return to;
}
// Conversions on the device saturate, and make 0 of NaN.
template <class To, class From>
inline To saturate(From x) {
    constexpr bool is_signed = static_cast<To>(-1) < static_cast<To>(0);
    constexpr int digits = sizeof(To) * 8 - (is_signed ? 1 : 0);
    const From above = static_cast<From>(__builtin_ldexp(1.0, digits));
    const To highest = static_cast<To>(~(is_signed ? static_cast<uint64_t>(1) << (sizeof(To) * 8 - 1) : 0));
    if (x != x) return 0;
    if (x >= above) return highest;
    if (is_signed ? x < -above : x < 0) return is_signed ? static_cast<To>(~highest) : 0;
    return static_cast<To>(x);
}
}  // namespace cuda_cpu

inline int __float_as_int(float x) { return cuda_cpu::bits<int>(x); }
inline unsigned int __float_as_uint(float x) { return cuda_cpu::bits<unsigned int>(x); }
inline float __int_as_float(int x) { return cuda_cpu::bits<float>(x); }
inline float __uint_as_float(unsigned int x) { return cuda_cpu::bits<float>(x); }
inline long long __double_as_longlong(double x) { return cuda_cpu::bits<long long>(x); }
inline double __longlong_as_double(long long x) { return cuda_cpu::bits<double>(x); }
inline int __float2int_rn(float x) { return cuda_cpu::saturate<int>(::nearbyintf(x)); }
inline int __float2int_rz(float x) { return cuda_cpu::saturate<int>(::truncf(x)); }
inline int __float2int_ru(float x) { return cuda_cpu::saturate<int>(::ceilf(x)); }
inline int __float2int_rd(float x) { return cuda_cpu::saturate<int>(::floorf(x)); }
inline unsigned int __float2uint_rn(float x) { return cuda_cpu::saturate<unsigned int>(::nearbyintf(x)); }
inline unsigned int __float2uint_rz(float x) { return cuda_cpu::saturate<unsigned int>(::truncf(x)); }
inline int __double2int_rn(double x) { return cuda_cpu::saturate<int>(::nearbyint(x)); }
inline int __double2int_rz(double x) { return cuda_cpu::saturate<int>(::trunc(x)); }
inline float __double2float_rn(double x) { return static_cast<float>(x); }
inline float __int2float_rn(int x) { return static_cast<float>(x); }
inline float __uint2float_rn(unsigned int x) { return static_cast<float>(x); }
inline double __int2double_rn(int x) { return x; }

inline int __popc(unsigned int x) { return __builtin_popcount(x); }
inline int __popcll(unsigned long long x) { return __builtin_popcountll(x); }
inline int __clz(int x) { return x == 0 ? 32 : __builtin_clz(static_cast<unsigned int>(x)); }
inline int __clzll(long long x) { return x == 0 ? 64 : __builtin_clzll(static_cast<unsigned long long>(x)); }
inline int __ffs(int x) { return __builtin_ffs(x); }
inline int __ffsll(long long x) { return __builtin_ffsll(x); }
inline unsigned int __brev(unsigned int x) {
    x = (x >> 1 & 0x55555555u) | (x & 0x55555555u) << 1;
    x = (x >> 2 & 0x33333333u) | (x & 0x33333333u) << 2;
    x = (x >> 4 & 0x0f0f0f0fu) | (x & 0x0f0f0f0fu) << 4;
    return __builtin_bswap32(x);
}
inline unsigned int __byte_perm(unsigned int a, unsigned int b, unsigned int selector) {
    const uint64_t both = static_cast<uint64_t>(b) << 32 | a;
    unsigned int result = 0;
    for (int i = 0; i < 4; ++i) {
        const unsigned int choice = selector >> (4 * i) & 0xf;
        unsigned int byte = static_cast<unsigned int>(both >> (8 * (choice & 7)) & 0xff);
        if (choice & 8) byte = byte & 0x80 ? 0xff : 0;
        result |= byte << (8 * i);
    }
    return result;
}
inline unsigned int __funnelshift_l(unsigned int low, unsigned int high, unsigned int shift) {
    return static_cast<unsigned int>(((static_cast<uint64_t>(high) << 32 | low) << (shift & 31)) >> 32);
}
inline unsigned int __funnelshift_r(unsigned int low, unsigned int high, unsigned int shift) {
    return static_cast<unsigned int>((static_cast<uint64_t>(high) << 32 | low) >> (shift & 31));
}
inline int __mulhi(int a, int b) { return static_cast<int>(static_cast<int64_t>(a) * b >> 32); }
inline unsigned int __umulhi(unsigned int a, unsigned int b) {
    return static_cast<unsigned int>(static_cast<uint64_t>(a) * b >> 32);
}
inline unsigned long long __umul64hi(unsigned long long a, unsigned long long b) {
    return static_cast<unsigned long long>(static_cast<unsigned __int128>(a) * b >> 64);
}
inline int __mul24(int a, int b) { return (a << 8 >> 8) * (b << 8 >> 8); }
inline unsigned int __umul24(unsigned int a, unsigned int b) { return (a & 0xffffffu) * (b & 0xffffffu); }
inline unsigned int __sad(int a, int b, unsigned int c) {
    return c + static_cast<unsigned int>(a < b ? static_cast<int64_t>(b) - a : static_cast<int64_t>(a) - b);
}

inline int __dp4a(int a, int b, int c) {
    uint32_t sum = static_cast<uint32_t>(c);
    for (int i = 0; i < 32; i += 8) sum += static_cast<uint32_t>(static_cast<int8_t>(a >> i) * static_cast<int8_t>(b >> i));
    return static_cast<int>(sum);
}
inline unsigned int __dp4a(unsigned int a, unsigned int b, unsigned int c) {
    for (int i = 0; i < 32; i += 8) c += (a >> i & 0xff) * (b >> i & 0xff);
    return c;
}
namespace cuda_cpu {
template <class F>
inline unsigned int each_byte(unsigned int a, unsigned int b, F change) {
    unsigned int result = 0;
    for (int i = 0; i < 32; i += 8) {
        const int value = change(static_cast<int8_t>(a >> i), static_cast<int8_t>(b >> i));
        result |= static_cast<unsigned int>(static_cast<uint8_t>(value)) << i;
    }
    return result;
}
}  // namespace cuda_cpu
inline unsigned int __vadd4(unsigned int a, unsigned int b) {
    return cuda_cpu::each_byte(a, b, [](int x, int y) { return x + y; });
}
inline unsigned int __vsub4(unsigned int a, unsigned int b) {
    return cuda_cpu::each_byte(a, b, [](int x, int y) { return x - y; });
}
inline unsigned int __vsubss4(unsigned int a, unsigned int b) {
    return cuda_cpu::each_byte(a, b, [](int x, int y) { return x - y < -128 ? -128 : x - y > 127 ? 127 : x - y; });
}
inline unsigned int __vcmpeq4(unsigned int a, unsigned int b) {
    return cuda_cpu::each_byte(a, b, [](int x, int y) { return x == y ? 0xff : 0; });
}
inline unsigned int __vcmpne4(unsigned int a, unsigned int b) {
    return cuda_cpu::each_byte(a, b, [](int x, int y) { return x != y ? 0xff : 0; });
}

#define CUDA_CPU_LOAD(name) \
    template <class T> \
    __forceinline__ T name(const T* address) { \
        return *address; \
    }
#define CUDA_CPU_STORE(name) \
    template <class T> \
    __forceinline__ void name(T* address, T value) { \
        *address = value; \
    }
CUDA_CPU_LOAD(__ldg)
CUDA_CPU_LOAD(__ldca)
CUDA_CPU_LOAD(__ldcg)
CUDA_CPU_LOAD(__ldcs)
CUDA_CPU_LOAD(__ldlu)
CUDA_CPU_LOAD(__ldcv)
CUDA_CPU_STORE(__stcg)
CUDA_CPU_STORE(__stcs)
CUDA_CPU_STORE(__stwb)
CUDA_CPU_STORE(__stwt)
#undef CUDA_CPU_LOAD
#undef CUDA_CPU_STORE
