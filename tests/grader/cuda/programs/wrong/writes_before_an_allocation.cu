__global__ void shift(int* x) {
    x[static_cast<int>(threadIdx.x) - 1] = 7;  // finds: out_of_bounds
}

int main() {
    int* x;
    cudaMalloc(&x, 1000 * sizeof(int));
    shift<<<1, 32>>>(x);
    cudaDeviceSynchronize();
}
