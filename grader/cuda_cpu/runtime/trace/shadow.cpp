// Order between accesses: by barriers of the block, by __syncwarp of lanes, and between blocks by fence and atomic.
#include "shadow.h"

#include <sys/mman.h>

#include <cstring>
#include <unordered_map>
#include <vector>

extern "C" char __executable_start;

namespace cuda_cpu::trace {
namespace {
constexpr uint32_t most_epochs = (1u << 20) - 1;
constexpr uint32_t most_clocks = (1u << 12) - 1;
constexpr uint32_t launches = 511;

uint32_t launch_number = 0;
uint32_t epoch = 0;
uint32_t fences = 0;
bool lost_count = false;  // More barriers than can be told apart: no more races are reported for the block.
// known[t][l]: the newest moment of lane l of its warp that thread t is ordered behind; own[t] its own moment.
uint16_t known[max_threads][warp_lanes];
uint16_t own[max_threads];
bool warps_met = false;

using Released = std::unordered_map<uint32_t, uint32_t>;  // Block -> fences by the time it handed on.
auto& released = *new std::unordered_map<uintptr_t, Released>;
auto& acquired = *new std::vector<const Released*>;

void reset_clocks() {
    if (warps_met) memset(known, 0, sizeof known);
    for (uint16_t& moment : own) moment = 1;
    warps_met = false;
}

bool ordered_between_blocks(const Stamp& before) {
    for (const Released* one : acquired) {
        const auto found = one->find(before.block);
        if (found != one->end() && before.fences < found->second) return true;
    }
    return false;
}

bool ordered(const Stamp& before, const Stamp& now) {
    if (before.block != now.block) return ordered_between_blocks(before);
    if (before.epoch < now.epoch || before.thread == now.thread) return true;
    if (before.thread / warp_lanes != now.thread / warp_lanes) return false;
    return before.clock <= known[now.thread][before.thread % warp_lanes];
}

bool clashes(const Stamp& before, const Stamp& now, bool global) {
    if (before.launch != now.launch || (before.bytes & now.bytes) == 0) return false;
    if (!global && before.block != now.block) return false;
    return !(before.atomic && now.atomic) && !ordered(before, now);
}

bool same_warp(const Stamp& a, const Stamp& b) {
    return a.block == b.block && a.thread / warp_lanes == b.thread / warp_lanes;
}
}  // namespace

Place place_of(const void* address) {
    return static_cast<Place>(reinterpret_cast<uintptr_t>(address) - reinterpret_cast<uintptr_t>(&__executable_start));
}

Shadow* make_shadow(uintptr_t low, size_t bytes) {
    const size_t cells = bytes / 4 + 2;
    void* memory = mmap(nullptr, cells * (sizeof(Cell) + 1), PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) return nullptr;
    auto* cell = static_cast<Cell*>(memory);
    return new Shadow{low & ~uintptr_t{3}, cells, cell, reinterpret_cast<uint8_t*>(cell + cells)};
}

void drop_shadow(Shadow* shadow) {
    munmap(shadow->cell, shadow->cells * (sizeof(Cell) + 1));
    delete shadow;
}

void set_valid(Shadow& shadow, uintptr_t address, size_t bytes) {
    for (uintptr_t at = address; at < address + bytes;) {
        const size_t cell = (at - shadow.low) / 4;
        if ((at & 3) == 0 && address + bytes - at >= 4) {
            const size_t whole = (address + bytes - at) / 4;
            memset(shadow.valid + cell, 15, whole);
            at += whole * 4;
        } else {
            shadow.valid[cell] |= static_cast<uint8_t>(1u << (at & 3));
            ++at;
        }
    }
}

Stamp stamp_now(Place place, bool atomic) {
    Stamp now;
    now.place = place;
    now.block = static_cast<uint32_t>(block.number);
    now.epoch = epoch;
    now.clock = own[current->number];
    now.thread = current->number;
    now.bytes = 0;
    now.atomic = atomic;
    now.fences = fences;
    now.launch = launch_number;
    return now;
}

Clash enter(Cell& cell, const Stamp& now, uint8_t access, bool global) {
    Clash clash{Conflict::none, {}};
    if (cell.write.launch != 0 && clashes(cell.write, now, global)) clash = {Conflict::after_write, cell.write};
    if ((access & is_write) != 0) {
        if (cell.read.launch != 0 && clashes(cell.read, now, global)) {
            clash = {Conflict::after_read, cell.read};
        } else if (cell.other.launch != 0 && clashes(cell.other, now, global)) {
            clash = {Conflict::after_read, cell.other};
        }
        cell.write = now;
    } else {
        const bool mine = cell.read.launch == now.launch && cell.read.block == now.block && cell.read.thread == now.thread;
        if (!mine && cell.read.launch == now.launch && (cell.other.launch != now.launch || !same_warp(cell.read, now))) {
            cell.other = cell.read;
        }
        const uint32_t before = mine && cell.read.epoch == now.epoch ? cell.read.bytes : 0;
        cell.read = now;
        cell.read.bytes |= before;
    }
    if (lost_count) clash.conflict = Conflict::none;
    return clash;
}

void clocks_launch() {
    launch_number = launch_number % launches + 1;
    released.clear();
}

void clocks_block() {
    epoch = fences = 0;
    lost_count = false;
    acquired.clear();
    reset_clocks();
}

void clocks_barrier() {
    if (epoch < most_epochs) {
        ++epoch;
    } else {
        lost_count = true;
    }
    reset_clocks();
}

void clocks_lanes(const Warp& warp, unsigned int lanes) {
    warps_met = true;
    uint16_t newest[warp_lanes] = {};
    for (unsigned int rest = lanes; rest != 0; rest &= rest - 1) {
        const unsigned int thread = warp.lanes[__builtin_ctz(rest)].number;
        known[thread][thread % warp_lanes] = own[thread];
        for (unsigned int i = 0; i < warp_lanes; ++i) {
            if (known[thread][i] > newest[i]) newest[i] = known[thread][i];
        }
    }
    for (unsigned int rest = lanes; rest != 0; rest &= rest - 1) {
        const unsigned int thread = warp.lanes[__builtin_ctz(rest)].number;
        memcpy(known[thread], newest, sizeof newest);
        if (own[thread] < most_clocks) {
            ++own[thread];
        } else {
            lost_count = true;
        }
    }
}

void clocks_fence() {
    if (fences < 255) ++fences;
}

void clocks_atomic(uintptr_t address) {
    const auto found = released.find(address);
    if (fences == 0 && found == released.end()) return;
    Released& here = found != released.end() ? found->second : released[address];
    bool known_already = false;
    for (const Released* one : acquired) known_already |= one == &here;
    if (!known_already && !here.empty()) acquired.push_back(&here);
    if (fences > 0) here[static_cast<uint32_t>(block.number)] = fences;
}
}  // namespace cuda_cpu::trace
