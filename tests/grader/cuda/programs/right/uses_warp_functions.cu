__global__ void check(int* wrong) {
    const unsigned int lane = threadIdx.x % 32, all = 0xffffffff;
    int bad = 0;
    bad += __shfl_sync(all, lane * 2, 5) != 10;
    bad += __shfl_sync(all, lane, 3, 8) != static_cast<int>(lane / 8 * 8 + 3);
    bad += __shfl_up_sync(all, lane, 3) != (lane < 3 ? lane : lane - 3);
    bad += __shfl_down_sync(all, lane, 4, 16) != (lane % 16 + 4 > 15 ? lane : lane + 4);
    bad += __shfl_xor_sync(all, lane, 16) != (lane ^ 16);
    bad += __shfl_xor_sync(all, 1.5 * lane, 1) != 1.5 * (lane ^ 1);
    bad += __ballot_sync(all, lane % 4 == 1) != 0x22222222;
    bad += !__any_sync(all, lane == 7) + __any_sync(all, lane > 31) + __all_sync(all, lane) + !__all_sync(all, lane < 32);
    bad += __match_any_sync(all, lane / 8) != 0xffu << (lane / 8 * 8);
    int same;
    bad += __match_all_sync(all, 4, &same) != all || !same;
    bad += __match_all_sync(all, lane, &same) != 0 || same;
    bad += __reduce_add_sync(all, lane) != 496;
    bad += __reduce_max_sync(all, static_cast<int>(lane) - 40) != -9;
    bad += __reduce_min_sync(all, static_cast<int>(lane) - 40) != -40;
    bad += __reduce_or_sync(all, 1u << lane) != all || __reduce_xor_sync(all, 1u << lane) != all;
    bad += __reduce_and_sync(all, ~(lane == 9 ? 2u : 0u)) != ~2u;
    if (lane < 16) bad += __reduce_add_sync(0xffff, 1u) != 16;
    if (lane % 2 == 1) bad += __activemask() != 0xaaaaaaaa;
    bad += __popc(0xf0f0) != 8 || __clz(1) != 31 || __ffs(8) != 4 || __brev(1) != 0x80000000;
    bad += __dp4a(0x01020304, 0x01010101, 5) != 15 || __dp4a(0x000000ff, 2, 0) != -2;
    bad += __byte_perm(0x33221100, 0x77665544, 0x5410) != 0x55441100 || __mulhi(1 << 30, 8) != 2;
    atomicAdd(wrong, bad);
}

int main() {
    int* wrong;
    cudaMallocManaged(&wrong, sizeof(int));
    *wrong = 0;
    check<<<1, 64>>>(wrong);
    cudaDeviceSynchronize();
    return *wrong;
}
