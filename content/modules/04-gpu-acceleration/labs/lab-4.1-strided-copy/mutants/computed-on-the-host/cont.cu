// The host copies everything to itself, computes, and copies the result back: no kernel at all.
#include "shape.h"
#include <vector>
#include <cstring>
void launch(const char * x, float * y, Shape s, cudaStream_t) {
    size_t bytes = 4; size_t count = 1;
    for (int d = 0; d < 4; ++d) { bytes += (s.ne[d] - 1) * s.nb[d]; count *= s.ne[d]; }
    std::vector<char> h(bytes); std::vector<float> r(count);
    cudaMemcpy(h.data(), x, bytes, cudaMemcpyDeviceToHost);
    size_t n = 0;
    for (int l = 0; l < s.ne[3]; ++l) for (int k = 0; k < s.ne[2]; ++k) for (int j = 0; j < s.ne[1]; ++j) for (int i = 0; i < s.ne[0]; ++i)
        std::memcpy(&r[n++], h.data() + i*s.nb[0] + j*s.nb[1] + k*s.nb[2] + l*s.nb[3], 4);
    cudaMemcpy(y, r.data(), 4*count, cudaMemcpyHostToDevice);
}
