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

// The exchange memory; nullptr where there is none.
inline char* exchange() {
    struct stat shape;
    if (fstat(exchange_fd, &shape) != 0) return nullptr;
    const std::size_t size = static_cast<std::size_t>(shape.st_size);
    void* memory = mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, exchange_fd, 0);
    return memory == MAP_FAILED ? nullptr : static_cast<char*>(memory);
}

enum class Heard { request, end, garbled };

// Wait for the next request.
template <class Asked>
Heard hear(Asked& request) {
    std::uint32_t length = 0;
    if (!read_all(&length, sizeof length)) return Heard::end;
    return length == sizeof request && read_all(&request, sizeof request) ? Heard::request : Heard::garbled;
}

// The items of a turn, from the table that lies in the exchange memory.
inline void find_items(char* base, std::uint64_t table, std::uint64_t count, std::vector<Item>& items) {
    items.clear();
    for (std::uint64_t i = 0; i < count; ++i) {
        Row row;
        std::memcpy(&row, base + table + i * sizeof row, sizeof row);
        items.push_back({base + row.input, row.input_bytes, base + row.output, row.output_bytes});
    }
}

// Give a reply; false where nobody listens any more.
template <class Content>
bool answer(const Content& content) {
    const std::uint32_t length = sizeof content;
    char reply[sizeof length + sizeof content];
    std::memcpy(reply, &length, sizeof length);
    std::memcpy(reply + sizeof length, &content, sizeof content);
    return write(reply_fd, reply, sizeof reply) == static_cast<ssize_t>(sizeof reply);
}

}  // namespace detail

// Answer requests until there are none; gives the program's exit status.
template <class Solve>
int serve(Solve&& solve) {
    char* base = detail::exchange();
    if (base == nullptr) return 3;
    std::vector<Item> items;
    for (;;) {
        detail::Request request{};
        const detail::Heard heard = detail::hear(request);
        if (heard != detail::Heard::request) return heard == detail::Heard::end ? 0 : 3;
        detail::find_items(base, request.table, request.count, items);
        for (const Item& item : items) solve(item);
        if (!detail::answer(request.number)) return 0;
    }
}

}  // namespace llsys
