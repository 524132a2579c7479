__global__ void fill(int* y) {
    y[threadIdx.x] = 1;  // finds: use_after_free
}

int main() {
    int* y;
    cudaMalloc(&y, 32 * sizeof(int));
    cudaFree(y);
    fill<<<1, 32>>>(y);
    cudaDeviceSynchronize();
}
