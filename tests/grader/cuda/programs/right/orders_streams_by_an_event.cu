__global__ void set(int* x, int value) { x[threadIdx.x] = value; }
__global__ void add(int* x, int value) { x[threadIdx.x] += value; }

int main() {
    int* x;
    cudaMalloc(&x, 32 * sizeof(int));
    cudaStream_t one, two;
    cudaStreamCreate(&one);
    cudaStreamCreateWithFlags(&two, cudaStreamNonBlocking);
    cudaEvent_t ready;
    cudaEventCreate(&ready);
    set<<<1, 32, 0, one>>>(x, 5);
    cudaEventRecord(ready, one);
    cudaStreamWaitEvent(two, ready, 0);
    add<<<1, 32, 0, two>>>(x, 2);
    cudaStreamSynchronize(two);
    int host[32];
    cudaMemcpy(host, x, sizeof host, cudaMemcpyDeviceToHost);
    return host[31] == 7 ? 0 : 1;
}
