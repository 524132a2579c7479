__global__ void reverse(float* y) {
    __shared__ float tile[64];
    tile[threadIdx.x] = threadIdx.x;  // finds: race
    y[threadIdx.x] = tile[63 - threadIdx.x];  // finds: race uninitialised
}

int main() {
    float* y;
    cudaMalloc(&y, 64 * sizeof(float));
    reverse<<<1, 64>>>(y);
    cudaDeviceSynchronize();
}
