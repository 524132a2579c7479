__global__ void copy(const float* x, float* y) {
    y[threadIdx.x] = x[threadIdx.x];  // finds: uninitialised (warning)
}

int main() {
    float *x, *y;
    cudaMalloc(&x, 64 * sizeof(float));
    cudaMalloc(&y, 64 * sizeof(float));
    copy<<<1, 64>>>(x, y);
    cudaDeviceSynchronize();
}
