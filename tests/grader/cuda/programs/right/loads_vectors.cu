__global__ void add(const float4* x, float4* y) {
    float4 value = x[threadIdx.x];
    value.x += 1.0f;
    value.w += 2.0f;
    y[threadIdx.x] = value;
}

int main() {
    float4 *x, *y;
    cudaMalloc(&x, 64 * sizeof(float4));
    cudaMalloc(&y, 64 * sizeof(float4));
    cudaMemset(x, 0, 64 * sizeof(float4));
    add<<<1, 64>>>(x, y);
    float4 host[64];
    cudaMemcpy(host, y, sizeof host, cudaMemcpyDeviceToHost);
    return host[63].w == 2.0f ? 0 : 1;
}
