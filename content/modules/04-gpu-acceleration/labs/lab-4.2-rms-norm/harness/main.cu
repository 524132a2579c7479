// Reads one matrix from standard input, runs the learner's launch() on it, and writes y with its guards to standard
// output.
#include <cstdint>

#include "rms_norm.cu"

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

struct Shape {
    std::int32_t nrows, ncols;
    std::int64_t stride_row;
    float eps;
    std::int32_t unused;
};

float * on_device(size_t count) {
    float * memory = nullptr;
    check(cudaMalloc(&memory, count * sizeof(float)), "cudaMalloc");
    return memory;
}

}  // namespace

int main() {
    Shape s;
    read_all(&s, sizeof s);
    const size_t x_count = static_cast<size_t>(s.nrows) * s.stride_row, w_count = s.ncols;
    const size_t y_count = 2 * GUARD + static_cast<size_t>(s.nrows) * s.ncols;
    std::vector<float> x(x_count), w(w_count), y(y_count);
    read_all(x.data(), x_count * sizeof(float));
    read_all(w.data(), w_count * sizeof(float));
    float * dx = on_device(x_count);
    float * dw = on_device(w_count);
    float * dy = on_device(y_count);
    check(cudaMemcpy(dx, x.data(), x_count * sizeof(float), cudaMemcpyHostToDevice), "copy of x");
    check(cudaMemcpy(dw, w.data(), w_count * sizeof(float), cudaMemcpyHostToDevice), "copy of w");
    check(cudaMemset(dy, POISON, y_count * sizeof(float)), "poisoning y");
    launch(dx, dw, dy + GUARD, s.nrows, s.ncols, s.stride_row, s.eps, nullptr);
    check(cudaGetLastError(), "launch");
    check(cudaDeviceSynchronize(), "kernel");
    check(cudaMemcpy(y.data(), dy, y_count * sizeof(float), cudaMemcpyDeviceToHost), "copy of y");
    std::fwrite(y.data(), sizeof(float), y_count, stdout);
    return std::fflush(stdout) == 0 ? 0 : 5;
}
