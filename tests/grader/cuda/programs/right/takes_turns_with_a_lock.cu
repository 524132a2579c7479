__device__ int taken = 0;
__device__ int total = 0;

__global__ void add() {
    bool done = false;
    while (!done) {
        if (atomicCAS(&taken, 0, 1) == 0) {
            __threadfence();
            atomicAdd(&total, 1);
            __threadfence();
            atomicExch(&taken, 0);
            done = true;
        }
    }
}

int main() {
    add<<<2, 64>>>();
    int host;
    cudaMemcpyFromSymbol(&host, total, sizeof host);
    return host == 128 ? 0 : 1;
}
