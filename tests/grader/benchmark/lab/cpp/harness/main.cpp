#include "llsys_serve.h"

#include <cstdint>
#include <cstdio>
#include <vector>

void matmul(const float* a, const float* b, float* c, int rows, int inner, int columns);

struct Shape {
    std::int32_t rows, inner, columns;
};

static Shape solve(const void* input, float* output) {
    Shape shape;
    std::memcpy(&shape, input, sizeof shape);
    const float* a = reinterpret_cast<const float*>(static_cast<const char*>(input) + sizeof shape);
    matmul(a, a + shape.rows * shape.inner, output, shape.rows, shape.inner, shape.columns);
    return shape;
}

int main(int argc, char** argv) {
    if (llsys::asked_to_serve(argc, argv)) {
        return llsys::serve([](const llsys::Item& item) { solve(item.input, static_cast<float*>(item.output)); });
    }
    std::vector<char> input(1 << 16);
    input.resize(std::fread(input.data(), 1, input.size(), stdin));
    std::vector<float> result(1 << 14);
    const Shape shape = solve(input.data(), result.data());
    for (int i = 0; i < shape.rows * shape.columns; ++i) std::printf("%.9g\n", result[static_cast<std::size_t>(i)]);
    return 0;
}
