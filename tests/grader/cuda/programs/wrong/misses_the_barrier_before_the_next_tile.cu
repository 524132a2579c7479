__global__ void shift(float* y) {
    __shared__ float tile[64];
    float sum = 0.0f;
    for (int step = 0; step < 3; ++step) {
        tile[threadIdx.x] = step;  // finds: race
        __syncthreads();
        sum += tile[(threadIdx.x + 32) % 64];  // finds: race
    }
    y[threadIdx.x] = sum;
}

int main() {
    float* y;
    cudaMalloc(&y, 64 * sizeof(float));
    shift<<<1, 64>>>(y);
    cudaDeviceSynchronize();
}
