__global__ void sum(int* x) {
    int value = threadIdx.x;
    for (int d = 16; d > 0; d /= 2) value += __shfl_down_sync(0xffffffff, value, d);  // finds: undefined
    if (threadIdx.x == 0) *x = value;
}

int main() {
    int* x;
    cudaMalloc(&x, sizeof(int));
    sum<<<1, 20>>>(x);
    cudaDeviceSynchronize();
}
