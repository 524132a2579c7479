// What is remembered of every four bytes of memory: who wrote them last and who read them.
#pragma once

#include <cstdint>

#include "../scheduler.h"

namespace cuda_cpu::trace {
enum Access : uint8_t { is_read = 0, is_write = 1, is_atomic = 2, is_volatile = 4 };

// Distance of a return address from the program's beginning.
using Place = uint32_t;
Place place_of(const void* address);

struct Stamp {
    Place place;
    uint32_t block;
    uint32_t epoch : 20;  // Barriers that the block had passed.
    uint32_t clock : 12;  // __syncwarp that the lane had passed since.
    uint32_t thread : 10;
    uint32_t bytes : 4;  // Which of the four.
    uint32_t atomic : 1;
    uint32_t fences : 8;  // __threadfence of the block by then.
    uint32_t launch : 9;  // 0: never.
};
static_assert(sizeof(Stamp) == 16);

struct Cell {
    Stamp write;
    Stamp read;
    Stamp other;  // Of another warp than `read` where there is one, else of another thread.
};

// Shadow of one piece of memory: cells, and for each a mask of the bytes that hold a value.
struct Shadow {
    uintptr_t low;
    size_t cells;
    Cell* cell;
    uint8_t* valid;
};
Shadow* make_shadow(uintptr_t low, size_t bytes);
void drop_shadow(Shadow* shadow);
void set_valid(Shadow& shadow, uintptr_t address, size_t bytes);

enum class Conflict { none, after_write, after_read };
struct Clash {
    Conflict conflict;
    Stamp with;
};

// Enters an access to one cell and says with what it clashes. Blocks share a cell only in global memory.
Clash enter(Cell& cell, const Stamp& now, uint8_t access, bool global);
Stamp stamp_now(Place place, bool atomic);

void clocks_launch();
void clocks_block();
void clocks_barrier();
void clocks_lanes(const Warp& warp, unsigned int lanes);
void clocks_fence();
// An atomic operation on global memory: hands on what was fenced before it, and takes over what others handed on.
void clocks_atomic(uintptr_t address);
}  // namespace cuda_cpu::trace
