// Device, managed and pinned memory, in ranges of addresses of their own.
#pragma once

#include <cstddef>
#include <cstdint>

#include "cuda_cpu/driver_types.h"

namespace cuda_cpu {
enum class Space : uint8_t { host, device, managed, pinned };

struct Allocation {
    uintptr_t low;
    size_t bytes;
    uintptr_t pages;  // What was mapped for it.
    size_t page_bytes;
    Space space;
    bool freed;
    const void* place;  // Return address of the call that made it.
    void* shadow;       // What the traced build knows of its bytes.
};

constexpr size_t device_bytes = size_t{16} << 30;
constexpr size_t arena_bytes = size_t{64} << 30;
constexpr size_t page = 4096;

struct Arena {
    uintptr_t low = 0;
    uintptr_t next = 0;
    uint32_t* owner = nullptr;  // Page -> number of its allocation plus one.
    bool holds(uintptr_t address) const { return low != 0 && address - low < arena_bytes; }
};
extern Arena device_arena;
extern Arena mapped_arena;  // Managed and pinned memory: host and device may touch it.

// The allocation that owns the page of an address, living or freed; null for a page between allocations.
Allocation* allocation_at(uintptr_t address);
Space space_of(const void* address);
// Whether [address, address + bytes) lies in one living allocation.
bool inside(const void* address, size_t bytes);
// Device memory can be touched while it is open: by kernels and copies, never by the host's own code.
void open_device_memory();
void close_device_memory();
size_t device_bytes_used();
cudaError_t free_memory(void* pointer, bool pinned);
void release_all();
void catch_faults();
}  // namespace cuda_cpu
