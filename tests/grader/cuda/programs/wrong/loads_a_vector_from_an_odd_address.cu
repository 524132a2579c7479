__global__ void load(const float* x, float4* y) {
    y[threadIdx.x] = *reinterpret_cast<const float4*>(x + 1 + 4 * threadIdx.x);  // finds: misaligned
}

int main() {
    float* x;
    float4* y;
    cudaMalloc(&x, 1024);
    cudaMalloc(&y, 1024);
    cudaMemset(x, 0, 1024);
    load<<<1, 16>>>(x, y);
    cudaDeviceSynchronize();
}
