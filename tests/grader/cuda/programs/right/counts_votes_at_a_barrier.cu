__global__ void vote(int* wrong) {
    int bad = __syncthreads_count(threadIdx.x < 5) != 5;
    bad += __syncthreads_and(threadIdx.x < 64) == 0;
    bad += __syncthreads_and(threadIdx.x < 63) != 0;
    bad += __syncthreads_or(threadIdx.x == 63) == 0;
    bad += __syncthreads_or(threadIdx.x == 64) != 0;
    if (bad) atomicAdd(wrong, bad);
}

int main() {
    int* wrong;
    cudaMallocManaged(&wrong, sizeof(int));
    *wrong = 0;
    vote<<<3, 64>>>(wrong);
    cudaDeviceSynchronize();
    return *wrong;
}
