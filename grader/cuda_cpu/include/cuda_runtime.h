// CUDA's runtime header for g++: everything that nvcc includes by itself.
#pragma once

#ifdef CUDA_CPU_TRACE
// Copies inside a kernel are accesses like any other. These names lead to functions that tell the trace first.
extern "C" {
void* memcpy(void* to, const void* from, __SIZE_TYPE__ bytes) noexcept __asm__("cuda_cpu_memcpy");
void* memmove(void* to, const void* from, __SIZE_TYPE__ bytes) noexcept __asm__("cuda_cpu_memmove");
void* memset(void* to, int value, __SIZE_TYPE__ bytes) noexcept __asm__("cuda_cpu_memset");
}
#endif

#include <climits>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "cuda_cpu/atomics.h"
#include "cuda_cpu/builtins.h"
#include "cuda_cpu/intrinsics.h"
#include "cuda_cpu/launch.h"
#include "cuda_cpu/runtime_api.h"
#include "cuda_cpu/vector_types.h"
#include "cuda_cpu/warp.h"
