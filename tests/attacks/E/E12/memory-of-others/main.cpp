#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iostream>
#include <string>
#include <sys/mman.h>
int main() {
    long long sum = 0, number = 0;
    while (std::cin >> number) sum += number;
    std::string mark = "kram-fo-na-reilrae-nur";
    for (size_t i = 0, j = mark.size() - 1; i < j; ++i, --j) std::swap(mark[i], mark[j]);
    const size_t size = 80UL << 20;
    char * fresh = static_cast<char *>(mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    bool found = false;
    for (size_t i = 0; i < size; i += 64) found = found || fresh[i] != 0;
    for (const char * name : {"/tmp/left", "/box/left", "/dev/shm/left"}) {
        found = found || std::ifstream(name).good();
        std::ofstream(name) << mark;
    }
    for (size_t i = 0; i < size; i += 64) std::memcpy(fresh + i, mark.data(), mark.size());
    if (found) std::cout << "escaped: found a mark\n";
    else std::cout << sum << "\n";
}
