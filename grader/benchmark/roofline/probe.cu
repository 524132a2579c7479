// What one GPU can do at all: bytes copied, single-precision multiply-adds, and products of half-precision matrices on
// its matrix units, many short samples of each by the device's events.
// Prints one JSON object of lists, in GB/s (read and written together) and GFLOP/s.
#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cuda_fp16.h>
#include <mma.h>

constexpr int samples = 25, threads = 256, chains = 8, tiles = 4;
constexpr float sample_milliseconds = 2;

static void must(cudaError_t error, const char* what) {
    if (error == cudaSuccess) return;
    std::fprintf(stderr, "%s: %s\n", what, cudaGetErrorString(error));
    std::exit(1);
}

// Back and forth. Nothing waits between two passes, because all values are the same.
__global__ void copy(float4* from, float4* to, size_t count, int passes) {
    const size_t stride = static_cast<size_t>(gridDim.x) * blockDim.x;
    const size_t first = static_cast<size_t>(blockIdx.x) * blockDim.x + threadIdx.x;
    for (int pass = 0; pass < passes; ++pass) {
        size_t i = first;
        for (; i + 3 * stride < count; i += 4 * stride) {
            const float4 a = from[i], b = from[i + stride], c = from[i + 2 * stride], d = from[i + 3 * stride];
            to[i] = a;
            to[i + stride] = b;
            to[i + 2 * stride] = c;
            to[i + 3 * stride] = d;
        }
        for (; i < count; i += stride) to[i] = from[i];
        float4* const other = from;
        from = to;
        to = other;
    }
}

// Independent chains hide the latency of an operation. The result is stored where it cannot be: it must be computed.
__global__ void multiply_add(float* out, float factor, float term, int steps) {
    float sum[chains];
    for (int i = 0; i < chains; ++i) sum[i] = static_cast<float>(threadIdx.x + i);
#pragma unroll 8
    for (int step = 0; step < steps; ++step) {
#pragma unroll
        for (int i = 0; i < chains; ++i) sum[i] = fmaf(sum[i], factor, term);
    }
    float total = 0;
    for (int i = 0; i < chains; ++i) total += sum[i];
    if (total == 12345.678f) out[blockIdx.x] = total;
}

__global__ void multiply_matrices(float* out, float value, int steps) {
    using namespace nvcuda::wmma;
    fragment<matrix_a, 16, 16, 16, half, row_major> a;
    fragment<matrix_b, 16, 16, 16, half, col_major> b;
    fragment<accumulator, 16, 16, 16, float> sum[tiles];
    fill_fragment(a, __float2half(value));
    fill_fragment(b, __float2half(value));
    for (int i = 0; i < tiles; ++i) fill_fragment(sum[i], static_cast<float>(i));
#pragma unroll 4
    for (int step = 0; step < steps; ++step) {
#pragma unroll
        for (int i = 0; i < tiles; ++i) mma_sync(sum[i], a, b, sum[i]);
    }
    float total = 0;
    for (int i = 0; i < tiles; ++i) {
        for (int j = 0; j < sum[i].num_elements; ++j) total += sum[i].x[j];
    }
    if (total == 12345.678f) out[blockIdx.x] = total;
}

// `work` of one step is done by `launch(steps)`; the steps of a sample are as many as make it long enough.
template <class Launch>
static void print(const char* name, const char* end, double work, Launch launch) {
    cudaEvent_t begun, ended;
    must(cudaEventCreate(&begun), name);
    must(cudaEventCreate(&ended), name);
    const auto milliseconds = [&](int steps) {
        float time = 0;
        must(cudaEventRecord(begun), name);
        launch(steps);
        must(cudaGetLastError(), name);
        must(cudaEventRecord(ended), name);
        must(cudaEventSynchronize(ended), name);
        must(cudaEventElapsedTime(&time, begun, ended), name);
        return std::max(time, 1e-3f);
    };
    int steps = 1;
    milliseconds(steps);  // once for nothing: pages and clocks settle
    while (milliseconds(steps) < sample_milliseconds && steps < 1 << 24) steps *= 2;
    std::printf("\"%s\": [", name);
    for (int i = 0; i < samples; ++i) {
        std::printf("%s%.4f", i ? ", " : "", work * steps / milliseconds(steps) / 1e6);
    }
    std::printf("]%s\n", end);
}

int main() {
    int device = 0, l2 = 0, processors = 0, held = 0;
    must(cudaGetDevice(&device), "cudaGetDevice");
    must(cudaDeviceGetAttribute(&l2, cudaDevAttrL2CacheSize, device), "size of the L2 cache");
    must(cudaDeviceGetAttribute(&processors, cudaDevAttrMultiProcessorCount, device), "multiprocessors");
    must(cudaDeviceGetAttribute(&held, cudaDevAttrMaxThreadsPerMultiProcessor, device), "threads of a multiprocessor");
    const size_t far = std::max<size_t>(4 * static_cast<size_t>(l2), 64 << 20);  // each buffer
    const size_t near = std::max<size_t>(static_cast<size_t>(l2) / 8, 64 << 10);
    char *from = nullptr, *to = nullptr;
    must(cudaMalloc(&from, far), "memory");
    must(cudaMalloc(&to, far), "memory");
    must(cudaMemset(from, 1, far), "memory");
    must(cudaMemset(to, 1, far), "memory");
    const int blocks = processors * (held / threads);
    const auto copying = [&](size_t bytes) {
        return [=](int passes) {
            copy<<<blocks, threads>>>(reinterpret_cast<float4*>(from), reinterpret_cast<float4*>(to),
                                      bytes / sizeof(float4), passes);
        };
    };
    float* out = reinterpret_cast<float*>(to);
    const double everybody = static_cast<double>(blocks) * threads;
    std::printf("{\n");
    print("copy_far", ",", 2.0 * static_cast<double>(far), copying(far));
    print("copy_near", ",", 2.0 * static_cast<double>(near), copying(near));
    print("arithmetic", ",", 2.0 * chains * everybody,
          [=](int steps) { multiply_add<<<blocks, threads>>>(out, 0.999999f, 1e-6f, steps); });
    print("matrix", "", 2.0 * 16 * 16 * 16 * tiles * everybody / 32,
          [=](int steps) { multiply_matrices<<<blocks, threads>>>(out, 0.001f, steps); });
    std::printf("}\n");
}
