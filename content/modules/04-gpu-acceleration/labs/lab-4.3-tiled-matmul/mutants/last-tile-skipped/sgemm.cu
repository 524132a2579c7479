// Mutant: stops before a tile that is not full.
constexpr int TILE = 32;  // rows of A and rows of B that a block covers
constexpr int DEPTH = 16;  // values of k that a tile covers
constexpr int SIDE = 16;  // threads along each side of a block; a thread owns rows and columns t and t + SIDE

__global__ void sgemm(const float * A, const float * B, float * C, int M, int N, int K, int lda, int ldb, int ldc) {
    // One more than a power of two: threads that read down a column then use different banks.
    __shared__ float tile_a[TILE][DEPTH + 1];
    __shared__ float tile_b[TILE][DEPTH + 1];
    const int x = threadIdx.x, y = threadIdx.y;
    const int first_row = blockIdx.y * TILE, first_column = blockIdx.x * TILE;
    float sum[2][2] = {};
    for (int start = 0; start + DEPTH <= K; start += DEPTH) {
        const int k = start + x;
        for (int part = 0; part < TILE; part += SIDE) {
            const int row = first_row + y + part, column = first_column + y + part;
            tile_a[y + part][x] = row < M && k < K ? A[static_cast<size_t>(row) * lda + k] : 0.0f;
            tile_b[y + part][x] = column < N && k < K ? B[static_cast<size_t>(column) * ldb + k] : 0.0f;
        }
        __syncthreads();
        for (int i = 0; i < DEPTH; ++i) {
            const float a0 = tile_a[y][i], a1 = tile_a[y + SIDE][i];
            const float b0 = tile_b[x][i], b1 = tile_b[x + SIDE][i];
            sum[0][0] += a0 * b0;
            sum[0][1] += a0 * b1;
            sum[1][0] += a1 * b0;
            sum[1][1] += a1 * b1;
        }
        __syncthreads();
    }
    for (int i = 0; i < 2; ++i) {
        for (int j = 0; j < 2; ++j) {
            const int row = first_row + y + i * SIDE, column = first_column + x + j * SIDE;
            if (row < M && column < N) {
                C[static_cast<size_t>(row) * ldc + column] = sum[i][j];
            }
        }
    }
}

void launch(const float * A, const float * B, float * C, int M, int N, int K, int lda, int ldb, int ldc,
            cudaStream_t stream) {
    const dim3 block(SIDE, SIDE), grid((N + TILE - 1) / TILE, (M + TILE - 1) / TILE);
    sgemm<<<grid, block, 0, stream>>>(A, B, C, M, N, K, lda, ldb, ldc);
}
