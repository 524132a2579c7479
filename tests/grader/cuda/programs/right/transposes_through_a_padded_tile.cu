__global__ void transpose(const float* x, float* y) {
    __shared__ float tile[32][33];
    for (int i = threadIdx.y; i < 32; i += 8) tile[i][threadIdx.x] = x[i * 32 + threadIdx.x];
    __syncthreads();
    for (int i = threadIdx.y; i < 32; i += 8) y[i * 32 + threadIdx.x] = tile[threadIdx.x][i];
}

int main() {
    float *x, *y, host[32 * 32];
    for (int i = 0; i < 32 * 32; ++i) host[i] = i;
    cudaMalloc(&x, sizeof host);
    cudaMalloc(&y, sizeof host);
    cudaMemcpy(x, host, sizeof host, cudaMemcpyHostToDevice);
    transpose<<<1, dim3(32, 8)>>>(x, y);
    cudaMemcpy(host, y, sizeof host, cudaMemcpyDeviceToHost);
    return host[1] == 32.0f && host[32] == 1.0f ? 0 : 1;
}
