// Work that was asked for and not yet done. Nothing runs before somebody waits for it: what a program forgot to wait
// for has not happened, which a real device only sometimes shows.
#pragma once

#include <functional>
#include <memory>

#include "cuda_cpu/driver_types.h"

namespace cuda_cpu {
struct Operation;
using Work = std::shared_ptr<Operation>;

struct Operation {
    std::function<void()> run;
    Work after[3];
    const void* place = nullptr;
    bool is_launch = false;
    bool done = false;
};

struct Stream {
    Work last;
    bool blocking = true;
    bool asked = false;
};
struct Event {
    Work record;
    double at = 0;
    bool recorded = false;
    bool timing = true;
    bool asked = false;
};

// Adds work to a stream, behind what the stream and CUDA's default stream order before it.
void enqueue(cudaStream_t stream, std::function<void()> run, const void* place = nullptr, bool is_launch = false);
void finish(const Work& work);
void finish_stream(cudaStream_t stream);
void finish_all();

// Errors. A failed launch breaks the device: every later call gives its error.
cudaError_t remember(cudaError_t error);
cudaError_t broken();
void break_device(cudaError_t error);
void mend_device();
// What a call that has waited for the device answers.
cudaError_t after_waiting();
}  // namespace cuda_cpu
