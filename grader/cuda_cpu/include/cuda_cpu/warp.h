// Shuffles, votes, matches and reductions: every lane named in the mask meets the others before any goes on.
#pragma once

#include <cstdint>
#include <cstring>

#include "cuda_cpu/builtins.h"

namespace cuda_cpu {
enum class Meeting : int {
    sync, shuffle_index, shuffle_up, shuffle_down, shuffle_xor, ballot, match_any, match_all,
    add, min_signed, max_signed, min_unsigned, max_unsigned, bit_and, bit_or, bit_xor,
};
uint64_t meet(Meeting kind, unsigned int mask, uint64_t value, unsigned int argument, int width);
unsigned int active_mask();

template <class T>
__forceinline__ T shuffle(Meeting kind, unsigned int mask, T value, unsigned int argument, int width) {
    static_assert(sizeof(T) <= 8, "a shuffle moves at most 8 bytes");
    uint64_t bits = 0;
    __builtin_memcpy(&bits, &value, sizeof(T));
    bits = meet(kind, mask, bits, argument, width);
    T result;
    __builtin_memcpy(&result, &bits, sizeof(T));
    return result;
}
}  // namespace cuda_cpu

template <class T>
__forceinline__ T __shfl_sync(unsigned int mask, T value, int lane, int width = 32) {
    return ::cuda_cpu::shuffle(::cuda_cpu::Meeting::shuffle_index, mask, value, static_cast<unsigned int>(lane), width);
}
template <class T>
__forceinline__ T __shfl_up_sync(unsigned int mask, T value, unsigned int delta, int width = 32) {
    return ::cuda_cpu::shuffle(::cuda_cpu::Meeting::shuffle_up, mask, value, delta, width);
}
template <class T>
__forceinline__ T __shfl_down_sync(unsigned int mask, T value, unsigned int delta, int width = 32) {
    return ::cuda_cpu::shuffle(::cuda_cpu::Meeting::shuffle_down, mask, value, delta, width);
}
template <class T>
__forceinline__ T __shfl_xor_sync(unsigned int mask, T value, int bits, int width = 32) {
    return ::cuda_cpu::shuffle(::cuda_cpu::Meeting::shuffle_xor, mask, value, static_cast<unsigned int>(bits), width);
}
__forceinline__ void __syncwarp(unsigned int mask = 0xffffffffu) {
    ::cuda_cpu::meet(::cuda_cpu::Meeting::sync, mask, 0, 0, 32);
}
__forceinline__ unsigned int __ballot_sync(unsigned int mask, int predicate) {
    return static_cast<unsigned int>(::cuda_cpu::meet(::cuda_cpu::Meeting::ballot, mask, predicate != 0, 0, 32));
}
__forceinline__ int __any_sync(unsigned int mask, int predicate) { return __ballot_sync(mask, predicate) != 0; }
__forceinline__ int __all_sync(unsigned int mask, int predicate) { return __ballot_sync(mask, !predicate) == 0; }
__forceinline__ unsigned int __activemask() { return ::cuda_cpu::active_mask(); }
template <class T>
__forceinline__ unsigned int __match_any_sync(unsigned int mask, T value) {
    uint64_t bits = 0;
    __builtin_memcpy(&bits, &value, sizeof(T));
    return static_cast<unsigned int>(::cuda_cpu::meet(::cuda_cpu::Meeting::match_any, mask, bits, 0, 32));
}
template <class T>
__forceinline__ unsigned int __match_all_sync(unsigned int mask, T value, int* all) {
    uint64_t bits = 0;
    __builtin_memcpy(&bits, &value, sizeof(T));
    unsigned int same = static_cast<unsigned int>(::cuda_cpu::meet(::cuda_cpu::Meeting::match_all, mask, bits, 0, 32));
    *all = same != 0;
    return same;
}

#define CUDA_CPU_REDUCE(name, type, kind) \
    __forceinline__ type name(unsigned int mask, type value) { \
        return static_cast<type>(::cuda_cpu::meet(::cuda_cpu::Meeting::kind, mask, static_cast<uint64_t>(value), 0, 32)); \
    }
CUDA_CPU_REDUCE(__reduce_add_sync, unsigned int, add)
CUDA_CPU_REDUCE(__reduce_add_sync, int, add)
CUDA_CPU_REDUCE(__reduce_min_sync, unsigned int, min_unsigned)
CUDA_CPU_REDUCE(__reduce_min_sync, int, min_signed)
CUDA_CPU_REDUCE(__reduce_max_sync, unsigned int, max_unsigned)
CUDA_CPU_REDUCE(__reduce_max_sync, int, max_signed)
CUDA_CPU_REDUCE(__reduce_and_sync, unsigned int, bit_and)
CUDA_CPU_REDUCE(__reduce_or_sync, unsigned int, bit_or)
CUDA_CPU_REDUCE(__reduce_xor_sync, unsigned int, bit_xor)
#undef CUDA_CPU_REDUCE
