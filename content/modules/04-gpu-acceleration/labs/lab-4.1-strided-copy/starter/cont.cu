#include "shape.h"  // struct Shape { int ne[4]; long long nb[4]; }; strides in bytes, as in ggml_tensor

// y[((i3 * ne[2] + i2) * ne[1] + i1) * ne[0] + i0] = float at x + i0 * nb[0] + i1 * nb[1] + i2 * nb[2] + i3 * nb[3]
__global__ void cont_permuted(const char * x, float * y, Shape s) {
    (void) x; (void) y; (void) s;
}

// Called by the harness: choose grid and block, and launch on `stream`. Every ne is at least 1.
void launch(const char * x, float * y, Shape s, cudaStream_t stream) {
    cont_permuted<<<1, 1, 0, stream>>>(x, y, s);
}
