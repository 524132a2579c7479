__global__ void scale(int* x, int n, int factor) {
    int i = blockIdx.x * blockDim.x + threadIdx.x;
    if (i < n) x[i] *= factor;
}

void launch(int* x, int n, int factor) { scale<<<(n + 127) / 128, 128>>>(x, n, factor); }
