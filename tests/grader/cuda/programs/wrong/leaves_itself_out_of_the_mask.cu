__global__ void vote(unsigned* x) {
    unsigned all = __ballot_sync(0x0000ffff, 1);  // finds: undefined
    if (threadIdx.x == 0) *x = all;
}

int main() {
    unsigned* x;
    cudaMalloc(&x, sizeof(unsigned));
    vote<<<1, 32>>>(x);
    cudaDeviceSynchronize();
}
