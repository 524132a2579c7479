#include "symbols.h"

#include <cxxabi.h>
#include <elf.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <vector>

extern "C" char __executable_start;

namespace cuda_cpu::trace {
namespace {
auto& shared = *new std::vector<Variable>;
auto& global = *new std::vector<Variable>;

std::string plain_name(const char* symbol) {
    int status = 0;
    char* whole = abi::__cxa_demangle(symbol, nullptr, nullptr, &status);
    std::string name = status == 0 ? whole : symbol;
    free(whole);
    const size_t last = name.rfind("::");
    return last == std::string::npos ? name : name.substr(last + 2);
}

const Variable* last_before(const std::vector<Variable>& all, uintptr_t address) {
    auto after = std::upper_bound(all.begin(), all.end(), address,
                                  [](uintptr_t at, const Variable& one) { return at < one.low; });
    return after == all.begin() ? nullptr : &*(after - 1);
}

void read_table(const char* file, uintptr_t shared_low) {
    const auto* header = reinterpret_cast<const Elf64_Ehdr*>(file);
    const auto* sections = reinterpret_cast<const Elf64_Shdr*>(file + header->e_shoff);
    const auto base = reinterpret_cast<uintptr_t>(&__executable_start);
    for (int i = 0; i < header->e_shnum; ++i) {
        if (sections[i].sh_type != SHT_SYMTAB) continue;
        const char* names = file + sections[sections[i].sh_link].sh_offset;
        const auto* symbol = reinterpret_cast<const Elf64_Sym*>(file + sections[i].sh_offset);
        const auto* end = symbol + sections[i].sh_size / sizeof(Elf64_Sym);
        for (; symbol != end; ++symbol) {
            const int type = ELF64_ST_TYPE(symbol->st_info);
            if (symbol->st_shndx == SHN_UNDEF || symbol->st_size == 0) continue;
            const std::string name = plain_name(names + symbol->st_name);
            const bool ours = name == "dynamic_shared" || name.rfind("cuda_cpu_guard_", 0) == 0;
            if (type == STT_TLS && !ours) {
                shared.push_back({shared_low + symbol->st_value, symbol->st_size, name});
            } else if (type == STT_OBJECT) {
                global.push_back({base + symbol->st_value, symbol->st_size, name});
            }
        }
    }
}
}  // namespace

void read_symbols(uintptr_t shared_low) {
    const int fd = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
    struct stat status {};
    if (fd < 0 || fstat(fd, &status) != 0) return;
    void* file = mmap(nullptr, static_cast<size_t>(status.st_size), PROT_READ, MAP_PRIVATE, fd, 0);
    close(fd);
    if (file == MAP_FAILED) return;
    read_table(static_cast<const char*>(file), shared_low);
    munmap(file, static_cast<size_t>(status.st_size));
    const auto by_address = [](const Variable& a, const Variable& b) { return a.low < b.low; };
    std::sort(shared.begin(), shared.end(), by_address);
    std::sort(global.begin(), global.end(), by_address);
}

bool symbols_known() { return !global.empty(); }
const Variable* shared_variable(uintptr_t address) { return last_before(shared, address); }
const Variable* global_variable(uintptr_t address) { return last_before(global, address); }
}  // namespace cuda_cpu::trace
