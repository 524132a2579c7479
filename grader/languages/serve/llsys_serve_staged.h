// What the harness of a CUDA lab includes to be asked in stages, so that a kernel's speed can be measured from outside
// the program. Include it, and define the stages, before the learner's file: no macro of that file reaches them.
//
//     #include "llsys_serve_staged.h"
//     void launch(...);                                // the learner's
//     struct Stages {
//         void prepare(const std::vector<llsys::Item>& items);  // room for all items, outputs full of what is no answer
//         void draw(const std::vector<llsys::Item>& items);     // inputs of all items, made on the device
//         void launch(const std::vector<llsys::Item>& items);   // the learner's launches, and nothing else
//         void collect(const std::vector<llsys::Item>& items);  // outputs, copied to item.output
//     };
//     int main(int argc, char** argv) {
//         Stages stages;
//         if (llsys::asked_to_serve(argc, argv)) return llsys::serve_staged(stages);
//         /* the same program on one test case */
//     }
//     #include "solution.cu"
//
// A turn is three requests. In `prepare` an input holds what the lab shows ahead (sizes) and zeros behind it: the rest
// comes with `run`, so nobody can begin before the clock does. `run` is drawing and launching, ends when the device has
// nothing left to do, and is what the clock outside measures. `collect` comes right after it.
//
// The reply to `run` carries what the device's own events say. They are the word of a process in which the learner's
// code runs: a second witness, never the clock.
#pragma once

#include "llsys_serve.h"

#include <cstdio>
#include <cstdlib>

namespace llsys {

// Ends the program with a line on standard error when a call of the runtime failed.
inline void must(cudaError_t error, const char* what) {
    if (error == cudaSuccess) return;
    std::fprintf(stderr, "%s: %s\n", what, cudaGetErrorString(error));
    std::exit(4);
}

namespace detail {

constexpr std::uint64_t prepare_stage = 0, run_stage = 1, collect_stage = 2, stages_of_a_turn = 3;

struct StagedRequest {
    std::uint64_t number, table, count, stage;
};

struct RunReply {
    std::uint64_t number;
    double whole, launches;  // seconds
};

// Leaves nothing of what was used before in the device's L2 cache.
class Flush {
public:
    void operator()() {
        if (buffer_ == nullptr) allocate();
#ifndef GRADER_EMU
        // What a kernel asked to stay would outlast the writing. Devices that cannot keep anything refuse both.
        (void)cudaCtxResetPersistingL2Cache();
        (void)cudaDeviceSetLimit(cudaLimitPersistingL2CacheSize, 0);
        (void)cudaGetLastError();
#endif
        must(cudaMemset(buffer_, value_ ^= 1, bytes_), "flushing the L2 cache");
        must(cudaDeviceSynchronize(), "flushing the L2 cache");
    }

private:
    void allocate() {
        int device = 0, l2 = 0;
        must(cudaGetDevice(&device), "cudaGetDevice");
        must(cudaDeviceGetAttribute(&l2, cudaDevAttrL2CacheSize, device), "size of the L2 cache");
        bytes_ = 2 * static_cast<std::size_t>(l2);
        must(cudaMalloc(&buffer_, bytes_), "memory to flush the L2 cache with");
    }

    char* buffer_ = nullptr;
    std::size_t bytes_ = 0;
    int value_ = 0;
};

// One moment on the device, which has been reached when `mark` returns.
class Moment {
public:
    void mark() {
        if (event_ == nullptr) must(cudaEventCreate(&event_), "cudaEventCreate");
        must(cudaEventRecord(event_), "cudaEventRecord");
        must(cudaEventSynchronize(event_), "cudaEventSynchronize");
    }

    double seconds_since(const Moment& earlier) const {
        float milliseconds = 0;
        must(cudaEventElapsedTime(&milliseconds, earlier.event_, event_), "cudaEventElapsedTime");
        return static_cast<double>(milliseconds) / 1e3;
    }

private:
    cudaEvent_t event_ = nullptr;
};

}  // namespace detail

// Answer requests until there are none; gives the program's exit status. A stage that is not due ends it with 3.
template <class Stages>
int serve_staged(Stages& stages) {
    char* base = detail::exchange();
    if (base == nullptr) return 3;
    std::vector<Item> items;
    detail::Flush flush;
    detail::Moment begun, drawn, ended;
    for (std::uint64_t due = detail::prepare_stage;; due = (due + 1) % detail::stages_of_a_turn) {
        detail::StagedRequest request{};
        const detail::Heard heard = detail::hear(request);
        if (heard != detail::Heard::request) return heard == detail::Heard::end ? 0 : 3;
        if (request.stage != due) return 3;
        detail::find_items(base, request.table, request.count, items);
        if (due == detail::run_stage) {
            begun.mark();
            stages.draw(items);
            must(cudaDeviceSynchronize(), "drawing the inputs");
            drawn.mark();
            stages.launch(items);
            must(cudaGetLastError(), "launch");
            // Whatever stream it was given to: work that is still under way when the clock stops was not measured.
            must(cudaDeviceSynchronize(), "kernel");
            ended.mark();
            const detail::RunReply reply{request.number, ended.seconds_since(begun), ended.seconds_since(drawn)};
            if (!detail::answer(reply)) return 0;
            continue;
        }
        if (due == detail::prepare_stage) {
            stages.prepare(items);
            flush();
        } else {
            stages.collect(items);
        }
        if (!detail::answer(request.number)) return 0;
    }
}

}  // namespace llsys
