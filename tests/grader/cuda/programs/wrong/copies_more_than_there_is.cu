#include <vector>

int main() {
    std::vector<int> x(64);
    int* y;
    cudaMalloc(&y, 32 * sizeof(int));
    cudaMemcpy(y, x.data(), 64 * sizeof(int), cudaMemcpyHostToDevice);  // finds: out_of_bounds (warning)
    return cudaGetLastError() == cudaErrorInvalidValue ? 0 : 1;
}
