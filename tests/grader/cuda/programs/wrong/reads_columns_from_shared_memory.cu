__global__ void transpose(const float* x, float* y) {
    __shared__ float tile[32][32];
    tile[threadIdx.y][threadIdx.x] = x[threadIdx.y * 32 + threadIdx.x];
    __syncthreads();
    y[threadIdx.y * 32 + threadIdx.x] = tile[threadIdx.x][threadIdx.y];  // finds: bank_conflict (warning)
}

int main() {
    float *x, *y;
    cudaMalloc(&x, 32 * 32 * sizeof(float));
    cudaMalloc(&y, 32 * 32 * sizeof(float));
    cudaMemset(x, 0, 32 * 32 * sizeof(float));
    transpose<<<1, dim3(32, 32)>>>(x, y);
    cudaDeviceSynchronize();
}
