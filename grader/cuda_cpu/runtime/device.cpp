// The device that programs see: as a kernel finds it on any card since 2020, with the smallest limits among them.
#include <chrono>
#include <cstdio>
#include <cstring>

#include "cuda_cpu/builtins.h"
#include "memory.h"
#include "scheduler.h"
#include "streams.h"
#include "trace.h"

namespace cuda_cpu {
long long clock_ticks() {
    return std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now().time_since_epoch())
        .count();
}
void tell_what_was_left();

namespace {
__attribute__((destructor)) void end() {
    tell_what_was_left();
    trace::write_report();
}

struct Word {
    cudaError_t error;
    const char* name;
    const char* text;
};
constexpr Word words[] = {
    {cudaSuccess, "cudaSuccess", "no error"},
    {cudaErrorInvalidValue, "cudaErrorInvalidValue", "invalid argument"},
    {cudaErrorMemoryAllocation, "cudaErrorMemoryAllocation", "out of memory"},
    {cudaErrorInitializationError, "cudaErrorInitializationError", "initialization error"},
    {cudaErrorInvalidConfiguration, "cudaErrorInvalidConfiguration", "invalid configuration argument"},
    {cudaErrorInvalidSymbol, "cudaErrorInvalidSymbol", "invalid device symbol"},
    {cudaErrorInvalidDevicePointer, "cudaErrorInvalidDevicePointer", "invalid device pointer"},
    {cudaErrorInvalidMemcpyDirection, "cudaErrorInvalidMemcpyDirection", "invalid copy direction for memcpy"},
    {cudaErrorInvalidDeviceFunction, "cudaErrorInvalidDeviceFunction", "invalid device function"},
    {cudaErrorNoDevice, "cudaErrorNoDevice", "no CUDA-capable device is detected"},
    {cudaErrorInvalidDevice, "cudaErrorInvalidDevice", "invalid device ordinal"},
    {cudaErrorInvalidResourceHandle, "cudaErrorInvalidResourceHandle", "invalid resource handle"},
    {cudaErrorNotReady, "cudaErrorNotReady", "device not ready"},
    {cudaErrorIllegalAddress, "cudaErrorIllegalAddress", "an illegal memory access was encountered"},
    {cudaErrorLaunchOutOfResources, "cudaErrorLaunchOutOfResources", "too many resources requested for launch"},
    {cudaErrorLaunchTimeout, "cudaErrorLaunchTimeout", "the launch timed out and was terminated"},
    {cudaErrorAssert, "cudaErrorAssert", "device-side assert triggered"},
    {cudaErrorMisalignedAddress, "cudaErrorMisalignedAddress", "misaligned address"},
    {cudaErrorLaunchFailure, "cudaErrorLaunchFailure", "unspecified launch failure"},
    {cudaErrorNotSupported, "cudaErrorNotSupported", "operation not supported"},
    {cudaErrorUnknown, "cudaErrorUnknown", "unknown error"},
};

const Word* word_for(cudaError_t error) {
    for (const Word& word : words) {
        if (word.error == error) return &word;
    }
    return nullptr;
}
}  // namespace
}  // namespace cuda_cpu

using namespace cuda_cpu;

const char* cudaGetErrorString(cudaError_t error) {
    const Word* word = word_for(error);
    return word == nullptr ? "unrecognized error code" : word->text;
}
const char* cudaGetErrorName(cudaError_t error) {
    const Word* word = word_for(error);
    return word == nullptr ? "unrecognized error code" : word->name;
}

cudaError_t cudaDeviceSynchronize() {
    finish_all();
    return after_waiting();
}
cudaError_t cudaDeviceReset() {
    finish_all();
    mend_device();
    release_all();
    return cudaSuccess;
}
cudaError_t cudaGetDeviceCount(int* count) {
    *count = 1;
    return cudaSuccess;
}
cudaError_t cudaGetDevice(int* device) {
    *device = 0;
    return cudaSuccess;
}
cudaError_t cudaSetDevice(int device) { return device == 0 ? broken() : remember(cudaErrorInvalidDevice); }
cudaError_t cudaSetDeviceFlags(unsigned int) { return broken(); }
cudaError_t cudaProfilerStart() { return cudaSuccess; }
cudaError_t cudaProfilerStop() { return cudaSuccess; }
cudaError_t cudaDriverGetVersion(int* version) {
    *version = 13000;
    return cudaSuccess;
}
cudaError_t cudaRuntimeGetVersion(int* version) { return cudaDriverGetVersion(version); }

cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int device) {
    if (properties == nullptr || device != 0) return remember(cudaErrorInvalidDevice);
    cudaDeviceProp p{};
    snprintf(p.name, sizeof p.name, "CPU emulator (no GPU)");
    p.totalGlobalMem = device_bytes;
    p.sharedMemPerBlock = max_static_shared;
    p.sharedMemPerBlockOptin = max_dynamic_shared;
    p.sharedMemPerMultiprocessor = 100 * 1024;
    p.totalConstMem = 64 * 1024;
    p.regsPerBlock = p.regsPerMultiprocessor = 65536;
    p.warpSize = 32;
    p.maxThreadsPerBlock = 1024;
    p.maxThreadsPerMultiProcessor = 1536;
    p.maxBlocksPerMultiProcessor = 16;
    p.maxThreadsDim[0] = p.maxThreadsDim[1] = 1024;
    p.maxThreadsDim[2] = 64;
    p.maxGridSize[0] = 0x7fffffff;
    p.maxGridSize[1] = p.maxGridSize[2] = 65535;
    p.major = 8;
    p.minor = 6;
    p.multiProcessorCount = 1;
    p.l2CacheSize = 4 << 20;
    p.memoryBusWidth = 64;
    p.unifiedAddressing = p.managedMemory = p.canMapHostMemory = p.concurrentKernels = 1;
    *properties = p;
    return broken();
}

cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr attribute, int device) {
    cudaDeviceProp p;
    if (cudaGetDeviceProperties(&p, device) != cudaSuccess) return cudaErrorInvalidDevice;
    switch (attribute) {
        case cudaDevAttrMaxThreadsPerBlock: *value = p.maxThreadsPerBlock; break;
        case cudaDevAttrMaxBlockDimX: *value = p.maxThreadsDim[0]; break;
        case cudaDevAttrMaxBlockDimY: *value = p.maxThreadsDim[1]; break;
        case cudaDevAttrMaxBlockDimZ: *value = p.maxThreadsDim[2]; break;
        case cudaDevAttrMaxGridDimX: *value = p.maxGridSize[0]; break;
        case cudaDevAttrMaxGridDimY: *value = p.maxGridSize[1]; break;
        case cudaDevAttrMaxGridDimZ: *value = p.maxGridSize[2]; break;
        case cudaDevAttrMaxSharedMemoryPerBlock: *value = static_cast<int>(p.sharedMemPerBlock); break;
        case cudaDevAttrMaxSharedMemoryPerBlockOptin: *value = static_cast<int>(p.sharedMemPerBlockOptin); break;
        case cudaDevAttrWarpSize: *value = p.warpSize; break;
        case cudaDevAttrMultiProcessorCount: *value = p.multiProcessorCount; break;
        case cudaDevAttrL2CacheSize: *value = p.l2CacheSize; break;
        case cudaDevAttrManagedMemory: *value = p.managedMemory; break;
        case cudaDevAttrComputeCapabilityMajor: *value = p.major; break;
        case cudaDevAttrComputeCapabilityMinor: *value = p.minor; break;
        case cudaDevAttrCooperativeLaunch: *value = 0; break;
        default: return remember(cudaErrorInvalidValue);
    }
    return broken();
}

cudaError_t cudaMemGetInfo(size_t* free, size_t* total) {
    *free = device_bytes - device_bytes_used();
    *total = device_bytes;
    return broken();
}
cudaError_t cudaPointerGetAttributes(cudaPointerAttributes* attributes, const void* pointer) {
    constexpr cudaMemoryType types[] = {cudaMemoryTypeUnregistered, cudaMemoryTypeDevice, cudaMemoryTypeManaged,
                                        cudaMemoryTypeHost};
    const Space space = space_of(pointer);
    void* plain = const_cast<void*>(pointer);
    *attributes = {types[static_cast<int>(space)], 0, space == Space::host ? nullptr : plain,
                   space == Space::device ? nullptr : plain};
    return broken();
}
cudaError_t cudaHostGetDevicePointer(void** device, void* host, unsigned int) {
    if (space_of(host) != Space::pinned) return remember(cudaErrorInvalidValue);
    *device = host;
    return broken();
}
cudaError_t cudaMemPrefetchAsync(const void* pointer, size_t bytes, int, cudaStream_t) {
    return inside(pointer, bytes) && space_of(pointer) == Space::managed ? broken() : remember(cudaErrorInvalidValue);
}
