#include <cuda_bf16.h>
#include <cuda_fp16.h>

__global__ void compute(const half* x, half* y, __nv_bfloat16* z) {
    const int i = threadIdx.x;
    y[i] = __hfma(x[i], __float2half(2.0f), __float2half(1.0f));
    z[i] = __float2bfloat16(__half2float(x[i]) * 3.0f);
}

int main() {
    int bad = 0;
    for (unsigned int i = 0; i < 65536; ++i) {
        const half one = __ushort_as_half(static_cast<unsigned short>(i));
        const float wide = __half2float(one);
        bad += wide == wide && __half_as_ushort(__float2half(wide)) != i;
    }
    bad += __half2float(__float2half(65519.0f)) != 65504.0f || !std::isinf(__half2float(__float2half(65520.0f)));
    bad += __half_as_ushort(__float2half(1.0f + 1.0f / 2048)) != 0x3c00;  // A tie goes to the even one.
    bad += __half_as_ushort(__float2half(5.9604645e-8f)) != 1;
    bad += __bfloat16_as_ushort(__float2bfloat16(1.00390625f)) != 0x3f80;
    half host[32];
    for (int i = 0; i < 32; ++i) host[i] = __float2half(i);
    half *x, *y;
    __nv_bfloat16 *z, back[32];
    cudaMalloc(&x, sizeof host);
    cudaMalloc(&y, sizeof host);
    cudaMalloc(&z, sizeof back);
    cudaMemcpy(x, host, sizeof host, cudaMemcpyHostToDevice);
    compute<<<1, 32>>>(x, y, z);
    cudaMemcpy(host, y, sizeof host, cudaMemcpyDeviceToHost);
    cudaMemcpy(back, z, sizeof back, cudaMemcpyDeviceToHost);
    return bad + (__half2float(host[31]) != 63.0f) + (__bfloat162float(back[31]) != 93.0f);
}
