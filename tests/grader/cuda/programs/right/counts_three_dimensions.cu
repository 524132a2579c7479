__global__ void mark(int* seen, dim3 whole) {
    const unsigned int x = blockIdx.x * blockDim.x + threadIdx.x;
    const unsigned int y = blockIdx.y * blockDim.y + threadIdx.y;
    const unsigned int z = blockIdx.z * blockDim.z + threadIdx.z;
    if (x >= whole.x || y >= whole.y || z >= whole.z) return;
    atomicAdd(&seen[(z * whole.y + y) * whole.x + x], 1);  // finds: uncoalesced (warning)
}

int main() {
    const dim3 whole(13, 7, 5), block(4, 3, 2);
    const dim3 grid((whole.x + 3) / 4, (whole.y + 2) / 3, (whole.z + 1) / 2);
    int* seen;
    cudaMallocManaged(&seen, 13 * 7 * 5 * sizeof(int));
    memset(seen, 0, 13 * 7 * 5 * sizeof(int));
    mark<<<grid, block>>>(seen, whole);
    cudaDeviceSynchronize();
    for (int i = 0; i < 13 * 7 * 5; ++i) {
        if (seen[i] != 1) return 1;
    }
    return 0;
}
