__global__ void reverse(int* x, int n) {
    extern __shared__ int tile[];
    for (int i = threadIdx.x; i < n; i += blockDim.x) tile[i] = x[i];
    __syncthreads();
    for (int i = threadIdx.x; i < n; i += blockDim.x) x[i] = tile[n - 1 - i];
}

int main() {
    const int n = 20000;
    int* x;
    cudaMallocManaged(&x, n * sizeof(int));
    for (int i = 0; i < n; ++i) x[i] = i;
    if (cudaFuncSetAttribute(reverse, cudaFuncAttributeMaxDynamicSharedMemorySize, 200 << 10) == cudaSuccess) return 1;
    if (cudaGetLastError() != cudaErrorInvalidValue) return 2;
    cudaFuncSetAttribute(reverse, cudaFuncAttributeMaxDynamicSharedMemorySize, n * sizeof(int));
    reverse<<<1, 256, n * sizeof(int)>>>(x, n);
    if (cudaDeviceSynchronize() != cudaSuccess) return 3;
    return x[0] == n - 1 && x[n - 1] == 0 ? 0 : 4;
}
