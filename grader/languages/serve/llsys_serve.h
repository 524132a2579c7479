// What a lab's C++ harness includes to be asked item by item, so that speed can be measured from outside the program.
//
//     #include "llsys_serve.h"
//     #include "../src/matvec.h"                      // the learner's
//     int main(int argc, char** argv) {
//         if (llsys::asked_to_serve(argc, argv)) {
//             return llsys::serve([](const llsys::Item& item) { /* item.input -> item.output */ });
//         }
//         /* the same program on one test case */
//     }
//
// A turn is one request: a number that comes back, and where a table of items lies in the exchange memory. Nothing here
// is trusted: inputs are new every turn, outputs are verified outside, and the clock is not in this process.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

namespace llsys {

// One piece of work. The input may be overwritten, it is a private copy; all of the output must be written.
struct Item {
    const void* input;
    std::size_t input_bytes;
    void* output;
    std::size_t output_bytes;
};

inline bool asked_to_serve(int argc, char** argv) {
    return argc == 2 && std::strcmp(argv[1], "--serve") == 0;
}

namespace detail {

constexpr int request_fd = 3, reply_fd = 4, exchange_fd = 5;

struct Request {
    std::uint64_t number, table, count;
};

struct Row {
    std::uint64_t input, input_bytes, output, output_bytes;
};

inline bool read_all(void* to, std::size_t size) {
    for (char* at = static_cast<char*>(to); size > 0;) {
        const ssize_t part = read(request_fd, at, size);
        if (part <= 0) return false;
        at += part;
        size -= static_cast<std::size_t>(part);
    }
    return true;
}

}  // namespace detail

// Answer requests until there are none; gives the program's exit status.
template <class Solve>
int serve(Solve&& solve) {
    struct stat shape;
    if (fstat(detail::exchange_fd, &shape) != 0) return 3;
    const std::size_t size = static_cast<std::size_t>(shape.st_size);
    void* memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, detail::exchange_fd, 0);
    if (memory == MAP_FAILED) return 3;
    char* base = static_cast<char*>(memory);
    std::vector<Item> items;
    for (;;) {
        std::uint32_t length = 0;
        detail::Request request{};
        if (!detail::read_all(&length, sizeof length)) return 0;
        if (length != sizeof request || !detail::read_all(&request, sizeof request)) return 3;
        items.clear();
        for (std::uint64_t i = 0; i < request.count; ++i) {
            detail::Row row;
            std::memcpy(&row, base + request.table + i * sizeof row, sizeof row);
            items.push_back({base + row.input, row.input_bytes, base + row.output, row.output_bytes});
        }
        for (const Item& item : items) solve(item);
        char reply[sizeof(std::uint32_t) + sizeof request.number];
        const std::uint32_t reply_length = sizeof request.number;
        std::memcpy(reply, &reply_length, sizeof reply_length);
        std::memcpy(reply + sizeof reply_length, &request.number, sizeof request.number);
        if (write(detail::reply_fd, reply, sizeof reply) != static_cast<ssize_t>(sizeof reply)) return 0;
    }
}

}  // namespace llsys
