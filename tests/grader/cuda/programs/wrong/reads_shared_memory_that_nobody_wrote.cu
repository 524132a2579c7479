__global__ void sum(float* y) {
    __shared__ float tile[64];
    if (threadIdx.x < 16) tile[threadIdx.x] = 1.0f;
    __syncthreads();
    y[threadIdx.x] = tile[threadIdx.x];  // finds: uninitialised
}

int main() {
    float* y;
    cudaMalloc(&y, 64 * sizeof(float));
    sum<<<1, 64>>>(y);
    cudaDeviceSynchronize();
}
