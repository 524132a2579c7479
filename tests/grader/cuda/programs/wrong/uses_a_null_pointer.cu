__global__ void fill(int* y) {
    y[threadIdx.x] = 1;  // finds: out_of_bounds
}

int main() {
    fill<<<1, 32>>>(nullptr);
    cudaDeviceSynchronize();
}
