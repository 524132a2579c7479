__global__ void find(const int* x, int* found) {
    if (x[threadIdx.x] == 0) *found = 1;  // finds: race (note)
}

int main() {
    int *x, *found;
    cudaMalloc(&x, 32 * sizeof(int));
    cudaMalloc(&found, sizeof(int));
    cudaMemset(x, 0, 32 * sizeof(int));
    cudaMemset(found, 0, sizeof(int));
    find<<<1, 32>>>(x, found);
    cudaDeviceSynchronize();
}
