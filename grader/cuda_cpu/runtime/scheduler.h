// Threads of a block as fibers of one host thread. A thread runs until it waits or ends; nothing interrupts it.
#pragma once

#include <cstddef>
#include <cstdint>

#include "cuda_cpu/launch.h"
#include "cuda_cpu/warp.h"

namespace cuda_cpu {
constexpr unsigned int warp_lanes = 32;
constexpr unsigned int max_threads = 1024;
constexpr size_t stack_bytes = 128 * 1024;
constexpr size_t max_static_shared = 48 * 1024;
// What every device since compute capability 7.5 lets a kernel opt in to.
constexpr size_t max_dynamic_shared = 99 * 1024;

enum class State : uint8_t { ready, at_barrier, meeting, active_mask, ended };

struct Warp;

struct Thread {
    void* stack_pointer;
    uintptr_t stack_low;
    uint3 index;
    unsigned int number;
    unsigned int lane;
    Warp* warp;
    State state;
    const void* place;  // Return address of the call it waits in.
    Meeting meeting;
    unsigned int mask;
    unsigned int argument;
    int width;
    uint64_t value;
    uint64_t result;
};

struct Warp {
    Thread* lanes;
    uint32_t present;
    uint32_t ended;
    uint32_t waiting;  // In a meeting.
};

struct Block {
    const Body* body;
    dim3 grid, size;
    uint3 index;
    uint64_t number;  // Position of the block in its grid.
    unsigned int threads;
    unsigned int alive;
    unsigned int at_barrier;
    unsigned int true_votes;
    Barrier barrier_kind;
    bool failed;
    cudaError_t error;
    size_t dynamic_bytes;
    const char* kernel;
    Thread thread[max_threads];
    Warp warp[max_threads / warp_lanes];
};

extern Block block;
extern Thread* current;  // Null while the host runs.

struct Launch {
    Configuration where;
    const char* name;
    const void* function;
    Body* body;
    const void* place;
};

// Runs all blocks; gives the error that ended it.
cudaError_t run_grid(const Launch& launch);
// Ends the launch from within a thread of a kernel.
[[noreturn]] void abandon(cudaError_t error);
void make_ready(Thread& thread);
void switch_away();
// Lets a meeting begin whose last lane has just come or ended.
bool try_meeting(Warp& warp, unsigned int mask);
}  // namespace cuda_cpu
