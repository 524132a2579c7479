// Atomic operations. Threads of the emulator take turns only where they wait, so that nothing comes in between; the
// runtime is told of each one, because it orders memory and because a thread may be spinning on it.
#pragma once

#include <cstdint>

#include "cuda_cpu/builtins.h"

namespace cuda_cpu {
// Copies the old value out, and may let other threads run before it does so.
void atomic_begin(const void* address, void* old, unsigned int size);
void atomic_end(void* address, const void* fresh, unsigned int size);

template <class T, class F>
__forceinline__ T atomic_update(T* address, F change) {
    T old;
    atomic_begin(address, &old, sizeof(T));
    T fresh = change(old);
    atomic_end(address, &fresh, sizeof(T));
    return old;
}
}  // namespace cuda_cpu

#define CUDA_CPU_ATOMIC(name, type, result) \
    __forceinline__ type name(type* address, type value) { \
        return ::cuda_cpu::atomic_update(address, [value](type old) -> type { (void)old; return result; }); \
    } \
    __forceinline__ type name##_block(type* address, type value) { return name(address, value); } \
    __forceinline__ type name##_system(type* address, type value) { return name(address, value); }

#define CUDA_CPU_WHOLE(type, wide) \
    CUDA_CPU_ATOMIC(atomicAdd, type, static_cast<type>(static_cast<wide>(old) + static_cast<wide>(value))) \
    CUDA_CPU_ATOMIC(atomicExch, type, value) \
    CUDA_CPU_ATOMIC(atomicMin, type, old < value ? old : value) \
    CUDA_CPU_ATOMIC(atomicMax, type, old > value ? old : value) \
    CUDA_CPU_ATOMIC(atomicAnd, type, old & value) \
    CUDA_CPU_ATOMIC(atomicOr, type, old | value) \
    CUDA_CPU_ATOMIC(atomicXor, type, old ^ value)
CUDA_CPU_WHOLE(int, unsigned int)
CUDA_CPU_WHOLE(unsigned int, unsigned int)
CUDA_CPU_WHOLE(unsigned long long, unsigned long long)
#undef CUDA_CPU_WHOLE
CUDA_CPU_ATOMIC(atomicMin, long long, old < value ? old : value)
CUDA_CPU_ATOMIC(atomicMax, long long, old > value ? old : value)
CUDA_CPU_ATOMIC(atomicAnd, long long, old & value)
CUDA_CPU_ATOMIC(atomicOr, long long, old | value)
CUDA_CPU_ATOMIC(atomicXor, long long, old ^ value)
CUDA_CPU_ATOMIC(atomicSub, int, static_cast<int>(static_cast<unsigned int>(old) - static_cast<unsigned int>(value)))
CUDA_CPU_ATOMIC(atomicSub, unsigned int, old - value)
CUDA_CPU_ATOMIC(atomicInc, unsigned int, old >= value ? 0 : old + 1)
CUDA_CPU_ATOMIC(atomicDec, unsigned int, old == 0 || old > value ? value : old - 1)
CUDA_CPU_ATOMIC(atomicAdd, float, old + value)
CUDA_CPU_ATOMIC(atomicAdd, double, old + value)
CUDA_CPU_ATOMIC(atomicExch, float, value)
CUDA_CPU_ATOMIC(atomicAdd, float2, (float2{old.x + value.x, old.y + value.y}))
CUDA_CPU_ATOMIC(atomicAdd, float4, (float4{old.x + value.x, old.y + value.y, old.z + value.z, old.w + value.w}))

#define CUDA_CPU_CAS(type) \
    __forceinline__ type atomicCAS(type* address, type compare, type value) { \
        return ::cuda_cpu::atomic_update(address, [=](type old) -> type { return old == compare ? value : old; }); \
    } \
    __forceinline__ type atomicCAS_block(type* a, type compare, type value) { return atomicCAS(a, compare, value); } \
    __forceinline__ type atomicCAS_system(type* a, type compare, type value) { return atomicCAS(a, compare, value); }
CUDA_CPU_CAS(int)
CUDA_CPU_CAS(unsigned int)
CUDA_CPU_CAS(unsigned long long)
CUDA_CPU_CAS(unsigned short)
#undef CUDA_CPU_CAS
