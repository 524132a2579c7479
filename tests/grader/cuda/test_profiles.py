"""What is counted, against what can be worked out by hand."""

from __future__ import annotations

import pytest

from grader.contract import KernelProfile
from tests.grader.cuda.conftest import Run

pytestmark = pytest.mark.slow

MATMUL = """
template <int T>
__global__ void product(const float* a, const float* b, float* c, int n) {
    __shared__ float left[T][T], right[T][T];
    const int row = blockIdx.y * T + threadIdx.y, column = blockIdx.x * T + threadIdx.x;
    float sum = 0.0f;
    for (int t = 0; t < n; t += T) {
        left[threadIdx.y][threadIdx.x] = a[row * n + t + threadIdx.x];
        right[threadIdx.y][threadIdx.x] = b[(t + threadIdx.y) * n + column];
        __syncthreads();
        for (int k = 0; k < T; ++k) sum += left[threadIdx.y][k] * right[k][threadIdx.x];
        __syncthreads();
    }
    c[row * n + column] = sum;
}

int main() {
    const int n = 64;
    float *a, *b, *c;
    for (float** one : {&a, &b, &c}) cudaMalloc(one, n * n * sizeof(float));
    cudaMemset(a, 0, n * n * sizeof(float));
    cudaMemset(b, 0, n * n * sizeof(float));
    product<16><<<dim3(4, 4), dim3(16, 16)>>>(a, b, c, n);
    product<16><<<dim3(4, 4), dim3(16, 16)>>>(a, b, c, n);
    return cudaDeviceSynchronize();
}
"""
ONE_KERNEL = """
__global__ void look(const float* x, float* y) {{ {body} }}

int main() {{
    float *x, *y;
    cudaMalloc(&x, 1 << 16);
    cudaMalloc(&y, 1 << 16);
    cudaMemset(x, 0, 1 << 16);
    look<<<1, 32>>>(x, y);
    return cudaDeviceSynchronize();
}}
"""


def profile(run: Run, source: str) -> KernelProfile:
    """Of the only kernel."""
    ran = run(source)
    assert ran.outcome.exit_code == 0, ran.outcome.stderr
    assert ran.seen.complete
    (kernel,) = ran.seen.kernels
    return kernel


def test_a_tiled_product_is_counted_to_the_byte(run: Run) -> None:
    seen = profile(run, MATMUL)
    launches, blocks, tiles, threads = 2, 16, 4, 256
    loads = launches * blocks * tiles * threads * 2
    assert seen.model_dump() == {
        "kernel": "product<16>",
        "launches": launches,
        "grid": "4 x 4 x 1",
        "block": "16 x 16 x 1",
        "shared_bytes": 2 * 16 * 16 * 4,
        "bytes_read": 4 * loads,
        "bytes_written": 4 * launches * blocks * threads,
        "requests": (loads + launches * blocks * threads) // 32,
        # A warp has two rows of a tile: two runs of 64 bytes, which is as few sectors as its bytes fill.
        "sectors": 4 * (loads + launches * blocks * threads) // 32,
        "ideal_sectors": 4 * (loads + launches * blocks * threads) // 32,
        "shared_requests": (loads + loads * 16) // 32,
        "shared_passes": (loads + loads * 16) // 32,
        "barriers": launches * blocks * tiles * 2,
    }


@pytest.mark.parametrize(
    ("body", "sectors", "ideal"),
    [
        ("y[threadIdx.x] = x[threadIdx.x];", 4 + 4, 8),
        ("y[threadIdx.x] = x[threadIdx.x + 1];", 5 + 4, 8),
        ("y[threadIdx.x] = x[2 * threadIdx.x];", 8 + 4, 8),
        ("y[threadIdx.x] = x[8 * threadIdx.x];", 32 + 4, 8),
        ("y[threadIdx.x] = x[0];", 1 + 4, 5),
        ("y[threadIdx.x] = x[31 - threadIdx.x];", 4 + 4, 8),
        ("if (threadIdx.x % 8 == 0) y[threadIdx.x] = 1.0f;", 4, 1),
        ("reinterpret_cast<float4*>(y)[threadIdx.x] = reinterpret_cast<const float4*>(x)[threadIdx.x];", 32, 32),
    ],
    ids=["straight", "shifted", "stride-2", "stride-8", "one-for-all", "backwards", "few-lanes", "vectors"],
)
def test_sectors_of_a_request(body: str, sectors: int, ideal: int, run: Run) -> None:
    seen = profile(run, ONE_KERNEL.format(body=body))
    assert (seen.sectors, seen.ideal_sectors) == (sectors, ideal)


@pytest.mark.parametrize(
    ("index", "passes"),
    [
        ("threadIdx.x", 1),
        ("2 * threadIdx.x", 2),
        ("32 * threadIdx.x", 32),
        ("33 * threadIdx.x", 1),
        ("threadIdx.x / 2", 1),
    ],
)
def test_passes_over_the_banks(index: str, passes: int, run: Run) -> None:
    body = (
        "__shared__ float tile[1056];"
        "for (int i = threadIdx.x; i < 1056; i += 32) tile[i] = 0.0f;"
        f"__syncthreads(); y[threadIdx.x] = tile[{index}];"
    )
    seen = profile(run, ONE_KERNEL.format(body=body))
    assert seen.shared_requests == 33 + 1
    assert seen.shared_passes == 33 + passes


def test_wide_shared_accesses_are_counted_by_part_of_a_warp(run: Run) -> None:
    body = (
        "__shared__ float4 tile[32]; tile[threadIdx.x] = make_float4(0, 0, 0, 0); __syncthreads();"
        "reinterpret_cast<float4*>(y)[threadIdx.x] = tile[31 - threadIdx.x];"
    )
    seen = profile(run, ONE_KERNEL.format(body=body))
    assert (seen.shared_requests, seen.shared_passes) == (8, 8)


@pytest.mark.parametrize(
    ("copy", "requests"),
    [
        ("float v; memcpy(&v, x + threadIdx.x, n); y[threadIdx.x] = v;", 1),
        ("float v[3]; std::memmove(v, x + 3 * threadIdx.x, 3 * n); y[threadIdx.x] = v[0] + v[1] + v[2];", 3),
        ("float v[16]; memcpy(v, x + 16 * threadIdx.x, 64); y[threadIdx.x] = v[0] + v[15];", 16),
        ("float4 v; memcpy(&v, x + 4 * threadIdx.x, sizeof v); y[threadIdx.x] = v.x + v.w;", 1),
    ],
    ids=["runtime size", "several words", "a large constant", "a vector"],
)
def test_copies_inside_a_kernel_are_counted_like_other_loads(run: Run, copy: str, requests: int) -> None:
    found = profile(run, ONE_KERNEL.format(body=f"const int n = 3 + (blockDim.x == 32); {copy}"))
    words = {1: 4, 3: 12, 16: 64}[requests] if "float4" not in copy else 16
    assert found.bytes_read == 32 * words
    assert found.bytes_written == 128
    assert found.requests == requests + 1


def test_a_copy_that_reads_beyond_its_array_is_found_at_its_line(run: Run) -> None:
    body = "float v[4]; memcpy(v, x + (1 << 14) - 2, 12 + (threadIdx.x > 40)); y[0] = v[2];"
    ran = run(ONE_KERNEL.format(body=body))
    assert [one.kind.value for one in ran.seen.findings if one.severity == "error"][:1] == ["out_of_bounds"]
