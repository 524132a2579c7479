__global__ void sum(int* y) {
    __shared__ volatile int part[32];
    const int lane = threadIdx.x;
    part[lane] = lane;
    __syncwarp();
    for (int d = 16; d > 0; d /= 2) {
        if (lane < d) part[lane] = part[lane] + part[lane + d];  // finds: race
    }
    if (lane == 0) *y = part[0];
}

int main() {
    int* y;
    cudaMalloc(&y, sizeof(int));
    sum<<<1, 32>>>(y);
    cudaDeviceSynchronize();
}
