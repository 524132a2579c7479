__global__ void twice(int* x, int n) {
    __shared__ int tile[64];
    if (threadIdx.x >= n) return;
    tile[threadIdx.x] = x[threadIdx.x];
    __syncthreads();  // finds: divergent_barrier
    x[threadIdx.x] = 2 * tile[n - 1 - threadIdx.x];
}

int main() {
    int* x;
    cudaMalloc(&x, 64 * sizeof(int));
    cudaMemset(x, 0, 64 * sizeof(int));
    twice<<<1, 64>>>(x, 40);
    cudaDeviceSynchronize();
}
