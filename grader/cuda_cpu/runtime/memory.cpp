#include "memory.h"

#include <sys/mman.h>

#include <cstring>
#include <deque>

#include "cuda_cpu/runtime_api.h"
#include "streams.h"
#include "trace.h"

namespace cuda_cpu {
Arena device_arena;
Arena mapped_arena;

namespace {
// Never destroyed: what ends with the program looks at it last. Addresses of its elements stay.
auto& allocations = *new std::deque<Allocation>;
size_t used = 0;
bool open = false;

void* reserve(size_t bytes) {
    void* low = mmap(nullptr, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return low == MAP_FAILED ? nullptr : low;
}

bool prepare(Arena& arena) {
    if (arena.low != 0) return true;
    const size_t table = arena_bytes / page * sizeof(uint32_t);
    void* low = reserve(arena_bytes);
    void* owner = mmap(nullptr, table, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (low == nullptr || owner == MAP_FAILED) return false;
    arena.owner = static_cast<uint32_t*>(owner);
    arena.low = reinterpret_cast<uintptr_t>(low);
    arena.next = arena.low + page;
    return true;
}

// The block ends where an untouchable page begins, as far as CUDA's alignment of 256 bytes allows.
cudaError_t take(Arena& arena, void** pointer, size_t bytes, Space space, const void* place) {
    if (pointer == nullptr) return remember(cudaErrorInvalidValue);
    if (const cudaError_t sticky = broken(); sticky != cudaSuccess) return sticky;
    *pointer = nullptr;
    if (bytes == 0) return cudaSuccess;
    const size_t rounded = (bytes + 255) / 256 * 256;
    const size_t pages = (rounded + page - 1) / page * page;
    if (bytes > device_bytes || used + pages > device_bytes || !prepare(arena) ||
        arena.next + pages + page > arena.low + arena_bytes) {
        return remember(cudaErrorMemoryAllocation);
    }
    const uintptr_t first = arena.next;
    if (mprotect(reinterpret_cast<void*>(first), pages, PROT_READ | PROT_WRITE) != 0) {
        return remember(cudaErrorMemoryAllocation);
    }
    const uintptr_t low = first + pages - rounded;
    // Fresh memory holds anything at all on a device; here it is not a number in any floating-point type.
    if (pages <= size_t{256} << 20) memset(reinterpret_cast<void*>(low), 0xff, bytes);
    if (space == Space::device && !open) mprotect(reinterpret_cast<void*>(first), pages, PROT_NONE);
    arena.next = first + pages + page;
    used += pages;
    allocations.push_back({low, bytes, first, pages, space, false, place, nullptr});
    for (size_t i = 0; i < pages / page; ++i) {
        arena.owner[(first - arena.low) / page + i] = static_cast<uint32_t>(allocations.size());
    }
    *pointer = reinterpret_cast<void*>(low);
    trace::allocated(*pointer, bytes, place);
    return cudaSuccess;
}

void protect_device(int rights) {
    for (const Allocation& one : allocations) {
        if (one.space != Space::device || one.freed) continue;
        mprotect(reinterpret_cast<void*>(one.pages), one.page_bytes, rights);
    }
}
}  // namespace

Allocation* allocation_at(uintptr_t address) {
    const Arena& arena = device_arena.holds(address) ? device_arena : mapped_arena;
    if (arena.low == 0 || !arena.holds(address)) return nullptr;
    const uint32_t number = arena.owner[(address - arena.low) / page];
    return number == 0 ? nullptr : &allocations[number - 1];
}

Space space_of(const void* address) {
    const Allocation* one = allocation_at(reinterpret_cast<uintptr_t>(address));
    return one == nullptr || one->freed ? Space::host : one->space;
}

bool inside(const void* address, size_t bytes) {
    const auto at = reinterpret_cast<uintptr_t>(address);
    const Allocation* one = allocation_at(at);
    return one != nullptr && !one->freed && at >= one->low && bytes <= one->bytes && at - one->low <= one->bytes - bytes;
}

void open_device_memory() {
    if (!open) protect_device(PROT_READ | PROT_WRITE);
    open = true;
}

void close_device_memory() {
    if (open) protect_device(PROT_NONE);
    open = false;
}

size_t device_bytes_used() { return used; }

cudaError_t free_memory(void* pointer, bool pinned) {
    if (pointer == nullptr) return cudaSuccess;
    Allocation* one = allocation_at(reinterpret_cast<uintptr_t>(pointer));
    if (one == nullptr || one->freed || one->low != reinterpret_cast<uintptr_t>(pointer) ||
        (one->space == Space::pinned) != pinned) {
        return remember(cudaErrorInvalidValue);
    }
    one->freed = true;
    used -= one->page_bytes;
    madvise(reinterpret_cast<void*>(one->pages), one->page_bytes, MADV_DONTNEED);
    mprotect(reinterpret_cast<void*>(one->pages), one->page_bytes, PROT_NONE);
    return cudaSuccess;
}

void release_all() {
    for (const Allocation& one : allocations) {
        if (!one.freed) free_memory(reinterpret_cast<void*>(one.low), one.space == Space::pinned);
    }
}

cudaError_t allocate(void** pointer, size_t bytes) {
    return take(device_arena, pointer, bytes, Space::device, __builtin_return_address(0));
}
cudaError_t allocate_managed(void** pointer, size_t bytes) {
    return take(mapped_arena, pointer, bytes, Space::managed, __builtin_return_address(0));
}
cudaError_t allocate_pinned(void** pointer, size_t bytes) {
    return take(mapped_arena, pointer, bytes, Space::pinned, __builtin_return_address(0));
}
}  // namespace cuda_cpu
