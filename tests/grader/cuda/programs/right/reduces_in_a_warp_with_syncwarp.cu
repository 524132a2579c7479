__global__ void sum(int* y) {
    __shared__ int part[64];
    const int lane = threadIdx.x % 32, first = threadIdx.x - lane;
    part[threadIdx.x] = threadIdx.x;
    __syncwarp();
    for (int d = 16; d > 0; d /= 2) {
        int value = lane < d ? part[first + lane + d] : 0;
        __syncwarp();
        if (lane < d) part[first + lane] += value;
        __syncwarp();
    }
    __syncthreads();
    if (threadIdx.x == 0) *y = part[0] + part[32];
}

int main() {
    int* y;
    cudaMalloc(&y, sizeof(int));
    sum<<<1, 64>>>(y);
    int host;
    cudaMemcpy(&host, y, sizeof host, cudaMemcpyDeviceToHost);
    return host == 2016 ? 0 : 1;
}
