// Every access of a kernel comes here, from the entry points that `-fsanitize=thread` calls.
#include <cstring>
#include <deque>

#include "../memory.h"
#include "../shared.h"
#include "../trace.h"
#include "findings.h"
#include "profile.h"
#include "requests.h"
#include "shadow.h"
#include "symbols.h"

extern "C" {
extern char __executable_start, end;
__attribute__((weak)) extern char __start_cuda_constant, __stop_cuda_constant;
}

namespace cuda_cpu::trace {
namespace {
SharedRegion region{nullptr, 0};
Shadow* shared_shadow;
uintptr_t body_low, body_bytes;

// A write over a write of the same moment is harmless when both write the same: known once it has happened.
struct {
    Found found;
    uintptr_t address = 0;
    unsigned int size = 0;
    unsigned char before[16];
} doubtful;

void settle_doubt() {
    if (doubtful.address == 0) return;
    const bool same = memcmp(reinterpret_cast<const void*>(doubtful.address), doubtful.before, doubtful.size) == 0;
    doubtful.found.what = same ? "race_same_value" : "race";
    doubtful.address = 0;
    report_found(doubtful.found);
}

Found found_at(const char* what, Place place, uint8_t access, unsigned int size) {
    Found found;
    found.what = what;
    found.place = place;
    found.access = access_word(access);
    found.size = size;
    return found;
}

void tell_clash(const Clash& clash, Found found, uintptr_t address, uint8_t access) {
    found.other = clash.with.place;
    found.other_access = clash.conflict == Conflict::after_read ? "read" : clash.with.atomic ? "atomic" : "write";
    found.other_thread = clash.with.thread;
    found.other_block = clash.with.block;
    if (clash.conflict == Conflict::after_write && access == is_write && !clash.with.atomic && found.size <= 16) {
        doubtful.found = found;
        doubtful.address = address;
        doubtful.size = found.size;
        memcpy(doubtful.before, reinterpret_cast<const void*>(address), found.size);
        return;
    }
    report_found(found);
}

// Races and missing values in [address, address + size).
void check_cells(Shadow& shadow, uintptr_t address, unsigned int size, uint8_t access, bool global, Found found) {
    Stamp now = stamp_now(found.place, (access & is_atomic) != 0 || (global && (access & is_volatile) != 0));
    bool clashed = false, missing = false;
    for (uintptr_t at = address; at < address + size;) {
        const size_t number = (at - shadow.low) / 4;
        const unsigned int first = at & 3;
        const unsigned int bytes = static_cast<unsigned int>(std::min<uintptr_t>(4 - first, address + size - at));
        now.bytes = ((1u << bytes) - 1) << first;
        uint8_t& valid = shadow.valid[number];
        if ((access & is_write) == 0 || (access & is_atomic) != 0) missing |= (valid & now.bytes) != now.bytes;
        if ((access & is_write) != 0) valid |= static_cast<uint8_t>(now.bytes);
        const Clash clash = enter(shadow.cell[number], now, access, global);
        if (clash.conflict != Conflict::none && !clashed) {
            clashed = true;
            Found race = found;
            race.what = "race";
            tell_clash(clash, race, address, access);
        }
        at += bytes;
    }
    if (missing) {
        found.what = "uninitialised";
        report_found(found);
    }
}

void shared_access(uintptr_t address, unsigned int size, uint8_t access, Place place) {
    Found found = found_at("out_of_bounds", place, access, size);
    found.space = "shared";
    const auto dynamic = reinterpret_cast<uintptr_t>(&dynamic_shared[0]);
    if (address - dynamic < max_dynamic_shared) {
        found.offset = static_cast<long long>(address - dynamic);
        found.extent = block.dynamic_bytes;
        found.name = "dynamic";
        if (address + size > dynamic + block.dynamic_bytes) return report_found(found);
    } else if (symbols_known()) {
        const Variable* variable = shared_variable(address);
        if (variable == nullptr) return report_found(found);
        found.name = variable->name;
        found.offset = static_cast<long long>(address - variable->low);
        found.extent = variable->bytes;
        if (address + size > variable->low + variable->bytes) return report_found(found);
        used_shared(variable->low, variable->bytes);
    }
    check_cells(*shared_shadow, address, size, access, false, found);
    request(place, address, size, true, (access & is_write) != 0);
}

void global_access(uintptr_t address, unsigned int size, uint8_t access, Place place) {
    const Allocation* one = allocation_at(address);
    Found found = found_at("out_of_bounds", place, access, size);
    found.space = "global";
    if (one == nullptr) {  // Between allocations: tell how far past the one before, or before the next.
        for (uintptr_t step = 1; step <= 16 && one == nullptr; ++step) one = allocation_at(address - step * page);
    }
    if (one == nullptr) return report_found(found);
    found.offset = static_cast<long long>(address - one->low);
    found.extent = one->bytes;
    found.made = place_of(one->place);
    if (one->freed) found.what = "use_after_free";
    if (one->freed || address < one->low || address + size > one->low + one->bytes) return report_found(found);
    count_bytes((access & is_write) == 0 || (access & is_atomic) != 0 ? size : 0, (access & is_write) != 0 ? size : 0);
    if (one->shadow != nullptr) check_cells(*static_cast<Shadow*>(one->shadow), address, size, access, true, found);
    request(place, address, size, false, (access & is_write) != 0);
}

// Variables of the program: constant memory and __device__ variables.
void variable_access(uintptr_t address, unsigned int size, uint8_t access, Place place) {
    const auto low = reinterpret_cast<uintptr_t>(&__start_cuda_constant);
    const bool constant = address >= low && address < reinterpret_cast<uintptr_t>(&__stop_cuda_constant);
    Found found = found_at("constant_written", place, access, size);
    found.space = constant ? "constant" : "global";
    if (constant && (access & is_write) != 0) return report_found(found);
    const Variable* variable = global_variable(address);
    if (variable == nullptr) return;
    found.name = variable->name;
    found.offset = static_cast<long long>(address - variable->low);
    found.extent = variable->bytes;
    found.what = "out_of_bounds";
    const bool within = address + size <= variable->low + variable->bytes;
    const bool near = address < variable->low + variable->bytes + 256;
    if (!within && ((access & is_write) != 0 || constant || near)) return report_found(found);
    if (constant || !within) return;
    count_bytes((access & is_write) == 0 ? size : 0, (access & is_write) != 0 ? size : 0);
    request(place, address, size, false, (access & is_write) != 0);
}

void other_access(uintptr_t address, unsigned int size, uint8_t access, Place place) {
    if (address - body_low < body_bytes) return;
    if (address >= reinterpret_cast<uintptr_t>(&__executable_start) && address < reinterpret_cast<uintptr_t>(&end)) {
        return variable_access(address, size, access, place);
    }
    Found found = found_at("host_memory", place, access, size);
    const uintptr_t first_stack = current->stack_low - stack_bytes * current->number;
    if (address - first_stack < stack_bytes * max_threads) found.what = "foreign_local";
    if (address < page) found.what = "null_pointer";
    report_found(found);
}

inline void on_access(const void* pointer, unsigned int size, uint8_t access, const void* caller, bool aligned) {
    if (current == nullptr) return;
    const auto address = reinterpret_cast<uintptr_t>(pointer);
    if (address - current->stack_low < stack_bytes) return;
    settle_doubt();
    const Place place = place_of(caller);
    if (aligned && address % size != 0) report_found(found_at("misaligned", place, access, size));
    if (address - reinterpret_cast<uintptr_t>(region.low) < region.bytes) {
        shared_access(address, size, access, place);
    } else if (device_arena.holds(address) || mapped_arena.holds(address)) {
        global_access(address, size, access, place);
    } else {
        other_access(address, size, access, place);
    }
}
}  // namespace

void access_launch(const Launch& launch) {
    const SharedRegion now = shared_region();
    if (region.low == nullptr) {
        region = now;
        read_symbols(reinterpret_cast<uintptr_t>(region.low));
        shared_shadow = make_shadow(reinterpret_cast<uintptr_t>(region.low), region.bytes);
    }
    body_low = reinterpret_cast<uintptr_t>(launch.body);
    body_bytes = launch.body->bytes();
    clocks_launch();
}

void access_block() {
    settle_doubt();
    const auto low = reinterpret_cast<uintptr_t>(region.low);
    const auto dynamic = reinterpret_cast<uintptr_t>(&dynamic_shared[0]);
    const size_t first = (dynamic - low) / 4;
    const size_t after = (dynamic + max_dynamic_shared - low) / 4;
    memset(shared_shadow->valid, 0, first + (block.dynamic_bytes + 3) / 4);
    memset(shared_shadow->valid + after, 0, shared_shadow->cells - after);
    clocks_block();
}

void access_settle() { settle_doubt(); }

void atomic(const void* address, unsigned int size, const void* place) {
    if (current == nullptr) return;
    on_access(address, size, is_write | is_atomic, place, true);
    clocks_atomic(reinterpret_cast<uintptr_t>(address));
}

void wrote(const void* address, size_t bytes) {
    const Allocation* one = allocation_at(reinterpret_cast<uintptr_t>(address));
    if (one != nullptr && one->shadow != nullptr) {
        set_valid(*static_cast<Shadow*>(one->shadow), reinterpret_cast<uintptr_t>(address), bytes);
    }
}

void allocated(const void* address, size_t bytes, const void*) {
    const auto low = reinterpret_cast<uintptr_t>(address);
    Allocation* one = allocation_at(low);
    one->shadow = make_shadow(low, bytes);
    // The host writes managed and pinned memory without telling anybody.
    if (one->space != Space::device && one->shadow != nullptr) wrote(address, bytes);
}
}  // namespace cuda_cpu::trace

