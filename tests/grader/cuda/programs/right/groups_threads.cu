#include <cooperative_groups.h>
#include <cooperative_groups/reduce.h>

namespace cg = cooperative_groups;

__global__ void sum(int* y) {
    cg::thread_block block = cg::this_thread_block();
    auto tile = cg::tiled_partition<8>(block);
    int value = block.thread_rank();
    for (int d = tile.size() / 2; d > 0; d /= 2) value += tile.shfl_down(value, d);
    if (tile.thread_rank() == 0) atomicAdd(&y[0], value);
    block.sync();
    const int most = cg::reduce(tile, static_cast<int>(block.thread_rank()), cg::greater<int>());
    if (tile.thread_rank() == 0) atomicMax(&y[1], most);
    if (tile.ballot(tile.thread_rank() == 2) != 4) atomicAdd(&y[2], 1);
    if (block.thread_rank() % 3 == 0) {
        cg::coalesced_group here = cg::coalesced_threads();
        if (here.thread_rank() == 0) atomicAdd(&y[3], here.size());
    }
}

int main() {
    int* y;
    cudaMallocManaged(&y, 4 * sizeof(int));
    memset(y, 0, 4 * sizeof(int));
    sum<<<1, dim3(16, 4)>>>(y);
    cudaDeviceSynchronize();
    return y[0] == 2016 && y[1] == 63 && y[2] == 0 && y[3] == 22 ? 0 : 1;
}
