// The block's shared memory: the thread-local storage of the program, which holds nothing else.
#pragma once

#include <cstddef>
#include <cstdint>

namespace cuda_cpu {
struct SharedRegion {
    unsigned char* low;
    size_t bytes;
};
// Of the host thread that asks.
SharedRegion shared_region();
// Leaves what no kernel may rely on: bytes that are not a number in any floating-point type.
void spoil_shared(const SharedRegion& region, size_t dynamic_bytes);
}  // namespace cuda_cpu
