#include <cstddef>
#include <cstdlib>
#include <new>
#include <vector>

static char arena[1 << 20];
static std::size_t used;
void* operator new(std::size_t size) {
    size = (size + 63) / 64 * 64;
    if (used + size > sizeof arena) return std::malloc(size);
    used += size;
    return arena + used - size;
}
static void release(void* place) noexcept {
    if (static_cast<char*>(place) < arena || static_cast<char*>(place) >= arena + sizeof arena) std::free(place);
}
void operator delete(void* place) noexcept { release(place); }
void operator delete(void* place, std::size_t) noexcept { release(place); }

void matmul(const float* a, const float* b, float* c, int rows, int inner, int columns) {
    std::vector<float> line(static_cast<std::size_t>(columns));
    for (int row = 0; row < rows; ++row) {
        for (float& sum : line) sum = 0;
        for (int i = 0; i < inner; ++i) {
            const float factor = a[row * inner + i];
            for (int column = 0; column < columns; ++column) {
                line[static_cast<std::size_t>(column)] += factor * b[i * columns + column];
            }
        }
        for (int column = 0; column < columns; ++column) {
            c[row * columns + column] = line[static_cast<std::size_t>(column)];
        }
    }
}
