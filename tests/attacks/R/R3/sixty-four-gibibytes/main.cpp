#include <cstdlib>
#include <sys/mman.h>
int main() {
    const size_t size = 64UL << 30;
    char * memory = static_cast<char *>(mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
    if (memory == MAP_FAILED) abort();
    for (size_t at = 0; at < size; at += 4096) memory[at] = 1;
}
