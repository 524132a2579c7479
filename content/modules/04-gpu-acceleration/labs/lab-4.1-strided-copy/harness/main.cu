// Reads one tensor from standard input, runs the learner's launch() on it, and writes y with its guards to standard
// output.
#include "shape.h"

#include "cont.cu"

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

namespace {

constexpr size_t GUARD = 64;  // floats on each side of y that nobody may touch
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

struct Header {
    std::int32_t ne[4];
    std::int64_t nb[4];
    std::int64_t offset, bytes;
};

char * on_device(size_t bytes) {
    char * memory = nullptr;
    check(cudaMalloc(&memory, bytes), "cudaMalloc");
    return memory;
}

}  // namespace

int main() {
    Header h;
    read_all(&h, sizeof h);
    Shape s;
    size_t count = 1;
    for (int i = 0; i < 4; ++i) {
        s.ne[i] = h.ne[i];
        s.nb[i] = h.nb[i];
        count *= h.ne[i];
    }
    std::vector<char> x(h.bytes);
    std::vector<float> y(2 * GUARD + count);
    read_all(x.data(), x.size());
    char * dx = on_device(x.size());
    float * dy = reinterpret_cast<float *>(on_device(y.size() * sizeof(float)));
    check(cudaMemcpy(dx, x.data(), x.size(), cudaMemcpyHostToDevice), "copy of x");
    check(cudaMemset(dy, POISON, y.size() * sizeof(float)), "poisoning y");
    launch(dx + h.offset, dy + GUARD, s, nullptr);
    check(cudaGetLastError(), "launch");
    check(cudaDeviceSynchronize(), "kernel");
    check(cudaMemcpy(y.data(), dy, y.size() * sizeof(float), cudaMemcpyDeviceToHost), "copy of y");
    std::fwrite(y.data(), sizeof(float), y.size(), stdout);
    return std::fflush(stdout) == 0 ? 0 : 5;
}
