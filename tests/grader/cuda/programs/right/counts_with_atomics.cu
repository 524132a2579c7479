__global__ void histogram(const unsigned char* x, int n, int* bins) {
    __shared__ int own[16];
    if (threadIdx.x < 16) own[threadIdx.x] = 0;
    __syncthreads();
    for (int i = blockIdx.x * blockDim.x + threadIdx.x; i < n; i += gridDim.x * blockDim.x) atomicAdd(&own[x[i] % 16], 1);
    __syncthreads();
    if (threadIdx.x < 16) atomicAdd(&bins[threadIdx.x], own[threadIdx.x]);
}

int main() {
    unsigned char* x;
    int* bins;
    cudaMalloc(&x, 1000);
    cudaMalloc(&bins, 16 * sizeof(int));
    cudaMemset(x, 5, 1000);
    cudaMemset(bins, 0, 16 * sizeof(int));
    histogram<<<3, 64>>>(x, 1000, bins);
    int host[16];
    cudaMemcpy(host, bins, sizeof host, cudaMemcpyDeviceToHost);
    return host[5] == 1000 && host[4] == 0 ? 0 : 1;
}
