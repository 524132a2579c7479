// The runtime API: the calls below work on the emulator, any other is unknown to the compiler.
#pragma once

#include "cuda_cpu/driver_types.h"
#include "cuda_cpu/vector_types.h"

namespace cuda_cpu {
cudaError_t allocate(void** pointer, size_t bytes);
cudaError_t allocate_managed(void** pointer, size_t bytes);
cudaError_t allocate_pinned(void** pointer, size_t bytes);
cudaError_t allow_shared(const void* function, cudaFuncAttribute attribute, int value);
}  // namespace cuda_cpu

const char* cudaGetErrorString(cudaError_t error);
const char* cudaGetErrorName(cudaError_t error);
cudaError_t cudaGetLastError();
cudaError_t cudaPeekAtLastError();

template <class T>
__forceinline__ cudaError_t cudaMalloc(T** pointer, size_t bytes) {
    return cuda_cpu::allocate(reinterpret_cast<void**>(pointer), bytes);
}
template <class T>
__forceinline__ cudaError_t cudaMallocAsync(T** pointer, size_t bytes, cudaStream_t) {
    return cuda_cpu::allocate(reinterpret_cast<void**>(pointer), bytes);
}
template <class T>
__forceinline__ cudaError_t cudaMallocManaged(T** pointer, size_t bytes, unsigned int = cudaMemAttachGlobal) {
    return cuda_cpu::allocate_managed(reinterpret_cast<void**>(pointer), bytes);
}
template <class T>
__forceinline__ cudaError_t cudaMallocHost(T** pointer, size_t bytes, unsigned int = 0) {
    return cuda_cpu::allocate_pinned(reinterpret_cast<void**>(pointer), bytes);
}
template <class T>
__forceinline__ cudaError_t cudaHostAlloc(T** pointer, size_t bytes, unsigned int) {
    return cuda_cpu::allocate_pinned(reinterpret_cast<void**>(pointer), bytes);
}
cudaError_t cudaMallocPitch(void** pointer, size_t* pitch, size_t width, size_t height);
template <class T>
cudaError_t cudaMallocPitch(T** pointer, size_t* pitch, size_t width, size_t height) {
    return cudaMallocPitch(reinterpret_cast<void**>(pointer), pitch, width, height);
}
cudaError_t cudaFree(void* pointer);
cudaError_t cudaFreeAsync(void* pointer, cudaStream_t stream);
cudaError_t cudaFreeHost(void* pointer);
cudaError_t cudaHostGetDevicePointer(void** device, void* host, unsigned int flags);
cudaError_t cudaMemGetInfo(size_t* free, size_t* total);
cudaError_t cudaPointerGetAttributes(cudaPointerAttributes* attributes, const void* pointer);

cudaError_t cudaMemcpy(void* to, const void* from, size_t bytes, cudaMemcpyKind kind);
cudaError_t cudaMemcpyAsync(void* to, const void* from, size_t bytes, cudaMemcpyKind kind, cudaStream_t stream = nullptr);
cudaError_t cudaMemcpy2D(
    void* to, size_t to_pitch, const void* from, size_t from_pitch, size_t width, size_t height, cudaMemcpyKind kind);
cudaError_t cudaMemset(void* to, int value, size_t bytes);
cudaError_t cudaMemsetAsync(void* to, int value, size_t bytes, cudaStream_t stream = nullptr);
cudaError_t cudaMemPrefetchAsync(const void* pointer, size_t bytes, int device, cudaStream_t stream = nullptr);

namespace cuda_cpu {
cudaError_t copy_symbol(void* to, const void* from, size_t bytes, bool to_symbol, size_t symbol_bytes, size_t offset);
}
template <class T>
cudaError_t cudaMemcpyToSymbol(
    T& symbol, const void* from, size_t bytes, size_t offset = 0, cudaMemcpyKind = cudaMemcpyHostToDevice) {
    return cuda_cpu::copy_symbol(const_cast<char*>(reinterpret_cast<const volatile char*>(&symbol)) + offset, from, bytes,
                                 true, sizeof symbol, offset);
}
template <class T>
cudaError_t cudaMemcpyFromSymbol(
    void* to, T& symbol, size_t bytes, size_t offset = 0, cudaMemcpyKind = cudaMemcpyDeviceToHost) {
    return cuda_cpu::copy_symbol(to, const_cast<char*>(reinterpret_cast<const volatile char*>(&symbol)) + offset, bytes,
                                 false, sizeof symbol, offset);
}
template <class T>
cudaError_t cudaGetSymbolAddress(void** pointer, T& symbol) {
    *pointer = const_cast<char*>(reinterpret_cast<const volatile char*>(&symbol));
    return cudaSuccess;
}

cudaError_t cudaStreamCreate(cudaStream_t* stream);
cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned int flags);
cudaError_t cudaStreamCreateWithPriority(cudaStream_t* stream, unsigned int flags, int priority);
cudaError_t cudaStreamDestroy(cudaStream_t stream);
cudaError_t cudaStreamSynchronize(cudaStream_t stream);
cudaError_t cudaStreamQuery(cudaStream_t stream);
cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned int flags = 0);
cudaError_t cudaLaunchHostFunc(cudaStream_t stream, cudaHostFn_t function, void* argument);
cudaError_t cudaEventCreate(cudaEvent_t* event);
cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned int flags);
cudaError_t cudaEventCreate(cudaEvent_t* event, unsigned int flags);
cudaError_t cudaEventDestroy(cudaEvent_t event);
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream = nullptr);
cudaError_t cudaEventSynchronize(cudaEvent_t event);
cudaError_t cudaEventQuery(cudaEvent_t event);
cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t start, cudaEvent_t end);

cudaError_t cudaDeviceSynchronize();
cudaError_t cudaDeviceReset();
cudaError_t cudaGetDeviceCount(int* count);
cudaError_t cudaGetDevice(int* device);
cudaError_t cudaSetDevice(int device);
cudaError_t cudaSetDeviceFlags(unsigned int flags);
cudaError_t cudaGetDeviceProperties(cudaDeviceProp* properties, int device);
cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr attribute, int device);
cudaError_t cudaDriverGetVersion(int* version);
cudaError_t cudaRuntimeGetVersion(int* version);
cudaError_t cudaProfilerStart();
cudaError_t cudaProfilerStop();

template <class R, class... P>
cudaError_t cudaFuncSetAttribute(R (*function)(P...), cudaFuncAttribute attribute, int value) {
    return cuda_cpu::allow_shared(reinterpret_cast<const void*>(function), attribute, value);
}
inline cudaError_t cudaFuncSetAttribute(const void* function, cudaFuncAttribute attribute, int value) {
    return cuda_cpu::allow_shared(function, attribute, value);
}
template <class F>
cudaError_t cudaFuncSetCacheConfig(F*, cudaFuncCache) {
    return cudaSuccess;
}
template <class... A>
cudaError_t cudaLaunchCooperativeKernel(A...) {
    static_assert(sizeof...(A) < 0, "grid-wide synchronisation: the emulator runs the blocks of a grid one after another");
    return cudaErrorNotSupported;
}
