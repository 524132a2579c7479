#include <vector>

__global__ void twice(const int* x, int* y) {
    y[threadIdx.x] = 2 * x[threadIdx.x];  // finds: out_of_bounds
}

int main() {
    std::vector<int> x(32, 1);
    int* y;
    cudaMalloc(&y, 32 * sizeof(int));
    twice<<<1, 32>>>(x.data(), y);
    cudaDeviceSynchronize();
}
