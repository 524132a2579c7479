// Copies, fills and the launch itself: what is put into streams.
#include <cstdio>
#include <cstring>
#include <map>
#include <memory>
#include <string>

#include "memory.h"
#include "scheduler.h"
#include "streams.h"
#include "trace.h"

namespace cuda_cpu {
namespace {
auto& allowed_shared = *new std::map<const void*, size_t>;
size_t most_allowed_shared = max_static_shared;

// Whether memory of this kind may stand where the direction of a copy says that the device's (or host's) memory is.
bool fits(const void* address, size_t bytes, bool device_side, bool any) {
    const auto at = reinterpret_cast<uintptr_t>(address);
    const bool managed_here = device_arena.holds(at) || mapped_arena.holds(at);
    if (managed_here && !inside(address, bytes)) return false;
    const Space space = space_of(address);
    if (any) return true;
    return device_side ? space != Space::host : space != Space::device;
}

cudaError_t check_copy(const void* to, const void* from, size_t bytes, cudaMemcpyKind kind, const void* place) {
    if (to == nullptr || from == nullptr) return remember(cudaErrorInvalidValue);
    const bool any = kind == cudaMemcpyDefault;
    if (kind < cudaMemcpyHostToHost || kind > cudaMemcpyDefault) return remember(cudaErrorInvalidMemcpyDirection);
    const bool to_device = kind == cudaMemcpyHostToDevice || kind == cudaMemcpyDeviceToDevice;
    const bool from_device = kind == cudaMemcpyDeviceToHost || kind == cudaMemcpyDeviceToDevice;
    if (fits(to, bytes, to_device, any) && fits(from, bytes, from_device, any)) return cudaSuccess;
    trace::fault("bad_copy", place, nullptr, 1, to);
    return remember(cudaErrorInvalidValue);
}

void copy_now(void* to, const void* from, size_t bytes) {
    memmove(to, from, bytes);
    trace::wrote(to, bytes);
}

void fill_now(void* to, int value, size_t bytes) {
    memset(to, value, bytes);
    trace::wrote(to, bytes);
}

cudaError_t check_launch(const Configuration& where, const void* function) {
    const dim3 &grid = where.grid, &size = where.block;
    const auto threads = static_cast<uint64_t>(size.x) * size.y * size.z;
    if (size.x > 1024 || size.y > 1024 || size.z > 64 || threads == 0 || threads > max_threads || grid.x == 0 ||
        grid.y == 0 || grid.z == 0 || grid.x > 0x7fffffffu || grid.y > 65535 || grid.z > 65535) {
        return cudaErrorInvalidConfiguration;
    }
    size_t allowed = max_static_shared;
    if (function == nullptr) {
        allowed = most_allowed_shared;
    } else if (const auto found = allowed_shared.find(function); found != allowed_shared.end()) {
        allowed = found->second;
    }
    return where.shared > allowed ? cudaErrorInvalidValue : cudaSuccess;
}

void tell_failure(const Launch& launch, cudaError_t error) {
    fprintf(stderr, "%s<<<(%u, %u, %u), (%u, %u, %u)>>> failed in block (%u, %u, %u): %s\n", launch.name,
            launch.where.grid.x, launch.where.grid.y, launch.where.grid.z, launch.where.block.x, launch.where.block.y,
            launch.where.block.z, block.index.x, block.index.y, block.index.z, cudaGetErrorString(error));
}
}  // namespace

cudaError_t submit(const Configuration& where, const char* name, const void* function, Body* body) {
    const std::shared_ptr<Body> kept(body);
    const void* place = __builtin_return_address(0);
    if (const cudaError_t error = broken(); error != cudaSuccess) return error;
    if (const cudaError_t error = check_launch(where, function); error != cudaSuccess) {
        trace::fault(error == cudaErrorInvalidValue ? "bad_shared_size" : "bad_configuration", place, nullptr, 1);
        return remember(error);
    }
    const Launch launch{where, name, function, body, place};
    enqueue(
        where.stream,
        [launch, kept] {
            const cudaError_t error = run_grid(launch);
            if (error == cudaSuccess) return;
            tell_failure(launch, error);
            break_device(error);
        },
        place, true);
    return cudaSuccess;
}

cudaError_t allow_shared(const void* function, cudaFuncAttribute attribute, int value) {
    if (attribute == cudaFuncAttributePreferredSharedMemoryCarveout) return broken();
    if (value < 0 || static_cast<size_t>(value) > max_dynamic_shared) return remember(cudaErrorInvalidValue);
    const auto bytes = static_cast<size_t>(value);
    allowed_shared[function] = bytes;
    if (bytes > most_allowed_shared) most_allowed_shared = bytes;
    return broken();
}

cudaError_t copy_symbol(void* to, const void* from, size_t bytes, bool to_symbol, size_t symbol_bytes, size_t offset) {
    if (offset > symbol_bytes || bytes > symbol_bytes - offset) return remember(cudaErrorInvalidValue);
    finish_all();
    if (const cudaError_t error = broken(); error != cudaSuccess) return error;
    if (!fits(to_symbol ? from : to, bytes, false, true)) return remember(cudaErrorInvalidValue);
    open_device_memory();
    copy_now(to, from, bytes);
    close_device_memory();
    return cudaSuccess;
}
}  // namespace cuda_cpu

