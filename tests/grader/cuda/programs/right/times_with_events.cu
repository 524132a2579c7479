__global__ void spin(long long* taken) {
    const long long start = clock64();
    while (clock64() - start < 200000) {
    }
    *taken = clock64() - start;
}

int main() {
    long long* taken;
    cudaMallocManaged(&taken, sizeof *taken);
    cudaEvent_t start, end;
    cudaEventCreate(&start);
    cudaEventCreate(&end);
    cudaEventRecord(start);
    spin<<<1, 1>>>(taken);
    cudaEventRecord(end);
    float milliseconds = 0;
    if (cudaEventElapsedTime(&milliseconds, start, end) != cudaErrorNotReady) return 1;
    if (cudaGetLastError() != cudaErrorNotReady) return 2;
    cudaEventSynchronize(end);
    if (cudaEventElapsedTime(&milliseconds, start, end) != cudaSuccess) return 3;
    return milliseconds >= 0.1f && *taken >= 200000 && cudaEventDestroy(start) == cudaSuccess ? 0 : 4;
}
