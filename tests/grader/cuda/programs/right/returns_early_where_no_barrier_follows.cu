__global__ void fill(int* x, int n) {
    const int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i >= n) return;
    x[i] = i;
}

int main() {
    int* x;
    cudaMalloc(&x, 100 * sizeof(int));
    fill<<<4, 32>>>(x, 100);
    return cudaDeviceSynchronize();
}
