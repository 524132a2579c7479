// Variables of the program by address, from its own symbol table.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

namespace cuda_cpu::trace {
struct Variable {
    uintptr_t low;
    size_t bytes;
    std::string name;
};
// Shared variables, at the addresses that they have on this host thread. Null where there is none.
const Variable* shared_variable(uintptr_t address);
// The last variable of the program's data that begins at or before an address.
const Variable* global_variable(uintptr_t address);
// Reads the table; without one (a stripped program) nothing is found and nothing reported.
void read_symbols(uintptr_t shared_low);
bool symbols_known();
}  // namespace cuda_cpu::trace
