// Meetings of the lanes of a warp.
#include "scheduler.h"
#include "trace.h"

namespace cuda_cpu {
namespace {
// The lane that `thread` reads from, as the shuffle instructions define it.
unsigned int source_of(const Thread& thread) {
    const unsigned int width = static_cast<unsigned int>(thread.width);
    const unsigned int segment = thread.lane & ~(width - 1);
    const unsigned int last = segment + width - 1;
    const unsigned int lane = thread.lane;
    unsigned int source = lane;
    switch (thread.meeting) {
        case Meeting::shuffle_index: source = segment | (thread.argument & (width - 1)); break;
        case Meeting::shuffle_up: source = lane < segment + thread.argument ? lane : lane - thread.argument; break;
        case Meeting::shuffle_down: source = thread.argument > last - lane ? lane : lane + thread.argument; break;
        default: source = (lane ^ thread.argument) > last ? lane : lane ^ thread.argument; break;
    }
    return source & (warp_lanes - 1);
}

uint64_t reduce(Meeting kind, uint64_t a, uint64_t b) {
    const auto x = static_cast<uint32_t>(a), y = static_cast<uint32_t>(b);
    const auto p = static_cast<int32_t>(x), q = static_cast<int32_t>(y);
    switch (kind) {
        case Meeting::add: return x + y;
        case Meeting::min_signed: return static_cast<uint32_t>(p < q ? p : q);
        case Meeting::max_signed: return static_cast<uint32_t>(p > q ? p : q);
        case Meeting::min_unsigned: return x < y ? x : y;
        case Meeting::max_unsigned: return x > y ? x : y;
        case Meeting::bit_and: return x & y;
        case Meeting::bit_or: return x | y;
        default: return x ^ y;
    }
}

void decide(Warp& warp, Thread& thread, uint32_t group) {
    const Meeting kind = thread.meeting;
    if (kind >= Meeting::shuffle_index && kind <= Meeting::shuffle_xor) {
        const unsigned int source = source_of(thread);
        if ((group >> source & 1) == 0) {
            trace::fault("shuffle_from_absent", thread.place, nullptr, source);
            thread.result = 0xdeadbeefdeadbeefu;
            return;
        }
        thread.result = warp.lanes[source].value;
        return;
    }
    uint64_t result = 0;
    bool first = true;
    for (uint32_t rest = group; rest != 0; rest &= rest - 1) {
        const unsigned int lane = static_cast<unsigned int>(__builtin_ctz(rest));
        const uint64_t value = warp.lanes[lane].value;
        switch (kind) {
            case Meeting::sync: break;
            case Meeting::ballot: result |= static_cast<uint64_t>(value != 0) << lane; break;
            case Meeting::match_any: result |= static_cast<uint64_t>(value == thread.value) << lane; break;
            case Meeting::match_all: result = (first || result != 0) && value == thread.value ? group : 0; break;
            default: result = first ? value : reduce(kind, result, value); break;
        }
        first = false;
    }
    thread.result = result;
}
}  // namespace

bool try_meeting(Warp& warp, unsigned int mask) {
    const uint32_t group = mask & warp.present & ~warp.ended;
    if ((warp.waiting & group) != group) return false;
    for (uint32_t rest = group; rest != 0; rest &= rest - 1) {
        if (warp.lanes[__builtin_ctz(rest)].mask != mask) return false;
    }
    const Thread& leader = warp.lanes[__builtin_ctz(group)];
    if ((mask & warp.ended) != 0) {
        trace::fault("meeting_after_exit", leader.place, nullptr,
                     static_cast<unsigned int>(__builtin_popcount(mask & warp.ended)));
    }
    for (uint32_t rest = group; rest != 0; rest &= rest - 1) {
        Thread& thread = warp.lanes[__builtin_ctz(rest)];
        if (thread.meeting != leader.meeting) trace::fault("meeting_elsewhere", leader.place, thread.place, 1);
        decide(warp, thread, group);
    }
    if (leader.meeting == Meeting::sync) trace::lanes_synchronised(warp, group);
    warp.waiting &= ~group;
    for (uint32_t rest = group; rest != 0; rest &= rest - 1) {
        Thread& thread = warp.lanes[__builtin_ctz(rest)];
        thread.state = State::ready;
        if (&thread != current) make_ready(thread);
    }
    return true;
}

uint64_t meet(Meeting kind, unsigned int mask, uint64_t value, unsigned int argument, int width) {
    Thread& thread = *current;
    thread.place = __builtin_return_address(0);
    thread.meeting = kind;
    thread.mask = mask;
    thread.value = value;
    thread.argument = argument;
    thread.width = width;
    if ((mask >> thread.lane & 1) == 0) {
        trace::fault("lane_not_in_mask", thread.place, nullptr, thread.lane);
        return value;
    }
    thread.state = State::meeting;
    thread.warp->waiting |= 1u << thread.lane;
    if (!try_meeting(*thread.warp, mask)) switch_away();
    return thread.result;
}

unsigned int active_mask() {
    Thread& thread = *current;
    thread.place = __builtin_return_address(0);
    thread.state = State::active_mask;
    switch_away();
    return static_cast<unsigned int>(thread.result);
}

// A thread that takes many atomic operations is probably waiting for another one.
void atomic_begin(const void* address, void* old, unsigned int size) {
    trace::atomic(address, size, __builtin_return_address(0));
    static unsigned int turn = 0;
    if (current != nullptr && ++turn % 64 == 0) pause();
    __builtin_memcpy(old, address, size);
}

void atomic_end(void* address, const void* fresh, unsigned int size) { __builtin_memcpy(address, fresh, size); }
}  // namespace cuda_cpu
