// threadIdx and its kin, barriers, fences and clocks.
#pragma once

#include <cstdint>

#include "cuda_cpu/vector_types.h"

namespace cuda_cpu {
// The same for the whole life of a thread of a kernel: the compiler may call them once.
__attribute__((const)) uint3 thread_index() noexcept;
__attribute__((const)) uint3 block_index() noexcept;
__attribute__((const)) uint3 block_size() noexcept;
__attribute__((const)) uint3 grid_size() noexcept;
__attribute__((const)) unsigned int lane_index() noexcept;
enum class Barrier : int { plain, count, all, any };
int barrier(Barrier kind, int predicate);
void fence(int scope);
[[noreturn]] void trap();
void pause();
long long clock_ticks();
extern __thread unsigned char dynamic_shared[] __attribute__((aligned(128)));
}  // namespace cuda_cpu

#define threadIdx (::cuda_cpu::thread_index())
#define blockIdx (::cuda_cpu::block_index())
#define blockDim (::cuda_cpu::block_size())
#define gridDim (::cuda_cpu::grid_size())
inline constexpr int warpSize = 32;

__forceinline__ void __syncthreads() { ::cuda_cpu::barrier(::cuda_cpu::Barrier::plain, 0); }
__forceinline__ int __syncthreads_count(int p) { return ::cuda_cpu::barrier(::cuda_cpu::Barrier::count, p != 0); }
__forceinline__ int __syncthreads_and(int p) { return ::cuda_cpu::barrier(::cuda_cpu::Barrier::all, p != 0); }
__forceinline__ int __syncthreads_or(int p) { return ::cuda_cpu::barrier(::cuda_cpu::Barrier::any, p != 0); }
__forceinline__ void __threadfence_block() { ::cuda_cpu::fence(0); }
__forceinline__ void __threadfence() { ::cuda_cpu::fence(1); }
__forceinline__ void __threadfence_system() { ::cuda_cpu::fence(2); }
__forceinline__ void __trap() { ::cuda_cpu::trap(); }
__forceinline__ void __nanosleep(unsigned int) { ::cuda_cpu::pause(); }
__forceinline__ long long clock64() { return ::cuda_cpu::clock_ticks(); }
