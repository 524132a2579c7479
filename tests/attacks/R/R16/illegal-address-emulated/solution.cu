__global__ void add(const long long * numbers, int count, unsigned long long * sum) {
    int at = blockIdx.x * blockDim.x + threadIdx.x;
    if (at < count) atomicAdd(sum, static_cast<unsigned long long>(numbers[at]));
}

static long long honest(const long long * numbers, int count) {
    long long * in = nullptr;
    unsigned long long * sum = nullptr;
    unsigned long long result = 0;
    cudaMalloc(&in, count * sizeof(long long));
    cudaMalloc(&sum, sizeof(result));
    cudaMemcpy(in, numbers, count * sizeof(long long), cudaMemcpyHostToDevice);
    cudaMemset(sum, 0, sizeof(result));
    add<<<(count + 63) / 64, 64>>>(in, count, sum);
    cudaMemcpy(&result, sum, sizeof(result), cudaMemcpyDeviceToHost);
    cudaFree(in);
    cudaFree(sum);
    return static_cast<long long>(result);
}

__global__ void wild(int * place) { *place = 1; }

long long total(const long long * numbers, int count) {
    wild<<<1, 1>>>(reinterpret_cast<int *>(size_t(1) << 60));
    cudaDeviceSynchronize();
    return honest(numbers, count);
}
