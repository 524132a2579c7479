__global__ void column(const float* x, float* y) {
    y[threadIdx.x] = x[threadIdx.x * 32];  // finds: uncoalesced (warning)
}

int main() {
    float *x, *y;
    cudaMalloc(&x, 32 * 32 * sizeof(float));
    cudaMalloc(&y, 32 * sizeof(float));
    cudaMemset(x, 0, 32 * 32 * sizeof(float));
    column<<<1, 32>>>(x, y);
    cudaDeviceSynchronize();
}
