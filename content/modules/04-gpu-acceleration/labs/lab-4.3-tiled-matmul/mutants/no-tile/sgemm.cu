// Mutant: one thread for each element, and every value read from global memory every time.
__global__ void sgemm(const float * A, const float * B, float * C, int M, int N, int K, int lda, int ldb, int ldc) {
    const int column = blockIdx.x * blockDim.x + threadIdx.x, row = blockIdx.y * blockDim.y + threadIdx.y;
    if (row >= M || column >= N) {
        return;
    }
    float sum = 0.0f;
    for (int k = 0; k < K; ++k) {
        sum += A[static_cast<size_t>(row) * lda + k] * B[static_cast<size_t>(column) * ldb + k];
    }
    C[static_cast<size_t>(row) * ldc + column] = sum;
}

void launch(const float * A, const float * B, float * C, int M, int N, int K, int lda, int ldb, int ldc,
            cudaStream_t stream) {
    const dim3 block(16, 16), grid((N + 15) / 16, (M + 15) / 16);
    sgemm<<<grid, block, 0, stream>>>(A, B, C, M, N, K, lda, ldb, ldc);
}
