// Adds two vectors with a grid-stride loop: one launch size for any length, and a tail that needs no special case.
// Usage: kernel_vector_add [N]
#include <cstdio>
#include <cstdlib>
#include <vector>

#define CHECK(call)                                                                            \
    do {                                                                                       \
        cudaError_t error_ = (call);                                                           \
        if (error_ != cudaSuccess) {                                                           \
            std::fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, cudaGetErrorString(error_)); \
            std::exit(1);                                                                      \
        }                                                                                      \
    } while (0)

// region kernel
// Neighbouring threads touch neighbouring floats in every turn of the loop: 32 lanes ask for 128 contiguous bytes,
// which are four 32-byte sectors, the least that a warp can ask for.
__global__ void add(const float * x, const float * y, float * sum, size_t n) {
    const size_t stride = static_cast<size_t>(gridDim.x) * blockDim.x;
    for (size_t i = static_cast<size_t>(blockIdx.x) * blockDim.x + threadIdx.x; i < n; i += stride) {
        sum[i] = x[i] + y[i];
    }
}
// endregion kernel

int main(int argc, char ** argv) {
    const size_t n = argc > 1 ? std::strtoull(argv[1], nullptr, 10) : 10007;  // prime: no block size divides it
    std::vector<float> x(n), y(n), sum(n, -1.0f);
    for (size_t i = 0; i < n; ++i) {
        x[i] = static_cast<float>(i);
        y[i] = 0.5f * static_cast<float>(i % 17);
    }

    float *dx = nullptr, *dy = nullptr, *dsum = nullptr;
    CHECK(cudaMalloc(&dx, n * sizeof(float)));
    CHECK(cudaMalloc(&dy, n * sizeof(float)));
    CHECK(cudaMalloc(&dsum, n * sizeof(float)));
    CHECK(cudaMemcpy(dx, x.data(), n * sizeof(float), cudaMemcpyHostToDevice));
    CHECK(cudaMemcpy(dy, y.data(), n * sizeof(float), cudaMemcpyHostToDevice));

    // region launch
    add<<<16, 256>>>(dx, dy, dsum, n);
    CHECK(cudaGetLastError());  // a launch returns nothing: a bad configuration is only reported here
    CHECK(cudaMemcpy(sum.data(), dsum, n * sizeof(float), cudaMemcpyDeviceToHost));
    // endregion launch

    size_t wrong = 0;
    for (size_t i = 0; i < n; ++i) {
        wrong += sum[i] != x[i] + y[i];
    }
    CHECK(cudaFree(dx));
    CHECK(cudaFree(dy));
    CHECK(cudaFree(dsum));
    std::printf("%s: %zu sums, %zu wrong; the kernel has to move %zu bytes\n", wrong ? "FAIL" : "PASS", n, wrong,
                3 * n * sizeof(float));
    return wrong ? 1 : 0;
}
