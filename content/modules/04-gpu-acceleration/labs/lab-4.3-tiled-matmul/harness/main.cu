// Reads one product from standard input, runs the learner's launch() on it, and writes C with its guards to standard
// output. With --serve it is asked again and again instead: the benchmark on a GPU.
#include "sgemm.cu"

#include "llsys_serve.h"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace {

constexpr size_t GUARD = 64;  // floats on each side of C that nobody may touch
constexpr unsigned char POISON = 0xa5;

void check(cudaError_t error, const char * what) {
    if (error != cudaSuccess) {
        std::fprintf(stderr, "%s: %s\n", what, cudaGetErrorString(error));
        std::exit(4);
    }
}

void read_all(void * to, size_t bytes) {
    if (std::fread(to, 1, bytes, stdin) != bytes) {
        std::fprintf(stderr, "the input is cut short\n");
        std::exit(3);
    }
}

struct Shape {
    std::int32_t M, N, K, lda, ldb, ldc;
};

template <typename T> T * on_device(size_t count) {
    T * memory = nullptr;
    check(cudaMalloc(&memory, count * sizeof(T)), "cudaMalloc");
    return memory;
}

int one_product() {
    Shape s;
    read_all(&s, sizeof s);
    const size_t a_count = static_cast<size_t>(s.M) * s.lda, b_count = static_cast<size_t>(s.N) * s.ldb;
    const size_t c_count = 2 * GUARD + static_cast<size_t>(s.M) * s.ldc;
    std::vector<float> a(a_count), b(b_count), c(c_count);
    read_all(a.data(), a_count * sizeof(float));
    read_all(b.data(), b_count * sizeof(float));
    float * da = on_device<float>(a_count);
    float * db = on_device<float>(b_count);
    float * dc = on_device<float>(c_count);
    check(cudaMemcpy(da, a.data(), a_count * sizeof(float), cudaMemcpyHostToDevice), "copy of A");
    check(cudaMemcpy(db, b.data(), b_count * sizeof(float), cudaMemcpyHostToDevice), "copy of B");
    check(cudaMemset(dc, POISON, c_count * sizeof(float)), "poisoning C");
    launch(da, db, dc + GUARD, s.M, s.N, s.K, s.lda, s.ldb, s.ldc, nullptr);
    check(cudaGetLastError(), "launch");
    check(cudaDeviceSynchronize(), "kernel");
    check(cudaMemcpy(c.data(), dc, c_count * sizeof(float), cudaMemcpyDeviceToHost), "copy of C");
    std::fwrite(c.data(), sizeof(float), c_count, stdout);
    return std::fflush(stdout) == 0 ? 0 : 5;
}

// For the benchmark the values are drawn on the device from a number that is new in every turn, and the products of
// one item are added with weights drawn from it: every element of every product can be seen in the sum.
__global__ void draw(float * out, size_t count, unsigned long long seed) {
    const size_t stride = static_cast<size_t>(gridDim.x) * blockDim.x;
    for (size_t i = static_cast<size_t>(blockIdx.x) * blockDim.x + threadIdx.x; i < count; i += stride) {
        unsigned long long x = seed + (i + 1) * 0x9e3779b97f4a7c15ull;
        x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9ull;
        x = (x ^ (x >> 27)) * 0x94d049bb133111ebull;
        x ^= x >> 31;
        out[i] = static_cast<float>(x >> 40) * (2.0f / 16777216.0f) - 1.0f;
    }
}

__global__ void add_weighted(float * sum, const float * part, size_t count, float weight) {
    const size_t stride = static_cast<size_t>(gridDim.x) * blockDim.x;
    for (size_t i = static_cast<size_t>(blockIdx.x) * blockDim.x + threadIdx.x; i < count; i += stride) {
        sum[i] += weight * part[i];
    }
}

struct Task {
    std::uint64_t seed;
    std::int32_t n, products;
};

int serve() {
    std::vector<float *> memory;
    return llsys::serve([&memory](const llsys::Item & item) {
        Task task;
        std::memcpy(&task, item.input, sizeof task);
        const size_t count = static_cast<size_t>(task.n) * task.n;
        while (memory.size() < 4) {
            memory.push_back(on_device<float>(count));
        }
        float * sum = memory[3];
        check(cudaMemset(sum, 0, count * sizeof(float)), "clearing the sum");
        for (std::int32_t product = 0; product < task.products; ++product) {
            const unsigned long long seed = task.seed + 1000003ull * product;
            draw<<<512, 256>>>(memory[0], count, seed);
            draw<<<512, 256>>>(memory[1], count, seed ^ 0x5555555555555555ull);
            check(cudaMemset(memory[2], 0xff, count * sizeof(float)), "poisoning C");
            launch(memory[0], memory[1], memory[2], task.n, task.n, task.n, task.n, task.n, task.n, nullptr);
            add_weighted<<<512, 256>>>(sum, memory[2], count, 0.5f + static_cast<float>(seed % 97) / 97.0f);
        }
        check(cudaDeviceSynchronize(), "kernels");
        check(cudaMemcpy(item.output, sum, item.output_bytes, cudaMemcpyDeviceToHost), "copy of the sum");
    });
}

}  // namespace

int main(int argc, char ** argv) {
    return llsys::asked_to_serve(argc, argv) ? serve() : one_product();
}
