// C = A * B with one thread for each element of C: the traffic that tiling has to beat.
// Usage: kernel_matmul_naive [N]
#include <cmath>
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
// Every thread reads a row of A and a column of B for itself: 2 n loads for each of the n * n elements of C.
__global__ void matmul(const float * a, const float * b, float * c, int n) {
    const int column = blockIdx.x * blockDim.x + threadIdx.x;
    const int row = blockIdx.y * blockDim.y + threadIdx.y;
    if (row >= n || column >= n) {
        return;
    }
    float sum = 0.0f;
    for (int k = 0; k < n; ++k) {
        sum += a[row * n + k] * b[k * n + column];
    }
    c[row * n + column] = sum;
}
// endregion kernel

int main(int argc, char ** argv) {
    const int n = argc > 1 ? std::atoi(argv[1]) : 65;  // one more than two tiles of 32
    const size_t bytes = static_cast<size_t>(n) * n * sizeof(float);
    std::vector<float> a(n * n), b(n * n), c(n * n, NAN);
    for (int i = 0; i < n * n; ++i) {
        a[i] = static_cast<float>(i % 7) - 3.0f;
        b[i] = static_cast<float>(i % 5) - 2.0f;
    }

    float *da = nullptr, *db = nullptr, *dc = nullptr;
    CHECK(cudaMalloc(&da, bytes));
    CHECK(cudaMalloc(&db, bytes));
    CHECK(cudaMalloc(&dc, bytes));
    CHECK(cudaMemcpy(da, a.data(), bytes, cudaMemcpyHostToDevice));
    CHECK(cudaMemcpy(db, b.data(), bytes, cudaMemcpyHostToDevice));
    const dim3 block(32, 8);
    const dim3 grid((n + block.x - 1) / block.x, (n + block.y - 1) / block.y);
    matmul<<<grid, block>>>(da, db, dc, n);
    CHECK(cudaGetLastError());
    CHECK(cudaMemcpy(c.data(), dc, bytes, cudaMemcpyDeviceToHost));
    CHECK(cudaFree(da));
    CHECK(cudaFree(db));
    CHECK(cudaFree(dc));

    int wrong = 0;  // small whole numbers: every sum is exact in float
    for (int row = 0; row < n; ++row) {
        for (int column = 0; column < n; ++column) {
            float sum = 0.0f;
            for (int k = 0; k < n; ++k) {
                sum += a[row * n + k] * b[k * n + column];
            }
            wrong += !(c[row * n + column] == sum);
        }
    }
    const size_t loads = 2 * static_cast<size_t>(n) * n * n * sizeof(float);
    std::printf("%s: n = %d, %d wrong; the threads ask for %zu bytes of A and B, %.0f times what the matrices hold\n",
                wrong ? "FAIL" : "PASS", n, wrong, loads, static_cast<double>(loads) / (2.0 * bytes));
    return wrong ? 1 : 0;
}
