// Mutant: tiles of 4 x 4: each value is used four times, half of what is asked for.
constexpr int TILE = 4;

__global__ void sgemm(const float * A, const float * B, float * C, int M, int N, int K, int lda, int ldb, int ldc) {
    __shared__ float tile_a[TILE][TILE], tile_b[TILE][TILE];
    const int x = threadIdx.x, y = threadIdx.y;
    const int row = blockIdx.y * TILE + y, column = blockIdx.x * TILE + x, own = blockIdx.x * TILE + y;
    float sum = 0.0f;
    for (int start = 0; start < K; start += TILE) {
        const int k = start + x;
        tile_a[y][x] = row < M && k < K ? A[static_cast<size_t>(row) * lda + k] : 0.0f;
        tile_b[y][x] = own < N && k < K ? B[static_cast<size_t>(own) * ldb + k] : 0.0f;
        __syncthreads();
        for (int i = 0; i < TILE; ++i) {
            sum += tile_a[y][i] * tile_b[x][i];
        }
        __syncthreads();
    }
    if (row < M && column < N) {
        C[static_cast<size_t>(row) * ldc + column] = sum;
    }
}

void launch(const float * A, const float * B, float * C, int M, int N, int K, int lda, int ldb, int ldc,
            cudaStream_t stream) {
    const dim3 block(TILE, TILE), grid((N + TILE - 1) / TILE, (M + TILE - 1) / TILE);
    sgemm<<<grid, block, 0, stream>>>(A, B, C, M, N, K, lda, ldb, ldc);
}
