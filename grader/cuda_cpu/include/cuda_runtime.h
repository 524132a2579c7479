// CUDA's runtime header for g++: everything that nvcc includes by itself.
#pragma once

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
