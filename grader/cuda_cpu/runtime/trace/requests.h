// Memory instructions of whole warps: the n-th time each lane comes by one place is one request.
#pragma once

#include <cstdint>

#include "shadow.h"

namespace cuda_cpu::trace {
struct Traffic {
    uint64_t requests = 0;
    uint64_t sectors = 0;
    uint64_t ideal_sectors = 0;
    uint64_t shared_requests = 0;
    uint64_t shared_passes = 0;
    void add(const Traffic& other);
};

struct Site {
    Place place;
    bool shared;
    bool writes;
    unsigned int size;
    Traffic traffic;
};

void request(Place place, uintptr_t address, unsigned int size, bool shared, bool writes);
// Counts what is pending; afterwards each lane starts from its first time again.
void count_warp(unsigned int warp);
void count_block();
// Since the last call, over all sites.
Traffic take_traffic();
unsigned int site_count();
const Site& site(unsigned int number);
}  // namespace cuda_cpu::trace
