__device__ unsigned int done = 0;

__global__ void sum(const int* x, int* part, int* y) {
    __shared__ bool last;
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    part[i] = 2 * x[i];
    __syncthreads();
    if (threadIdx.x == 0) {
        __threadfence();
        last = atomicInc(&done, gridDim.x - 1) == gridDim.x - 1;
    }
    __syncthreads();
    if (last && threadIdx.x == 0) {
        int total = 0;
        for (int k = 0; k < 128; ++k) total += part[k];
        *y = total;
    }
}

int main() {
    int *x, *part, *y;
    cudaMalloc(&x, 128 * sizeof(int));
    cudaMalloc(&part, 128 * sizeof(int));
    cudaMalloc(&y, sizeof(int));
    cudaMemset(x, 0, 128 * sizeof(int));
    sum<<<4, 32>>>(x, part, y);
    int host = 1;
    cudaMemcpy(&host, y, sizeof host, cudaMemcpyDeviceToHost);
    return host;
}
