// What was found, once for each pair of places, with the first example of it.
#pragma once

#include <string>

#include "shadow.h"

namespace cuda_cpu::trace {
struct Found {
    const char* what = "";
    Place place = 0;
    Place other = 0;
    const char* space = "";
    const char* access = "";
    const char* other_access = "";
    unsigned int size = 0;
    std::string name = {};
    long long offset = 0;
    unsigned long long extent = 0;
    uint3 thread{};
    uint3 block{};
    unsigned int other_thread = 0;
    unsigned long long other_block = 0;
    unsigned long long block_number = 0;
    const char* kernel = "";
    unsigned int value = 0;
    Place made = 0;  // Where the memory was allocated.
    unsigned long long count = 1;
};
// Counts one; fills in thread, block and kernel where a kernel runs.
void report_found(Found found);
const char* access_word(uint8_t access);
}  // namespace cuda_cpu::trace
