__device__ int done = 0;

__global__ void sum(const int* x, int* part, int* y) {
    part[blockIdx.x] = x[blockIdx.x];
    if (atomicAdd(&done, 1) == 3) {
        int total = 0;
        for (int i = 0; i < 4; ++i) total += part[i];  // finds: race
        *y = total;
    }
}

int main() {
    int *x, *part, *y;
    cudaMalloc(&x, 4 * sizeof(int));
    cudaMalloc(&part, 4 * sizeof(int));
    cudaMalloc(&y, sizeof(int));
    cudaMemset(x, 0, 4 * sizeof(int));
    sum<<<4, 1>>>(x, part, y);
    cudaDeviceSynchronize();
}
