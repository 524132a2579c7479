// CUDA's words for where a function runs and where a variable lives, as g++ understands them.
#pragma once

#define GRADER_EMU 1
#define __CUDACC__ 1
#define __global__
#define __device__
#define __host__
#define __managed__
#define __grid_constant__
#define __launch_bounds__(...)
#define __maxnreg__(...)
#define __cluster_dims__(...) static_assert(false, "thread block clusters are not available on the emulator")
#define __forceinline__ inline __attribute__((always_inline))
#define __align__(bytes) __attribute__((aligned(bytes)))
// Blocks run one after another on one thread of the host: its thread-local storage is the block's shared memory,
// one instance for each function and template instantiation, found by the runtime as one range of addresses.
#define __shared__ static thread_local
// The translator puts one in front of every shared variable: watched programs keep a gap between two of them.
#ifdef CUDA_CPU_TRACE
#define CUDA_CPU_GUARD(number) static thread_local __attribute__((used)) unsigned char cuda_cpu_guard_##number[128];
#else
#define CUDA_CPU_GUARD(number)
#endif
#define __constant__ __attribute__((section("cuda_constant"), used))
// What the translator makes of inline assembly: an error only where the preprocessor keeps it.
#define CUDA_CPU_NO_PTX(...) \
    static_assert(false, "inline PTX cannot run on the emulator: keep it behind #ifndef GRADER_EMU")
