__global__ void sum(const int* x, int* y) {
    y[threadIdx.x] = x[threadIdx.x] + x[threadIdx.x + 1];  // finds: out_of_bounds
}

int main() {
    int *x, *y;
    cudaMalloc(&x, 64 * sizeof(int));
    cudaMalloc(&y, 64 * sizeof(int));
    cudaMemset(x, 0, 64 * sizeof(int));
    sum<<<1, 64>>>(x, y);
    cudaDeviceSynchronize();
}
