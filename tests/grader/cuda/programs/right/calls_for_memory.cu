__constant__ float scale[4];
__device__ int counter;
__managed__ int shown = 5;

__global__ void weigh(float* x, int pitch) {
    float* row = reinterpret_cast<float*>(reinterpret_cast<char*>(x) + threadIdx.y * pitch);
    row[threadIdx.x] *= scale[threadIdx.y];
    if (threadIdx.x == 0) atomicAdd(&counter, 1);
    if (threadIdx.x + threadIdx.y == 0) shown += 2;
}

int main() {
    const float factors[4] = {1, 2, 3, 4};
    cudaMemcpyToSymbol(scale, factors, sizeof factors);
    float host[4][8], back[4][8];
    for (int i = 0; i < 32; ++i) host[i / 8][i % 8] = i;
    float* x;
    size_t pitch;
    cudaMallocPitch(&x, &pitch, 8 * sizeof(float), 4);
    cudaMemcpy2D(x, pitch, host, 32, 32, 4, cudaMemcpyHostToDevice);
    weigh<<<1, dim3(8, 4)>>>(x, static_cast<int>(pitch));
    cudaMemcpy2D(back, 32, x, pitch, 32, 4, cudaMemcpyDeviceToHost);
    int count, *pinned;
    cudaMemcpyFromSymbol(&count, counter, sizeof count);
    cudaHostAlloc(&pinned, 64, cudaHostAllocDefault);
    *pinned = 3;
    cudaPointerAttributes at;
    bool right = back[3][7] == 124.0f && back[0][7] == 7.0f && count == 4 && shown == 7;
    right = right && cudaPointerGetAttributes(&at, x) == cudaSuccess && at.type == cudaMemoryTypeDevice;
    right = right && cudaPointerGetAttributes(&at, pinned) == cudaSuccess && at.type == cudaMemoryTypeHost;
    return right && cudaFreeHost(pinned) == cudaSuccess && cudaFree(x) == cudaSuccess && cudaFree(nullptr) == 0 ? 0 : 1;
}
