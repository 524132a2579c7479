namespace kernels {
__global__ void set(int* x, int value, const float* unused) {
    if (unused == nullptr) x[blockIdx.x * blockDim.x + threadIdx.x] = value;
}
template <class T, int N = 2>
__global__ void __launch_bounds__(128) times(T* x) {
    x[threadIdx.x] *= N;
}
}  // namespace kernels

template <int N>
__global__ void both(int* x) {
    extern __shared__ __align__(16) unsigned char raw[];
    int* part = reinterpret_cast<int*>(raw);
    part[threadIdx.x] = x[threadIdx.x];
    __syncthreads();
    x[threadIdx.x] = part[blockDim.x - 1 - threadIdx.x] + N;
}

#define LAUNCH(kernel, blocks, ...) kernel<<<blocks, 32>>>(__VA_ARGS__)

struct Runner {
    int threads = 32;
    void run(int* x) {
        kernels::times<int, 3><<<dim3(1), this->threads>>>(x);
        kernels::times<<<1,
                         threads,
                         0 >> 1,
                         nullptr>>>(x);
    }
};

int main() {
    int* x;
    cudaMalloc(&x, 32 * sizeof(int));
    LAUNCH(kernels::set, 1, x, 1, NULL);
    void (*pointer)(int*, int, const float*) = kernels::set;
    pointer<<<1, 32>>>(x, 5, nullptr);
    Runner().run(x);
    both<7><<<1, 32, 32 * sizeof(int)>>>(x);
    int value = 40;
    const float* none = nullptr;
    void* arguments[] = {&x, &value, &none};
    int host[32], more;
    cudaMemcpy(host, x, sizeof host, cudaMemcpyDeviceToHost);
    cudaLaunchKernel(kernels::set, dim3(1), dim3(32), arguments, 0, nullptr);
    cudaMemcpy(&more, x, sizeof more, cudaMemcpyDeviceToHost);
    const char* text = "set<<<1, 2>>>(x)";
    return host[9] == 37 && more == 40 && text[3] == '<' && cudaGetLastError() == cudaSuccess ? 0 : 1;
}
