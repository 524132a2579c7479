// Counts for each kernel, and the hooks of accesses that the profile calls.
#pragma once

#include <cstdint>

#include "../scheduler.h"

namespace cuda_cpu::trace {
void count_bytes(unsigned int read, unsigned int written);
void used_shared(uintptr_t low, size_t bytes);
void access_launch(const Launch& launch);
void access_block();
void access_settle();
}  // namespace cuda_cpu::trace
