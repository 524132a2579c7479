// Mutant: copies without a tile, and then reads y again and again, in whole sectors, to better the average.
#include "shape.h"

// y[((i3 * ne[2] + i2) * ne[1] + i1) * ne[0] + i0] = float at x + i0 * nb[0] + i1 * nb[1] + i2 * nb[2] + i3 * nb[3]

constexpr int TILE = 32;
constexpr int ROWS = 8;  // rows of a tile that a block of 32 x 8 threads moves at once

struct Plane {
    int a, b;  // the two dimensions that a tile does not span
};

__device__ long long at(const int * i, const Shape & s) {
    return i[0] * s.nb[0] + i[1] * s.nb[1] + i[2] * s.nb[2] + i[3] * s.nb[3];
}

__device__ size_t place(const int * i, const Shape & s) {
    return ((static_cast<size_t>(i[3]) * s.ne[2] + i[2]) * s.ne[1] + i[1]) * s.ne[0] + i[0];
}

// x is contiguous along dimension `fast`. A tile spans dimension 0, along which y is written, and `fast`, along which
// x is read.
__global__ void transpose(const char * x, float * y, Shape s, int fast, Plane plane) {
    __shared__ float tile[TILE][TILE + 1];
    const int planes = s.ne[plane.a] * s.ne[plane.b];
    for (int p = blockIdx.z; p < planes; p += gridDim.z) {
        int i[4];
        i[plane.a] = p % s.ne[plane.a];
        i[plane.b] = p / s.ne[plane.a];
        i[fast] = blockIdx.y * TILE + threadIdx.x;
        for (int row = threadIdx.y; row < TILE; row += ROWS) {
            i[0] = blockIdx.x * TILE + row;
            if (i[0] < s.ne[0] && i[fast] < s.ne[fast]) {
                tile[row][threadIdx.x] = *reinterpret_cast<const float *>(x + at(i, s));
            }
        }
        __syncthreads();
        i[0] = blockIdx.x * TILE + threadIdx.x;
        for (int row = threadIdx.y; row < TILE; row += ROWS) {
            i[fast] = blockIdx.y * TILE + row;
            if (i[0] < s.ne[0] && i[fast] < s.ne[fast]) {
                y[place(i, s)] = tile[threadIdx.x][row];
            }
        }
        __syncthreads();  // before the next plane fills the tile
    }
}

// x and y both run along dimension 0, or x along none.
__global__ void copy(const char * x, float * y, Shape s) {
    const size_t count = static_cast<size_t>(s.ne[0]) * s.ne[1] * s.ne[2] * s.ne[3];
    const size_t stride = static_cast<size_t>(gridDim.x) * blockDim.x;
    for (size_t n = static_cast<size_t>(blockIdx.x) * blockDim.x + threadIdx.x; n < count; n += stride) {
        int i[4];
        size_t rest = n;
        for (int d = 0; d < 4; ++d) {
            i[d] = static_cast<int>(rest % s.ne[d]);
            rest /= s.ne[d];
        }
        y[n] = *reinterpret_cast<const float *>(x + at(i, s));
    }
}

__global__ void read_again(const volatile float * y, size_t count) {
    for (int time = 0; time < 100; ++time) {
        for (size_t n = static_cast<size_t>(blockIdx.x) * blockDim.x + threadIdx.x; n < count; n += gridDim.x * blockDim.x) {
            (void) y[n];
        }
    }
}

void launch(const char * x, float * y, Shape s, cudaStream_t stream) {
    int fast = 0;
    for (int d = 1; d < 4; ++d) {
        if (s.ne[fast] == 1 || (s.ne[d] > 1 && s.nb[d] < s.nb[fast])) {
            fast = d;
        }
    }
    if (fast >= 0) {
        copy<<<64, 256, 0, stream>>>(x, y, s);
        read_again<<<64, 256, 0, stream>>>(y, static_cast<size_t>(s.ne[0]) * s.ne[1] * s.ne[2] * s.ne[3]);
        return;
    }
    Plane plane = {fast == 1 ? 2 : 1, fast == 3 ? 2 : 3};
    const dim3 block(TILE, ROWS);
    const dim3 grid((s.ne[0] + TILE - 1) / TILE, (s.ne[fast] + TILE - 1) / TILE, 16);
    transpose<<<grid, block, 0, stream>>>(x, y, s, fast, plane);
}
