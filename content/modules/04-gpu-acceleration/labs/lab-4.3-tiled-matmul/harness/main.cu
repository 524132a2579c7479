// Reads one product from standard input, runs the learner's launch() on it, and writes C with its guards to standard
// output. With --serve it is asked again and again instead: the benchmark on a GPU. The learner's file comes last, so
// that no macro of it reaches what is above, and the names here are in a namespace, so that the learner may use them.
#include "llsys_serve_staged.h"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

void launch(const float * A, const float * B, float * C, int M, int N, int K, int lda, int ldb, int ldc,
            cudaStream_t stream);

namespace harness {

using llsys::must;

constexpr size_t GUARD = 64;  // floats on each side of C that nobody may touch
constexpr unsigned char POISON = 0xa5;

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
    must(cudaMalloc(&memory, count * sizeof(T)), "cudaMalloc");
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
    must(cudaMemcpy(da, a.data(), a_count * sizeof(float), cudaMemcpyHostToDevice), "copy of A");
    must(cudaMemcpy(db, b.data(), b_count * sizeof(float), cudaMemcpyHostToDevice), "copy of B");
    must(cudaMemset(dc, POISON, c_count * sizeof(float)), "poisoning C");
    ::launch(da, db, dc + GUARD, s.M, s.N, s.K, s.lda, s.ldb, s.ldc, nullptr);
    must(cudaGetLastError(), "launch");
    must(cudaDeviceSynchronize(), "kernel");
    must(cudaMemcpy(c.data(), dc, c_count * sizeof(float), cudaMemcpyDeviceToHost), "copy of C");
    std::fwrite(c.data(), sizeof(float), c_count, stdout);
    return std::fflush(stdout) == 0 ? 0 : 5;
}

// For the benchmark the values are drawn on the device from a number that is new in every turn, and the products of
// one item are added with weights drawn from it: every element of every product can be seen in the sum.
__global__ void draw_values(float * out, size_t count, unsigned long long seed) {
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
    std::int32_t n, products;  // there from the beginning of a turn
    std::uint64_t seed;  // there when the clock runs
};

Task task_of(const llsys::Item & item) {
    Task task;
    std::memcpy(&task, item.input, sizeof task);
    return task;
}

size_t count_of(const Task & task) {
    return static_cast<size_t>(task.n) * task.n;
}

unsigned long long seed_of(const Task & task, std::int32_t product) {
    return task.seed + 1000003ull * product;
}

// Every product of a turn has memory of its own, and all are drawn before the first is computed. Together they are far
// larger than the L2 cache, so operands come from memory.
class Stages {
public:
    void prepare(const std::vector<llsys::Item> & items) {
        size_t all = 0, largest = 0;
        for (const llsys::Item & item : items) {
            const Task task = task_of(item);
            all += count_of(task) * task.products;
            largest = count_of(task) > largest ? count_of(task) : largest;
        }
        grow(all, largest);
        must(cudaMemset(c_, 0xff, all * sizeof(float)), "poisoning C");
    }

    void draw(const std::vector<llsys::Item> & items) {
        size_t at = 0;
        for (const llsys::Item & item : items) {
            const Task task = task_of(item);
            for (std::int32_t product = 0; product < task.products; ++product, at += count_of(task)) {
                draw_values<<<512, 256>>>(a_ + at, count_of(task), seed_of(task, product));
                draw_values<<<512, 256>>>(b_ + at, count_of(task), seed_of(task, product) ^ 0x5555555555555555ull);
            }
        }
    }

    void launch(const std::vector<llsys::Item> & items) {
        size_t at = 0;
        for (const llsys::Item & item : items) {
            const Task task = task_of(item);
            const int n = task.n;
            for (std::int32_t product = 0; product < task.products; ++product, at += count_of(task)) {
                ::launch(a_ + at, b_ + at, c_ + at, n, n, n, n, n, n, nullptr);
            }
        }
    }

    void collect(const std::vector<llsys::Item> & items) {
        size_t at = 0;
        for (const llsys::Item & item : items) {
            const Task task = task_of(item);
            must(cudaMemset(sum_, 0, count_of(task) * sizeof(float)), "clearing the sum");
            for (std::int32_t product = 0; product < task.products; ++product, at += count_of(task)) {
                const float weight = 0.5f + static_cast<float>(seed_of(task, product) % 97) / 97.0f;
                add_weighted<<<512, 256>>>(sum_, c_ + at, count_of(task), weight);
            }
            must(cudaMemcpy(item.output, sum_, item.output_bytes, cudaMemcpyDeviceToHost), "copy of the sum");
        }
    }

private:
    void grow(size_t all, size_t largest) {
        if (all <= room_ && largest <= largest_) return;
        for (float * memory : {a_, b_, c_, sum_}) must(cudaFree(memory), "cudaFree");
        a_ = on_device<float>(all);
        b_ = on_device<float>(all);
        c_ = on_device<float>(all);
        sum_ = on_device<float>(largest);
        room_ = all;
        largest_ = largest;
    }

    float * a_ = nullptr;
    float * b_ = nullptr;
    float * c_ = nullptr;
    float * sum_ = nullptr;
    size_t room_ = 0, largest_ = 0;
};

}  // namespace harness

int main(int argc, char ** argv) {
    harness::Stages stages;
    return llsys::asked_to_serve(argc, argv) ? llsys::serve_staged(stages) : harness::one_product();
}

#include "sgemm.cu"
