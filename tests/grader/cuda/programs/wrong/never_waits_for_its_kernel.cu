__global__ void fill(int* y) { y[threadIdx.x] = 1; }

int main() {
    int* y;
    cudaMalloc(&y, 32 * sizeof(int));
    fill<<<1, 32>>>(y);  // finds: other (warning)
}
