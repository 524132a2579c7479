extern __shared__ int tile[];

__global__ void fill(int* y) { y[threadIdx.x] = tile[0] = 1; }

int main() {
    int* y;
    cudaMalloc(&y, 32 * sizeof(int));
    fill<<<1, 1, 64 * 1024>>>(y);  // finds: other (warning)
    return cudaGetLastError() == cudaErrorInvalidValue ? 0 : 1;
}
