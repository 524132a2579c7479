// Softmax of every row in one pass over the scores: the running sum is rescaled whenever the running maximum rises.
// Usage: kernel_softmax_online [ROWS] [COLUMNS]
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <vector>

#define CHECK(call)                                                                            \
    do {                                                                                       \
        cudaError_t error_ = (call);                                                           \
        if (error_ != cudaSuccess) {                                                           \
            std::fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, cudaGetErrorString(error_)); \
            std::exit(1);                                                                      \
        }                                                                                      \
    } while (0)

constexpr unsigned ALL_LANES = 0xffffffffu;
constexpr int WARP = 32;

// region merge
struct Partial {
    float max;  // of the scores seen so far; -INFINITY before the first
    float sum;  // of exp(score - max)
};

// Two partial results as one. A side that has seen nothing weighs nothing: exp(-inf - -inf) would be NaN.
__device__ Partial merge(Partial a, Partial b) {
    const float max = fmaxf(a.max, b.max);
    const float weight_a = a.max == -INFINITY ? 0.0f : expf(a.max - max);
    const float weight_b = b.max == -INFINITY ? 0.0f : expf(b.max - max);
    return {max, a.sum * weight_a + b.sum * weight_b};
}
// endregion merge

// region kernel
// One warp for a row. The scores are read twice in all: once for maximum and sum together, once to write the result.
__global__ void softmax(const float * scores, float * out, int columns) {
    const float * row = scores + static_cast<size_t>(blockIdx.x) * columns;
    Partial mine = {-INFINITY, 0.0f};
    for (int i = threadIdx.x; i < columns; i += WARP) {
        mine = merge(mine, {row[i], 1.0f});
    }
    for (int offset = WARP / 2; offset > 0; offset /= 2) {
        const Partial other = {__shfl_xor_sync(ALL_LANES, mine.max, offset), __shfl_xor_sync(ALL_LANES, mine.sum, offset)};
        mine = merge(mine, other);
    }
    for (int i = threadIdx.x; i < columns; i += WARP) {
        out[static_cast<size_t>(blockIdx.x) * columns + i] = expf(row[i] - mine.max) / mine.sum;
    }
}
// endregion kernel

int main(int argc, char ** argv) {
    const int rows = argc > 1 ? std::atoi(argv[1]) : 4;
    const int columns = argc > 2 ? std::atoi(argv[2]) : 500;
    std::vector<float> scores(static_cast<size_t>(rows) * columns), out(scores.size(), NAN);
    for (size_t i = 0; i < scores.size(); ++i) {
        scores[i] = 80.0f * std::sin(static_cast<float>(i));  // exp(80) alone would be near the end of float
    }

    float *dscores = nullptr, *dout = nullptr;
    const size_t bytes = scores.size() * sizeof(float);
    CHECK(cudaMalloc(&dscores, bytes));
    CHECK(cudaMalloc(&dout, bytes));
    CHECK(cudaMemcpy(dscores, scores.data(), bytes, cudaMemcpyHostToDevice));
    softmax<<<rows, WARP>>>(dscores, dout, columns);
    CHECK(cudaGetLastError());
    CHECK(cudaMemcpy(out.data(), dout, bytes, cudaMemcpyDeviceToHost));
    CHECK(cudaFree(dscores));
    CHECK(cudaFree(dout));

    double worst = 0.0;
    bool finite = true;
    for (int row = 0; row < rows; ++row) {
        const float * x = &scores[static_cast<size_t>(row) * columns];
        double max = x[0], sum = 0.0;
        for (int i = 0; i < columns; ++i) {
            max = std::fmax(max, x[i]);
        }
        for (int i = 0; i < columns; ++i) {
            sum += std::exp(x[i] - max);
        }
        for (int i = 0; i < columns; ++i) {
            const float seen = out[static_cast<size_t>(row) * columns + i];
            finite = finite && std::isfinite(seen);
            worst = std::fmax(worst, std::fabs(seen - std::exp(x[i] - max) / sum));
        }
    }
    const bool good = finite && worst < 1e-5;
    std::printf("%s: %d rows of %d, largest error %.1e; the kernel asks for %zu bytes\n", good ? "PASS" : "FAIL", rows,
                columns, worst, 3 * bytes);
    return good ? 0 : 1;
}
