__global__ void part(int* x) {
    if (threadIdx.x < 32) {
        x[threadIdx.x] = 1;
        __syncthreads();  // finds: divergent_barrier
        x[threadIdx.x] += 1;
    } else {
        x[threadIdx.x] = 2;
        __syncthreads();
        x[threadIdx.x] += 2;
    }
}

int main() {
    int* x;
    cudaMalloc(&x, 64 * sizeof(int));
    part<<<1, 64>>>(x);
    cudaDeviceSynchronize();
}
