#include <cstdio>
#include <vector>

#include "scale.cu"

int main() {
    int n, factor;
    if (scanf("%d %d", &n, &factor) != 2) return 1;
    std::vector<int> host(n);
    for (int& one : host) {
        if (scanf("%d", &one) != 1) return 1;
    }
    int* device;
    cudaMalloc(&device, n * sizeof(int));
    cudaMemcpy(device, host.data(), n * sizeof(int), cudaMemcpyHostToDevice);
    launch(device, n, factor);
    cudaError_t error = cudaDeviceSynchronize();
    if (error != cudaSuccess) {
        fprintf(stderr, "%s\n", cudaGetErrorString(error));
        return 2;
    }
    cudaMemcpy(host.data(), device, n * sizeof(int), cudaMemcpyDeviceToHost);
    for (int i = 0; i < n; ++i) printf(i ? " %d" : "%d", host[i]);
    printf("\n");
    cudaFree(device);
}