using namespace cuda_cpu;

cudaError_t cudaMemcpy(void* to, const void* from, size_t bytes, cudaMemcpyKind kind) {
    if (bytes == 0) return broken();
    if (const cudaError_t error = check_copy(to, from, bytes, kind, __builtin_return_address(0)); error != cudaSuccess) {
        return error;
    }
    enqueue(nullptr, [=] { copy_now(to, from, bytes); });
    finish_stream(nullptr);
    return after_waiting();
}

cudaError_t cudaMemcpyAsync(void* to, const void* from, size_t bytes, cudaMemcpyKind kind, cudaStream_t stream) {
    if (bytes == 0) return broken();
    if (const cudaError_t error = check_copy(to, from, bytes, kind, __builtin_return_address(0)); error != cudaSuccess) {
        return error;
    }
    if (space_of(from) == Space::host) {  // Pageable: the call returns when the source has been read.
        auto staged = std::make_shared<std::string>(static_cast<const char*>(from), bytes);
        enqueue(stream, [=] { copy_now(to, staged->data(), bytes); });
        return broken();
    }
    enqueue(stream, [=] { copy_now(to, from, bytes); });
    if (space_of(to) == Space::host) finish_stream(stream);  // Pageable: the call returns when it is done.
    return broken();
}

cudaError_t cudaMemcpy2D(
    void* to, size_t to_pitch, const void* from, size_t from_pitch, size_t width, size_t height, cudaMemcpyKind kind) {
    if (width == 0 || height == 0) return broken();
    if (width > to_pitch || width > from_pitch) return remember(cudaErrorInvalidValue);
    const void* place = __builtin_return_address(0);
    for (size_t row : {size_t{0}, height - 1}) {
        char* target = static_cast<char*>(to) + row * to_pitch;
        const char* source = static_cast<const char*>(from) + row * from_pitch;
        if (const cudaError_t error = check_copy(target, source, width, kind, place); error != cudaSuccess) return error;
    }
    enqueue(nullptr, [=] {
        for (size_t row = 0; row < height; ++row) {
            copy_now(static_cast<char*>(to) + row * to_pitch, static_cast<const char*>(from) + row * from_pitch, width);
        }
    });
    finish_stream(nullptr);
    return after_waiting();
}

cudaError_t cudaMemsetAsync(void* to, int value, size_t bytes, cudaStream_t stream) {
    if (bytes == 0) return broken();
    if (!inside(to, bytes)) {
        trace::fault("bad_copy", __builtin_return_address(0), nullptr, 1, to);
        return remember(cudaErrorInvalidValue);
    }
    enqueue(stream, [=] { fill_now(to, value, bytes); });
    return broken();
}

cudaError_t cudaMemset(void* to, int value, size_t bytes) { return cudaMemsetAsync(to, value, bytes, nullptr); }

cudaError_t cudaMallocPitch(void** pointer, size_t* pitch, size_t width, size_t height) {
    *pitch = (width + 511) / 512 * 512;
    return allocate(pointer, *pitch * height);
}

cudaError_t cudaFree(void* pointer) {
    finish_all();
    if (const cudaError_t error = broken(); error != cudaSuccess) return error;
    return free_memory(pointer, false);
}
cudaError_t cudaFreeHost(void* pointer) {
    finish_all();
    if (const cudaError_t error = broken(); error != cudaSuccess) return error;
    return free_memory(pointer, true);
}
cudaError_t cudaFreeAsync(void* pointer, cudaStream_t stream) {
    enqueue(stream, [=] { free_memory(pointer, false); });
    return broken();
}
