__global__ void fill(float* y) {
    extern __shared__ float tile[];
    tile[threadIdx.x] = 1.0f;  // finds: out_of_bounds
    __syncthreads();
    if (threadIdx.x < 16) y[threadIdx.x] = tile[threadIdx.x];
}

int main() {
    float* y;
    cudaMalloc(&y, 32 * sizeof(float));
    fill<<<1, 32, 31 * sizeof(float)>>>(y);
    cudaDeviceSynchronize();
}