using cuda_cpu::trace::is_read;
using cuda_cpu::trace::is_volatile;
using cuda_cpu::trace::is_write;

namespace {
// A whole vector is one access, as a device would load it; anything else goes word by word.
void on_range(const void* address, size_t bytes, unsigned int kind, const void* place) {
    const bool vector = bytes == 1 || bytes == 2 || bytes == 4 || bytes == 8 || bytes == 16;
    if (vector && reinterpret_cast<uintptr_t>(address) % bytes == 0) {
        cuda_cpu::trace::on_access(address, static_cast<unsigned>(bytes), kind, place, true);
        return;
    }
    for (size_t at = 0; at < bytes; at += 4) {
        const unsigned int part = bytes - at < 4 ? static_cast<unsigned>(bytes - at) : 4;
        cuda_cpu::trace::on_access(static_cast<const char*>(address) + at, part, kind, place, false);
    }
}
}  // namespace

#define CUDA_CPU_ENTRY(size) \
    void __tsan_read##size(void* a) { cuda_cpu::trace::on_access(a, size, is_read, __builtin_return_address(0), true); } \
    void __tsan_write##size(void* a) { cuda_cpu::trace::on_access(a, size, is_write, __builtin_return_address(0), true); } \
    void __tsan_unaligned_read##size(void* a) { \
        cuda_cpu::trace::on_access(a, size, is_read, __builtin_return_address(0), false); \
    } \
    void __tsan_unaligned_write##size(void* a) { \
        cuda_cpu::trace::on_access(a, size, is_write, __builtin_return_address(0), false); \
    } \
    void __tsan_volatile_read##size(void* a) { \
        cuda_cpu::trace::on_access(a, size, is_read | is_volatile, __builtin_return_address(0), true); \
    } \
    void __tsan_volatile_write##size(void* a) { \
        cuda_cpu::trace::on_access(a, size, is_write | is_volatile, __builtin_return_address(0), true); \
    }

