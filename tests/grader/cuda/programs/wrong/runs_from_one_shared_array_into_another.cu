template <int N>
__global__ void fill(float* y) {
    __shared__ float first[N];
    __shared__ volatile float second[N];
    static __shared__ float third[N];
    second[threadIdx.x] = first[threadIdx.x] = third[threadIdx.x] = 2.0f;
    if (threadIdx.x == 31) {
        first[threadIdx.x + 1] = 1.0f;  // finds: out_of_bounds
        second[threadIdx.x + 1] = 1.0f;  // finds: out_of_bounds
        third[threadIdx.x + 1] = 1.0f;  // finds: out_of_bounds
    }
    __syncthreads();
    y[threadIdx.x] = second[threadIdx.x] + first[threadIdx.x] + third[threadIdx.x];
}

int main() {
    float* y;
    cudaMalloc(&y, 32 * sizeof(float));
    fill<32><<<1, 32>>>(y);
    cudaDeviceSynchronize();
}
