__global__ void sum(int* x) {
    int value = threadIdx.x;
    if (threadIdx.x < 16) {
        value += __shfl_down_sync(0xffffffff, value, 8);  // finds: deadlock
    } else {
        __syncthreads();
    }
    x[threadIdx.x] = value;
}

int main() {
    int* x;
    cudaMalloc(&x, 32 * sizeof(int));
    sum<<<1, 32>>>(x);
    return cudaDeviceSynchronize() == cudaErrorLaunchTimeout ? 0 : 1;
}
