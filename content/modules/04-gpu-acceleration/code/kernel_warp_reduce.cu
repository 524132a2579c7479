// Sums every row of a matrix: a shuffle tree inside each warp, shared memory between the warps of a block.
// Usage: kernel_warp_reduce [ROWS] [COLUMNS]
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

constexpr unsigned ALL_LANES = 0xffffffffu;
constexpr int WARP = 32;
constexpr int BLOCK = 256;

// region warp
// Five steps for 32 lanes. With `xor` every lane ends with the sum, and no lane has to be told it.
__device__ float warp_sum(float x) {
    for (int offset = WARP / 2; offset > 0; offset /= 2) {
        x += __shfl_xor_sync(ALL_LANES, x, offset);
    }
    return x;
}
// endregion warp

// region block
__device__ float block_sum(float x) {
    __shared__ float sums[BLOCK / WARP];
    const int lane = threadIdx.x % WARP;
    const int warp = threadIdx.x / WARP;
    x = warp_sum(x);
    if (lane == 0) {
        sums[warp] = x;
    }
    __syncthreads();  // the sums are read by other warps than the ones that wrote them
    x = lane < BLOCK / WARP ? sums[lane] : 0.0f;
    return warp_sum(x);
}
// endregion block

__global__ void row_sums(const float * matrix, float * sums, int columns) {
    const float * row = matrix + static_cast<size_t>(blockIdx.x) * columns;
    float partial = 0.0f;
    for (int column = threadIdx.x; column < columns; column += BLOCK) {
        partial += row[column];
    }
    const float sum = block_sum(partial);
    if (threadIdx.x == 0) {
        sums[blockIdx.x] = sum;
    }
}

int main(int argc, char ** argv) {
    const int rows = argc > 1 ? std::atoi(argv[1]) : 5;
    const int columns = argc > 2 ? std::atoi(argv[2]) : 1000;
    std::vector<float> matrix(static_cast<size_t>(rows) * columns), sums(rows, NAN);
    for (size_t i = 0; i < matrix.size(); ++i) {
        matrix[i] = 1.0f / static_cast<float>(1 + i % 97);
    }

    float *dmatrix = nullptr, *dsums = nullptr;
    CHECK(cudaMalloc(&dmatrix, matrix.size() * sizeof(float)));
    CHECK(cudaMalloc(&dsums, rows * sizeof(float)));
    CHECK(cudaMemcpy(dmatrix, matrix.data(), matrix.size() * sizeof(float), cudaMemcpyHostToDevice));
    row_sums<<<rows, BLOCK>>>(dmatrix, dsums, columns);
    CHECK(cudaGetLastError());
    CHECK(cudaMemcpy(sums.data(), dsums, rows * sizeof(float), cudaMemcpyDeviceToHost));
    CHECK(cudaFree(dmatrix));
    CHECK(cudaFree(dsums));

    // The order of the additions differs from the host's, so the last bits may differ too.
    double worst = 0.0;
    for (int row = 0; row < rows; ++row) {
        double exact = 0.0;
        for (int column = 0; column < columns; ++column) {
            exact += matrix[static_cast<size_t>(row) * columns + column];
        }
        worst = std::fmax(worst, std::fabs(sums[row] - exact) / exact);
    }
    const bool good = worst < 1e-6 * std::sqrt(static_cast<double>(columns));
    std::printf("%s: %d rows of %d, largest relative error %.1e; the kernel has to read %zu bytes\n",
                good ? "PASS" : "FAIL", rows, columns, worst, matrix.size() * sizeof(float));
    return good ? 0 : 1;
}
