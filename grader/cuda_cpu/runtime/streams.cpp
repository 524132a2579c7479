#include "streams.h"

#include <chrono>
#include <vector>

#include "cuda_cpu/runtime_api.h"
#include "memory.h"
#include "trace.h"

namespace cuda_cpu {
namespace {
// Never destroyed: what ends with the program looks at them last.
auto& default_stream = *new Stream;
auto& streams = *new std::vector<std::unique_ptr<Stream>>;
auto& events = *new std::vector<std::unique_ptr<Event>>;
cudaError_t last_error = cudaSuccess;
cudaError_t device_error = cudaSuccess;

Stream* stream_of(cudaStream_t stream) {
    if (stream == nullptr || stream == cudaStreamLegacy) return &default_stream;
    for (const auto& one : streams) {
        if (one.get() == stream) return stream;
    }
    return nullptr;
}

// Without recursion: a chain of launches may be long.
void run_with_what_is_before(const Work& work) {
    std::vector<Work> pending{work};
    while (!pending.empty()) {
        const Work next = pending.back();
        bool waits = false;
        if (!next->done) {
            for (const Work& before : next->after) {
                if (before && !before->done) {
                    pending.push_back(before);
                    waits = true;
                    break;
                }
            }
        }
        if (waits) continue;
        pending.pop_back();
        if (next->done) continue;
        next->done = true;
        for (Work& before : next->after) before.reset();
        if (device_error == cudaSuccess) next->run();
        next->run = nullptr;
    }
}

Work work_for(Stream& stream, std::function<void()> run, const void* place, bool is_launch) {
    auto work = std::make_shared<Operation>();
    work->run = std::move(run);
    work->place = place;
    work->is_launch = is_launch;
    work->after[0] = stream.last;
    if (&stream == &default_stream) {
        // The default stream waits for all blocking streams, and they for it: one empty step joins them.
        Work joined = stream.last;
        for (const auto& other : streams) {
            if (!other->blocking || !other->last || other->last->done) continue;
            auto step = std::make_shared<Operation>();
            step->run = [] {};
            step->after[0] = joined;
            step->after[1] = other->last;
            joined = step;
        }
        work->after[0] = joined;
    } else if (stream.blocking) {
        work->after[1] = default_stream.last;
    }
    return work;
}

double now() {
    return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

Event* event_of(cudaEvent_t event) {
    for (const auto& one : events) {
        if (one.get() == event) return event;
    }
    return nullptr;
}
}  // namespace

void enqueue(cudaStream_t stream, std::function<void()> run, const void* place, bool is_launch) {
    Stream& where = *stream_of(stream);
    where.last = work_for(where, std::move(run), place, is_launch);
}

void finish(const Work& work) {
    if (!work || work->done) return;
    open_device_memory();
    run_with_what_is_before(work);
    close_device_memory();
}

void finish_stream(cudaStream_t stream) {
    if (Stream* found = stream_of(stream); found != nullptr) finish(found->last);
}

// The newest stream first: only an order that the program asked for can be relied on.
void finish_all() {
    for (size_t i = streams.size(); i-- > 0;) finish(streams[i]->last);
    finish(default_stream.last);
}

cudaError_t remember(cudaError_t error) {
    if (error != cudaSuccess) last_error = error;
    return error;
}
cudaError_t broken() { return device_error; }
void break_device(cudaError_t error) { device_error = last_error = error; }
void mend_device() { device_error = last_error = cudaSuccess; }
cudaError_t after_waiting() { return device_error; }

// What the program never waited for when it ended.
void tell_what_was_left() {
    std::vector<Work> all{default_stream.last};
    for (const auto& stream : streams) all.push_back(stream->last);
    for (const Work& end : all) {
        for (Work work = end; work && !work->done; work = work->after[0]) {
            if (work->is_launch) trace::fault("never_waited_for", work->place, nullptr, 1);
        }
    }
}
}  // namespace cuda_cpu

using namespace cuda_cpu;

cudaError_t cudaGetLastError() {
    const cudaError_t error = last_error;
    last_error = device_error;
    return error;
}
cudaError_t cudaPeekAtLastError() { return last_error; }

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned int flags) {
    if (stream == nullptr) return remember(cudaErrorInvalidValue);
    streams.push_back(std::make_unique<Stream>());
    streams.back()->blocking = (flags & cudaStreamNonBlocking) == 0;
    *stream = streams.back().get();
    return broken();
}
cudaError_t cudaStreamCreate(cudaStream_t* stream) { return cudaStreamCreateWithFlags(stream, 0); }
cudaError_t cudaStreamCreateWithPriority(cudaStream_t* stream, unsigned int flags, int) {
    return cudaStreamCreateWithFlags(stream, flags);
}
cudaError_t cudaStreamDestroy(cudaStream_t stream) {
    for (auto one = streams.begin(); one != streams.end(); ++one) {
        if (one->get() != stream) continue;
        finish(stream->last);  // A device finishes what it was given; this one has no later moment to do it.
        streams.erase(one);
        return broken();
    }
    return remember(cudaErrorInvalidResourceHandle);
}
cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
    if (stream_of(stream) == nullptr) return remember(cudaErrorInvalidResourceHandle);
    finish_stream(stream);
    return after_waiting();
}
cudaError_t cudaStreamQuery(cudaStream_t stream) {
    Stream* found = stream_of(stream);
    if (found == nullptr) return remember(cudaErrorInvalidResourceHandle);
    if (!found->last || found->last->done) return after_waiting();
    if (!found->asked) {
        found->asked = true;
        return cudaErrorNotReady;
    }
    found->asked = false;
    finish(found->last);
    return after_waiting();
}
cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned int) {
    Stream* found = stream_of(stream);
    if (found == nullptr || event_of(event) == nullptr) return remember(cudaErrorInvalidResourceHandle);
    if (!event->record) return broken();
    enqueue(stream, [] {});
    found->last->after[2] = event->record;
    return broken();
}
cudaError_t cudaLaunchHostFunc(cudaStream_t stream, cudaHostFn_t function, void* argument) {
    if (stream_of(stream) == nullptr) return remember(cudaErrorInvalidResourceHandle);
    enqueue(stream, [=] {
        close_device_memory();
        function(argument);
        open_device_memory();
    });
    return broken();
}

