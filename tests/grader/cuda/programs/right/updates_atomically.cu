#include <cuda_fp16.h>

struct Totals {
    int add, least, most;
    unsigned int wraps, falls, bits;
    unsigned long long wide;
    float real;
    double precise;
    half2 pair;
    float swapped;
    int won;
};

__global__ void update(Totals* t) {
    const int i = threadIdx.x;
    atomicAdd(&t->add, i);
    atomicMin(&t->least, 50 - i);
    atomicMax(&t->most, i);
    atomicInc(&t->wraps, 9);
    atomicDec(&t->falls, 9);
    atomicOr(&t->bits, 1u << (i % 32));
    atomicAdd(&t->wide, 1ull << 33);
    atomicAdd(&t->real, 0.5f);
    atomicAdd(&t->precise, 0.25);
    atomicAdd(&t->pair, __floats2half2_rn(1.0f, 2.0f));
    atomicExch(&t->swapped, 3.0f);
    if (atomicCAS(&t->won, 0, i + 1) == 0) atomicSub(&t->add, 1);
}

int main() {
    Totals* t;
    cudaMallocManaged(&t, sizeof *t);
    memset(t, 0, sizeof *t);
    t->least = 100;
    update<<<1, 64>>>(t);
    cudaDeviceSynchronize();
    bool right = t->add == 2015 && t->least == -13 && t->most == 63 && t->wraps == 4 && t->bits == 0xffffffff;
    right = right && t->falls == 6 && t->wide == 64ull << 33 && t->real == 32.0f && t->precise == 16.0;
    right = right && __low2float(t->pair) == 64.0f && __high2float(t->pair) == 128.0f && t->swapped == 3.0f;
    return right && t->won > 0 ? 0 : 1;
}
