#include <immintrin.h>

void matmul(const float* a, const float* b, float* c, int rows, int inner, int columns) {
    for (int row = 0; row < rows; ++row) {
        const float* left = a + row * inner;
        int column = 0;
        for (; column + 8 <= columns; column += 8) {
            __m128 low = _mm_setzero_ps(), high = _mm_setzero_ps();
            for (int i = 0; i < inner; ++i) {
                const __m128 factor = _mm_set1_ps(left[i]);
                low = _mm_add_ps(low, _mm_mul_ps(factor, _mm_loadu_ps(b + i * columns + column)));
                high = _mm_add_ps(high, _mm_mul_ps(factor, _mm_loadu_ps(b + i * columns + column + 4)));
            }
            _mm_storeu_ps(c + row * columns + column, low);
            _mm_storeu_ps(c + row * columns + column + 4, high);
        }
        for (; column < columns; ++column) {
            float sum = 0;
            for (int i = 0; i < inner; ++i) sum += left[i] * b[i * columns + column];
            c[row * columns + column] = sum;
        }
    }
}
