__global__ void fill(int* y) { y[threadIdx.x] = 1; }

int main() {
    int* y;
    cudaMalloc(&y, 2048 * sizeof(int));
    fill<<<1, 2048>>>(y);  // finds: other (warning)
    return cudaGetLastError() == cudaErrorInvalidConfiguration ? 0 : 1;
}
