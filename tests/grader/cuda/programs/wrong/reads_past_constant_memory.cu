__constant__ int weights[8];

__global__ void weigh(int* y) {
    y[threadIdx.x] = weights[threadIdx.x];  // finds: out_of_bounds
}

int main() {
    int* y;
    cudaMalloc(&y, 32 * sizeof(int));
    weigh<<<1, 9>>>(y);
    cudaDeviceSynchronize();
}
