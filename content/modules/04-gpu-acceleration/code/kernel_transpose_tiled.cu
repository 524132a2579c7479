// Transposes a matrix through a padded tile, so that rows are read and rows are written; the naive kernel for contrast.
// Usage: kernel_transpose_tiled [ROWS] [COLUMNS]
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

constexpr int TILE = 32;
constexpr int ROWS_AT_ONCE = 8;  // 256 threads move a tile of 1024 values in four steps

// region naive
// The reads of a warp are contiguous; its 32 writes lie `rows` floats apart and touch 32 sectors.
__global__ void transpose_naive(const float * in, float * out, int rows, int columns) {
    const int column = blockIdx.x * TILE + threadIdx.x;
    for (int step = 0; step < TILE; step += ROWS_AT_ONCE) {
        const int row = blockIdx.y * TILE + threadIdx.y + step;
        if (row < rows && column < columns) {
            out[column * rows + row] = in[row * columns + column];
        }
    }
}
// endregion naive

// region tiled
// One column more than needed: without it the 32 lanes that read a column of the tile would all want the same bank.
__global__ void transpose_tiled(const float * in, float * out, int rows, int columns) {
    __shared__ float tile[TILE][TILE + 1];
    int column = blockIdx.x * TILE + threadIdx.x;
    for (int step = 0; step < TILE; step += ROWS_AT_ONCE) {
        const int row = blockIdx.y * TILE + threadIdx.y + step;
        if (row < rows && column < columns) {
            tile[threadIdx.y + step][threadIdx.x] = in[row * columns + column];
        }
    }
    __syncthreads();
    column = blockIdx.y * TILE + threadIdx.x;  // of the result, which has `rows` columns
    for (int step = 0; step < TILE; step += ROWS_AT_ONCE) {
        const int row = blockIdx.x * TILE + threadIdx.y + step;
        if (row < columns && column < rows) {
            out[row * rows + column] = tile[threadIdx.x][threadIdx.y + step];
        }
    }
}
// endregion tiled

int main(int argc, char ** argv) {
    const int rows = argc > 1 ? std::atoi(argv[1]) : 70;
    const int columns = argc > 2 ? std::atoi(argv[2]) : 45;
    const size_t count = static_cast<size_t>(rows) * columns;
    std::vector<float> in(count), out(count);
    for (size_t i = 0; i < count; ++i) {
        in[i] = static_cast<float>(i);
    }

    float *din = nullptr, *dout = nullptr;
    CHECK(cudaMalloc(&din, count * sizeof(float)));
    CHECK(cudaMalloc(&dout, count * sizeof(float)));
    CHECK(cudaMemcpy(din, in.data(), count * sizeof(float), cudaMemcpyHostToDevice));
    const dim3 block(TILE, ROWS_AT_ONCE);
    const dim3 grid((columns + TILE - 1) / TILE, (rows + TILE - 1) / TILE);
    int wrong = 0;
    for (int kind = 0; kind < 2; ++kind) {
        CHECK(cudaMemset(dout, 0xff, count * sizeof(float)));
        if (kind == 0) {
            transpose_naive<<<grid, block>>>(din, dout, rows, columns);
        } else {
            transpose_tiled<<<grid, block>>>(din, dout, rows, columns);
        }
        CHECK(cudaGetLastError());
        CHECK(cudaMemcpy(out.data(), dout, count * sizeof(float), cudaMemcpyDeviceToHost));
        for (int row = 0; row < rows; ++row) {
            for (int column = 0; column < columns; ++column) {
                wrong += !(out[column * rows + row] == in[row * columns + column]);
            }
        }
    }
    CHECK(cudaFree(din));
    CHECK(cudaFree(dout));
    std::printf("%s: %d x %d, %d wrong; each of the two kernels has to move %zu bytes\n", wrong ? "FAIL" : "PASS", rows,
                columns, wrong, 2 * count * sizeof(float));
    return wrong ? 1 : 0;
}
