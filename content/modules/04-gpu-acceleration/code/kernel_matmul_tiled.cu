// C = A * B through tiles in shared memory: a value is read from global memory once for each block that needs it.
// Usage: kernel_matmul_tiled [N]
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

constexpr int TILE = 16;

// region kernel
__global__ void matmul(const float * a, const float * b, float * c, int n) {
    __shared__ float tile_a[TILE][TILE];
    __shared__ float tile_b[TILE][TILE];
    const int column = blockIdx.x * TILE + threadIdx.x;
    const int row = blockIdx.y * TILE + threadIdx.y;
    float sum = 0.0f;
    for (int start = 0; start < n; start += TILE) {
        // Threads outside the matrix bring zeros. They may not return early: the barriers count on them.
        const int ka = start + threadIdx.x;
        const int kb = start + threadIdx.y;
        tile_a[threadIdx.y][threadIdx.x] = row < n && ka < n ? a[row * n + ka] : 0.0f;
        tile_b[threadIdx.y][threadIdx.x] = kb < n && column < n ? b[kb * n + column] : 0.0f;
        __syncthreads();  // nobody reads a tile that is not complete
        for (int k = 0; k < TILE; ++k) {
            sum += tile_a[threadIdx.y][k] * tile_b[k][threadIdx.x];
        }
        __syncthreads();  // nobody overwrites a tile that is still being read
    }
    if (row < n && column < n) {
        c[row * n + column] = sum;
    }
}
// endregion kernel

int main(int argc, char ** argv) {
    const int n = argc > 1 ? std::atoi(argv[1]) : 65;  // one more than four tiles of 16
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
    const dim3 block(TILE, TILE);
    const dim3 grid((n + TILE - 1) / TILE, (n + TILE - 1) / TILE);
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
    const size_t loads = 2 * static_cast<size_t>(n) * n * grid.x * sizeof(float);
    std::printf("%s: n = %d, %d wrong; the threads ask for %zu bytes of A and B, %.0f times what the matrices hold\n",
                wrong ? "FAIL" : "PASS", n, wrong, loads, static_cast<double>(loads) / (2.0 * bytes));
    return wrong ? 1 : 0;
}
