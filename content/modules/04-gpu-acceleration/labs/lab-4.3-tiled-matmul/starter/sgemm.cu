// C[i * ldc + j] = sum over k of A[i * lda + k] * B[j * ldb + k], for i < M, j < N, k < K
// (A's rows against B's rows, as ggml stores the two operands of a matrix product).

// Your kernel. Give it the parameters and the template arguments that you like.
__global__ void sgemm(const float * A, const float * B, float * C, int M, int N, int K, int lda, int ldb, int ldc) {
    (void) A; (void) B; (void) C; (void) M; (void) N; (void) K; (void) lda; (void) ldb; (void) ldc;
}

// Called by the harness: choose grid and block, and launch on `stream`. M, N and K are at least 1.
void launch(const float * A, const float * B, float * C, int M, int N, int K, int lda, int ldb, int ldc,
            cudaStream_t stream) {
    sgemm<<<1, 1, 0, stream>>>(A, B, C, M, N, K, lda, ldb, ldc);
}
