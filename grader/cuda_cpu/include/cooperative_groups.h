// Blocks, tiles and coalesced groups. Groups of a whole grid need blocks that run side by side, which is refused.
#pragma once

#include "cuda_runtime.h"

namespace cooperative_groups {
class thread_block {
  public:
    static void sync() { ::__syncthreads(); }
    static unsigned int thread_rank() {
        const uint3 at = threadIdx, size = blockDim;
        return (at.z * size.y + at.y) * size.x + at.x;
    }
    static unsigned int size() { return num_threads(); }
    static unsigned int num_threads() {
        const uint3 size = blockDim;
        return size.x * size.y * size.z;
    }
    static dim3 group_index() { return blockIdx; }
    static dim3 thread_index() { return threadIdx; }
    static dim3 group_dim() { return blockDim; }
    static dim3 dim_threads() { return blockDim; }
};
inline thread_block this_thread_block() { return {}; }

namespace details {
// What tiles and coalesced groups share: lanes of a warp, named by a mask, numbered within the group.
template <class Group>
class Lanes {
  public:
    void sync() const { ::__syncwarp(mask()); }
    template <class T>
    T shfl(T value, unsigned int rank) const {
        return ::__shfl_sync(mask(), value, static_cast<int>(self().lane_of(rank)));
    }
    int any(int predicate) const { return ::__any_sync(mask(), predicate); }
    int all(int predicate) const { return ::__all_sync(mask(), predicate); }
    unsigned int num_threads() const { return self().size(); }

  private:
    const Group& self() const { return static_cast<const Group&>(*this); }
    unsigned int mask() const { return self().mask(); }
};
}  // namespace details

template <unsigned int Size, class Parent = thread_block>
class thread_block_tile : public details::Lanes<thread_block_tile<Size, Parent>> {
    static_assert(Size >= 1 && Size <= 32 && (Size & (Size - 1)) == 0, "a tile has 1, 2, 4, 8, 16 or 32 threads");

  public:
    static constexpr unsigned int size() { return Size; }
    unsigned int thread_rank() const { return ::cuda_cpu::lane_index() & (Size - 1); }
    unsigned int meta_group_rank() const { return thread_block::thread_rank() / Size; }
    unsigned int meta_group_size() const { return (thread_block::num_threads() + Size - 1) / Size; }
    unsigned int mask() const { return (Size == 32 ? 0xffffffffu : (1u << (Size & 31)) - 1) << first(); }
    unsigned int lane_of(unsigned int rank) const { return first() + (rank & (Size - 1)); }
    template <class T>
    T shfl_down(T value, unsigned int delta) const {
        return ::__shfl_down_sync(mask(), value, delta, static_cast<int>(Size));
    }
    template <class T>
    T shfl_up(T value, unsigned int delta) const {
        return ::__shfl_up_sync(mask(), value, delta, static_cast<int>(Size));
    }
    template <class T>
    T shfl_xor(T value, unsigned int bits) const {
        return ::__shfl_xor_sync(mask(), value, static_cast<int>(bits), static_cast<int>(Size));
    }
    unsigned int ballot(int predicate) const { return ::__ballot_sync(mask(), predicate) >> first(); }
    template <class T>
    unsigned int match_any(T value) const {
        return ::__match_any_sync(mask(), value) >> first();
    }

  private:
    unsigned int first() const { return ::cuda_cpu::lane_index() & ~(Size - 1); }
};

template <unsigned int Size, class Parent>
thread_block_tile<Size, Parent> tiled_partition(const Parent&) {
    return {};
}

// The lanes of a warp that came here together.
class coalesced_group : public details::Lanes<coalesced_group> {
  public:
    explicit coalesced_group(unsigned int mask) : mask_(mask) {}
    unsigned int size() const { return static_cast<unsigned int>(__builtin_popcount(mask_)); }
    unsigned int thread_rank() const {
        return static_cast<unsigned int>(__builtin_popcount(mask_ & ((1u << ::cuda_cpu::lane_index()) - 1)));
    }
    unsigned int mask() const { return mask_; }
    unsigned int lane_of(unsigned int rank) const {
        unsigned int rest = mask_;
        for (unsigned int i = 0; i < rank % size(); ++i) rest &= rest - 1;
        return static_cast<unsigned int>(__builtin_ctz(rest));
    }

  private:
    unsigned int mask_;
};
__forceinline__ coalesced_group coalesced_threads() { return coalesced_group(::__activemask()); }

template <class Group>
void sync(const Group& group) {
    group.sync();
}

template <class T>
struct plus {
    T operator()(T a, T b) const { return a + b; }
};
template <class T>
struct less {
    T operator()(T a, T b) const { return b < a ? b : a; }
};
template <class T>
struct greater {
    T operator()(T a, T b) const { return a < b ? b : a; }
};
template <class Group, class T, class F>
T reduce(const Group& group, T value, F combine) {
    T result = group.shfl(value, 0);
    for (unsigned int rank = 1; rank < group.size(); ++rank) result = combine(result, group.shfl(value, rank));
    return result;
}

int this_grid() __attribute__((error("grid-wide groups: the emulator runs the blocks of a grid one after another")));
}  // namespace cooperative_groups