cudaError_t cudaEventCreateWithFlags(cudaEvent_t* event, unsigned int flags) {
    if (event == nullptr) return remember(cudaErrorInvalidValue);
    events.push_back(std::make_unique<Event>());
    events.back()->timing = (flags & cudaEventDisableTiming) == 0;
    *event = events.back().get();
    return broken();
}
cudaError_t cudaEventCreate(cudaEvent_t* event) { return cudaEventCreateWithFlags(event, 0); }
cudaError_t cudaEventCreate(cudaEvent_t* event, unsigned int flags) { return cudaEventCreateWithFlags(event, flags); }
cudaError_t cudaEventDestroy(cudaEvent_t event) {
    for (auto one = events.begin(); one != events.end(); ++one) {
        if (one->get() != event) continue;
        finish(event->record);
        events.erase(one);
        return broken();
    }
    return remember(cudaErrorInvalidResourceHandle);
}
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
    if (event_of(event) == nullptr || stream_of(stream) == nullptr) return remember(cudaErrorInvalidResourceHandle);
    enqueue(stream, [event] { event->at = now(); });
    event->record = stream_of(stream)->last;
    event->recorded = true;
    return broken();
}
cudaError_t cudaEventSynchronize(cudaEvent_t event) {
    if (event_of(event) == nullptr) return remember(cudaErrorInvalidResourceHandle);
    finish(event->record);
    return after_waiting();
}
cudaError_t cudaEventQuery(cudaEvent_t event) {
    if (event_of(event) == nullptr) return remember(cudaErrorInvalidResourceHandle);
    if (!event->record || event->record->done) return after_waiting();
    if (!event->asked) {
        event->asked = true;
        return cudaErrorNotReady;
    }
    event->asked = false;
    finish(event->record);
    return after_waiting();
}
cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t start, cudaEvent_t end) {
    if (event_of(start) == nullptr || event_of(end) == nullptr || !start->recorded || !end->recorded || !start->timing ||
        !end->timing) {
        return remember(cudaErrorInvalidResourceHandle);
    }
    if (!start->record->done || !end->record->done) return remember(cudaErrorNotReady);
    *milliseconds = static_cast<float>(end->at - start->at);
    return broken();
}
