__global__ void fill(float* y) {
    __shared__ float tile[32];
    tile[threadIdx.x + 1] = 1.0f;  // finds: out_of_bounds
    __syncthreads();
    if (threadIdx.x > 0) y[threadIdx.x] = tile[threadIdx.x];
}

int main() {
    float* y;
    cudaMalloc(&y, 32 * sizeof(float));
    fill<<<1, 32>>>(y);
    cudaDeviceSynchronize();
}
