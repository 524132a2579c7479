#include "scheduler.h"

#include <sys/mman.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "shared.h"
#include "trace.h"

extern "C" void cuda_cpu_switch(void** save, void* load);

namespace cuda_cpu {
Block block;
Thread* current = nullptr;

namespace {
void* host_stack;
char* stacks;
unsigned int stacks_made = 0;

// Threads that can go on, first come first served.
uint16_t ready[max_threads];
unsigned int ready_first, ready_count;

void make_stacks(unsigned int wanted) {
    const size_t whole = stack_bytes * max_threads;
    if (stacks == nullptr) {
        stacks = static_cast<char*>(mmap(nullptr, whole, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
        if (stacks == MAP_FAILED) {
            fputs("No memory for the stacks of a block.\n", stderr);
            _exit(1);
        }
    }
    const size_t guard = static_cast<size_t>(sysconf(_SC_PAGESIZE));
    for (; stacks_made < wanted; ++stacks_made) {
        char* low = stacks + stack_bytes * stacks_made;
        if (mprotect(low + guard, stack_bytes - guard, PROT_READ | PROT_WRITE) != 0) {
            fputs("No memory for the stacks of a block.\n", stderr);
            _exit(1);
        }
    }
}

Thread* next_ready() {
    if (ready_count == 0) return nullptr;
    Thread* thread = &block.thread[ready[ready_first]];
    ready_first = (ready_first + 1) % max_threads;
    --ready_count;
    return thread;
}

void open_barrier() {
    int result = 0;
    switch (block.barrier_kind) {
        case Barrier::plain: break;
        case Barrier::count: result = static_cast<int>(block.true_votes); break;
        case Barrier::all: result = block.true_votes == block.at_barrier; break;
        case Barrier::any: result = block.true_votes != 0; break;
    }
    const void* place = nullptr;
    const void* other = nullptr;
    for (unsigned int i = 0; i < block.threads; ++i) {
        Thread& thread = block.thread[i];
        if (thread.state != State::at_barrier) continue;
        if (place == nullptr) place = thread.place;
        if (thread.place != place) other = thread.place;
        thread.result = static_cast<uint64_t>(result);
        thread.state = State::ready;
        if (&thread != current) make_ready(thread);
    }
    if (block.at_barrier < block.threads) {
        trace::fault("barrier_after_exit", place, nullptr, block.threads - block.at_barrier);
    } else if (other != nullptr) {
        trace::fault("barrier_elsewhere", place, other, 1);
    }
    block.at_barrier = block.true_votes = 0;
    trace::barrier_passed();
}

void thread_main() {
    block.body->run();
    Thread& thread = *current;
    Warp& warp = *thread.warp;
    thread.state = State::ended;
    warp.ended |= 1u << thread.lane;
    --block.alive;
    if (warp.ended == warp.present) trace::warp_ended(warp);
    if (block.at_barrier != 0 && block.at_barrier == block.alive) open_barrier();
    for (uint32_t rest = warp.waiting; rest != 0; rest &= warp.waiting & (rest - 1)) {
        try_meeting(warp, warp.lanes[__builtin_ctz(rest)].mask);
    }
    switch_away();
    __builtin_unreachable();
}

void begin(unsigned int number) {
    Thread& thread = block.thread[number];
    thread.number = number;
    thread.lane = number % warp_lanes;
    thread.warp = &block.warp[number / warp_lanes];
    thread.index = {number % block.size.x, number / block.size.x % block.size.y, number / (block.size.x * block.size.y)};
    thread.state = State::ready;
    thread.stack_low = reinterpret_cast<uintptr_t>(stacks + stack_bytes * number);
    auto* top = reinterpret_cast<uintptr_t*>(thread.stack_low + stack_bytes);
#if defined(__x86_64__)
    top[-1] = 0;
    top[-2] = reinterpret_cast<uintptr_t>(&thread_main);  // A stack as after a call: 8 past a multiple of 16.
    memset(&top[-8], 0, 6 * sizeof(uintptr_t));
    thread.stack_pointer = &top[-8];
#else
    memset(&top[-20], 0, 20 * sizeof(uintptr_t));
    top[-20 + 11] = reinterpret_cast<uintptr_t>(&thread_main);
    thread.stack_pointer = &top[-20];
#endif
    make_ready(thread);
}

// Lanes asked who is with them, and nobody of the block can go on: those at the same place are together.
bool answer_active_masks() {
    bool any = false;
    for (unsigned int w = 0; w * warp_lanes < block.threads; ++w) {
        Warp& warp = block.warp[w];
        const void* place = nullptr;
        unsigned int together = 0;
        for (unsigned int lane = 0; lane < warp_lanes; ++lane) {
            if ((warp.present >> lane & 1) == 0) continue;
            const Thread& thread = warp.lanes[lane];
            if (thread.state != State::active_mask || (place != nullptr && thread.place != place)) continue;
            place = thread.place;
            together |= 1u << lane;
        }
        for (unsigned int rest = together; rest != 0; rest &= rest - 1) {
            Thread& thread = warp.lanes[__builtin_ctz(rest)];
            thread.result = together;
            thread.state = State::ready;
            make_ready(thread);
            any = true;
        }
    }
    return any;
}

void tell_deadlock() {
    const Thread* first = nullptr;
    const Thread* second = nullptr;
    unsigned int waiting = 0;
    for (unsigned int i = 0; i < block.threads; ++i) {
        const Thread& thread = block.thread[i];
        if (thread.state == State::ended) continue;
        ++waiting;
        if (first == nullptr) first = &thread;
        if (second == nullptr && thread.place != first->place) second = &thread;
    }
    fprintf(stderr,
            "%s: deadlock in block (%u, %u, %u): %u threads wait for each other; thread (%u, %u, %u) waits %s.\n",
            block.kernel, block.index.x, block.index.y, block.index.z, waiting, first->index.x, first->index.y,
            first->index.z, first->state == State::at_barrier ? "at __syncthreads" : "for lanes of its warp");
    trace::fault("deadlock", first->place, second != nullptr ? second->place : nullptr, waiting);
    block.failed = true;
    block.error = cudaErrorLaunchTimeout;
}

void run_block() {
    ready_first = ready_count = 0;
    block.alive = block.threads;
    block.at_barrier = block.true_votes = 0;
    for (unsigned int first = 0; first < block.threads; first += warp_lanes) {
        const unsigned int lanes = block.threads - first < warp_lanes ? block.threads - first : warp_lanes;
        const uint32_t present = lanes == warp_lanes ? 0xffffffffu : (1u << lanes) - 1;
        block.warp[first / warp_lanes] = {&block.thread[first], present, 0, 0};
    }
    for (unsigned int i = 0; i < block.threads; ++i) begin(i);
    for (;;) {
        Thread* thread = next_ready();
        if (thread == nullptr) {
            if (block.alive == 0) break;
            if (answer_active_masks()) continue;
            tell_deadlock();
            break;
        }
        current = thread;
        cuda_cpu_switch(&host_stack, thread->stack_pointer);
        current = nullptr;
        if (block.failed) break;
    }
}
}  // namespace

void make_ready(Thread& thread) { ready[(ready_first + ready_count++) % max_threads] = static_cast<uint16_t>(thread.number); }

void switch_away() {
    Thread* from = current;
    Thread* to = next_ready();
    if (to == from) return;
    current = to;
    cuda_cpu_switch(&from->stack_pointer, to != nullptr ? to->stack_pointer : host_stack);
}

void abandon(cudaError_t error) {
    block.failed = true;
    block.error = error;
    cuda_cpu_switch(&current->stack_pointer, host_stack);
    __builtin_unreachable();
}

cudaError_t run_grid(const Launch& launch) {
    const Configuration& where = launch.where;
    const SharedRegion region = shared_region();
    block.body = launch.body;
    block.kernel = launch.name;
    block.grid = where.grid;
    block.size = where.block;
    block.threads = where.block.x * where.block.y * where.block.z;
    block.dynamic_bytes = where.shared;
    block.failed = false;
    block.error = cudaSuccess;
    block.number = 0;
    make_stacks(block.threads);
    trace::launch_begins(launch);
    for (unsigned int z = 0; z < where.grid.z && !block.failed; ++z) {
        for (unsigned int y = 0; y < where.grid.y && !block.failed; ++y) {
            for (unsigned int x = 0; x < where.grid.x && !block.failed; ++x, ++block.number) {
                block.index = {x, y, z};
                spoil_shared(region, where.shared);
                trace::block_begins();
                run_block();
                trace::block_ends();
            }
        }
    }
    trace::launch_ends();
    return block.error;
}

uint3 thread_index() noexcept { return current->index; }
uint3 block_index() noexcept { return block.index; }
uint3 block_size() noexcept { return block.size; }
uint3 grid_size() noexcept { return block.grid; }
unsigned int lane_index() noexcept { return current->lane; }

int barrier(Barrier kind, int predicate) {
    Thread& thread = *current;
    thread.place = __builtin_return_address(0);
    thread.state = State::at_barrier;
    block.barrier_kind = kind;
    block.true_votes += predicate != 0;
    if (++block.at_barrier == block.alive) {
        open_barrier();
    } else {
        switch_away();
    }
    return static_cast<int>(thread.result);
}

void pause() {
    make_ready(*current);
    switch_away();
}

void fence(int scope) {
    if (scope > 0) trace::fence();
}

void trap() { abandon(cudaErrorLaunchFailure); }
}  // namespace cuda_cpu