extern "C" {
CUDA_CPU_ENTRY(1)
CUDA_CPU_ENTRY(2)
CUDA_CPU_ENTRY(4)
CUDA_CPU_ENTRY(8)
CUDA_CPU_ENTRY(16)

void __tsan_read_range(void* a, size_t bytes) { on_range(a, bytes, is_read, __builtin_return_address(0)); }
void __tsan_write_range(void* a, size_t bytes) { on_range(a, bytes, is_write, __builtin_return_address(0)); }
void __tsan_init() {}
void __tsan_func_entry(void*) {}
void __tsan_func_exit() {}
void __tsan_vptr_update(void**, void*) {}
void __tsan_vptr_read(void**) {}

// Where memcpy, memmove and memset of traced code lead; see cuda_runtime.h.
void* cuda_cpu_memcpy(void* to, const void* from, size_t bytes) {
    on_range(from, bytes, is_read, __builtin_return_address(0));
    on_range(to, bytes, is_write, __builtin_return_address(0));
    return memcpy(to, from, bytes);
}
void* cuda_cpu_memmove(void* to, const void* from, size_t bytes) {
    on_range(from, bytes, is_read, __builtin_return_address(0));
    on_range(to, bytes, is_write, __builtin_return_address(0));
    return memmove(to, from, bytes);
}
void* cuda_cpu_memset(void* to, int value, size_t bytes) {
    on_range(to, bytes, is_write, __builtin_return_address(0));
    return memset(to, value, bytes);
}
}
