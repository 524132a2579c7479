__global__ void sum(const int* x, int* y) {
    __shared__ int part[128];
    part[threadIdx.x] = x[blockIdx.x * 128 + threadIdx.x];
    __syncthreads();
    for (int d = 64; d > 0; d /= 2) {
        if (threadIdx.x < d) part[threadIdx.x] += part[threadIdx.x + d];
        __syncthreads();
    }
    if (threadIdx.x == 0) y[blockIdx.x] = part[0];
}

int main() {
    int *x, *y;
    cudaMalloc(&x, 512 * sizeof(int));
    cudaMalloc(&y, 4 * sizeof(int));
    cudaMemset(x, 1, 512 * sizeof(int));
    sum<<<4, 128>>>(x, y);
    int host[4];
    cudaMemcpy(host, y, sizeof host, cudaMemcpyDeviceToHost);
    return host[3] == 128 * 0x01010101 ? 0 : 1;
}
