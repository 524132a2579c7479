// What the scheduler and the memory tell the instrumented build. In the plain build it is nothing at all.
#pragma once

#include "scheduler.h"

namespace cuda_cpu::trace {
#ifdef CUDA_CPU_TRACE
void launch_begins(const Launch& launch);
void launch_ends();
void block_begins();
void block_ends();
void barrier_passed();
void lanes_synchronised(const Warp& warp, unsigned int lanes);
void warp_ended(const Warp& warp);
void fence();
void atomic(const void* address, unsigned int size, const void* place);
void wrote(const void* address, size_t bytes);
void allocated(const void* address, size_t bytes, const void* place);
// Something that is wrong by itself; `what` is one of the words that `report.py` knows.
void fault(const char* what, const void* place, const void* other, unsigned int count, const void* address = nullptr);
void write_report();
#else
inline void launch_begins(const Launch&) {}
inline void launch_ends() {}
inline void block_begins() {}
inline void block_ends() {}
inline void barrier_passed() {}
inline void lanes_synchronised(const Warp&, unsigned int) {}
inline void warp_ended(const Warp&) {}
inline void fence() {}
inline void atomic(const void*, unsigned int, const void*) {}
inline void wrote(const void*, size_t) {}
inline void allocated(const void*, size_t, const void*) {}
inline void fault(const char*, const void*, const void*, unsigned int, const void* = nullptr) {}
inline void write_report() {}
#endif
}  // namespace cuda_cpu::trace
