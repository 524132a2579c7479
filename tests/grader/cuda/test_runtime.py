"""What a program sees of the emulated device: errors, order of work, limits, and words for what it cannot do."""

from __future__ import annotations

import pytest

from grader.languages import SourceTree, cuda
from grader.sandbox import Sandbox
from grader.toolchain import Toolchain
from tests.grader.cuda.conftest import SPEC, Run

pytestmark = pytest.mark.slow

SET = "__global__ void set(int* x, int value) { x[threadIdx.x] = value; }\n"


def printed(run: Run, body: str, *, before: str = SET) -> str:
    """What a program with this `main` prints when run plainly."""
    ran = run(f"{before}\nint main() {{\n{body}\n}}\n", traced=False)
    assert ran.outcome.exit_code == 0, ran.outcome.stderr
    return ran.outcome.stdout.decode().strip()


def test_a_result_that_nobody_waited_for_is_not_there_yet(run: Run) -> None:
    body = """
    int* x;
    cudaMallocManaged(&x, 32 * sizeof(int));
    x[3] = 1;
    set<<<1, 32>>>(x, 7);
    printf("%d ", x[3]);
    cudaDeviceSynchronize();
    printf("%d", x[3]);
    """
    assert printed(run, body) == "1 7"


def test_streams_without_an_event_run_in_the_order_nobody_hoped_for(run: Run) -> None:
    body = """
    int *x, host[32];
    cudaMalloc(&x, 32 * sizeof(int));
    cudaStream_t one, two;
    cudaStreamCreate(&one);
    cudaStreamCreate(&two);
    set<<<1, 32, 0, one>>>(x, 1);
    set<<<1, 32, 0, two>>>(x, 2);
    cudaDeviceSynchronize();
    cudaMemcpy(host, x, sizeof host, cudaMemcpyDeviceToHost);
    printf("%d", host[0]);
    """
    assert printed(run, body) == "1"


def test_an_asynchronous_copy_reads_pageable_memory_at_once_and_pinned_memory_later(run: Run) -> None:
    body = """
    int *x, *pinned, pageable = 1, host[2];
    cudaMalloc(&x, 2 * sizeof(int));
    cudaMallocHost(&pinned, sizeof(int));
    *pinned = 1;
    cudaStream_t stream;
    cudaStreamCreate(&stream);
    cudaMemcpyAsync(x, &pageable, sizeof(int), cudaMemcpyHostToDevice, stream);
    cudaMemcpyAsync(x + 1, pinned, sizeof(int), cudaMemcpyHostToDevice, stream);
    pageable = *pinned = 2;
    cudaStreamSynchronize(stream);
    cudaMemcpy(host, x, sizeof host, cudaMemcpyDeviceToHost);
    printf("%d %d", host[0], host[1]);
    """
    assert printed(run, body) == "1 2"


@pytest.mark.parametrize(
    ("launch", "error"),
    [
        ("set<<<1, 1025>>>(x, 1)", "cudaErrorInvalidConfiguration"),
        ("set<<<1, dim3(1, 1, 65)>>>(x, 1)", "cudaErrorInvalidConfiguration"),
        ("set<<<dim3(1, 65536), 1>>>(x, 1)", "cudaErrorInvalidConfiguration"),
        ("set<<<0, 1>>>(x, 1)", "cudaErrorInvalidConfiguration"),
        ("set<<<1, 1, 49153>>>(x, 1)", "cudaErrorInvalidValue"),
        ("set<<<1, 1, 49152>>>(x, 1)", "cudaSuccess"),
        ("set<<<dim3(1, 65535), dim3(32, 32)>>>(x, 1)", "cudaSuccess"),
    ],
)
def test_limits_of_a_launch_are_those_of_a_device(launch: str, error: str, run: Run) -> None:
    ask = 'printf("%s ", cudaGetErrorName(cudaGetLastError()));'
    body = f"int* x = nullptr; {launch}; {ask} {ask}"
    assert printed(run, body) == f"{error} cudaSuccess"


def test_a_fault_in_a_kernel_breaks_the_device_and_every_later_call_says_so(run: Run) -> None:
    body = """
    int* x;
    set<<<1, 32>>>(nullptr, 1);
    printf("%d ", cudaGetLastError());
    printf("%d ", cudaDeviceSynchronize());
    printf("%d ", cudaGetLastError());
    printf("%d ", cudaMalloc(&x, 4));
    cudaDeviceReset();
    printf("%d", cudaMalloc(&x, 4));
    """
    assert printed(run, body) == "0 700 700 700 0"


def test_a_failed_assertion_in_a_kernel_is_an_error_of_the_device(run: Run) -> None:
    before = "#include <cassert>\n__global__ void check(int n) { assert(n > int(threadIdx.x)); }"
    body = 'check<<<1, 32>>>(16); printf("%s", cudaGetErrorName(cudaDeviceSynchronize()));'
    assert printed(run, body, before=before) == "cudaErrorAssert"


def test_constant_memory_may_be_constant_for_the_host_too(run: Run) -> None:
    before = """
    __constant__ const int fixed[2] = {4, 5};
    static constexpr __constant__ int more = 6;
    __constant__ int changed[2];
    __global__ void sum(int* x) { *x = fixed[1] + more + changed[1]; }
    """
    body = """
    int *x, two[2] = {1, 2};
    cudaMallocManaged(&x, 4);
    cudaMemcpyToSymbol(changed, two, sizeof two);
    sum<<<1, 1>>>(x);
    cudaDeviceSynchronize();
    printf("%d", *x);
    """
    assert printed(run, body, before=before) == "13"


def test_errors_of_calls_are_remembered_until_asked_for(run: Run) -> None:
    body = """
    int *x, host[4];
    printf("%s ", cudaGetErrorName(cudaMalloc(&x, 1ull << 50)));
    printf("%s ", cudaGetErrorString(cudaGetLastError()));
    cudaMalloc(&x, 16);
    printf("%d ", cudaMemcpy(x, host, 20, cudaMemcpyHostToDevice));
    printf("%d ", cudaMemcpy(host, x, 16, cudaMemcpyHostToDevice));
    printf("%d ", cudaFree(host));
    printf("%d ", cudaFree(x));
    printf("%d", cudaFree(x));
    """
    assert printed(run, body) == "cudaErrorMemoryAllocation out of memory 1 1 1 0 1"


def test_fresh_device_memory_and_shared_memory_hold_no_numbers(run: Run) -> None:
    body = """
    float *x, host[2];
    cudaMalloc(&x, 8);
    look<<<1, 1>>>(x);
    cudaMemcpy(host, x, 8, cudaMemcpyDeviceToHost);
    printf("%d %d", host[0] != host[0], host[1] != host[1]);
    """
    before = "__global__ void look(float* x) { __shared__ float tile[4]; volatile float* t = tile; x[1] = t[2]; }"
    assert printed(run, body, before=before) == "1 1"


def test_blocks_of_a_grid_have_shared_memory_of_their_own(run: Run) -> None:
    before = """
    template <int N> __device__ int* own() { __shared__ int tile[N]; return tile; }
    __global__ void mark(int* x) {
        int *small = own<4>(), *large = own<8>();
        if (threadIdx.x == 0) small[1] = blockIdx.x, large[1] = 100 + blockIdx.x;
        __syncthreads();
        if (threadIdx.x == 1) x[blockIdx.x] = small[1] * 1000 + large[1];
    }
    """
    body = """
    int* x;
    cudaMallocManaged(&x, 16);
    mark<<<3, 2>>>(x);
    cudaDeviceSynchronize();
    printf("%d %d %d", x[0], x[1], x[2]);
    """
    assert printed(run, body, before=before) == "100 1101 2102"


def test_a_kernel_prints_when_it_runs(run: Run) -> None:
    before = '__global__ void hello() { printf("%d.%d ", blockIdx.x, threadIdx.x); }'
    body = 'hello<<<2, 2>>>(); printf("host "); cudaDeviceSynchronize();'
    assert printed(run, body, before=before) == "host 0.0 0.1 1.0 1.1"


def test_the_device_describes_itself_as_what_it_is(run: Run) -> None:
    body = """
    cudaDeviceProp p;
    int count, block;
    cudaGetDeviceCount(&count);
    cudaGetDeviceProperties(&p, 0);
    cudaDeviceGetAttribute(&block, cudaDevAttrMaxThreadsPerBlock, 0);
    printf("%d|%s|%d|%d|%zu|%d", count, p.name, p.warpSize, block, p.sharedMemPerBlockOptin, cudaSetDevice(1));
    """
    assert printed(run, body) == "1|CPU emulator (no GPU)|32|1024|101376|101"


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("int main() { cudaGraph_t graph; }", "cudaGraph_t"),
        ("int main() { cudaMallocArray(nullptr); }", "cudaMallocArray"),
        ("#include <cub/cub.cuh>\nint main() {}", "cub/cub.cuh"),
        ("#include <mma.h>\nint main() {}", "no tensor cores"),
        ('__global__ void k(int* x) {\n    asm volatile("mov.u32 %0, 1;" : "=r"(*x));\n}\nint main() {}', "inline PTX"),
        (
            "#include <cooperative_groups.h>\n__global__ void k() { cooperative_groups::this_grid(); }\n"
            "int main() { k<<<1, 1>>>(); }",
            "one after another",
        ),
        ("int main() { cudaLaunchCooperativeKernel(nullptr, dim3(1), dim3(1), nullptr); }", "one after another"),
    ],
    ids=["graphs", "arrays", "libraries", "tensor-cores", "ptx", "grids", "cooperative-launch"],
)
def test_what_the_emulator_cannot_do_is_refused_by_name(
    source: str, words: str, toolchain: Toolchain, sandbox: Sandbox
) -> None:
    built = cuda.build(SourceTree({"main.cu": source.encode()}), SPEC, toolchain, sandbox)
    assert built.program is None
    assert words in built.log.decode()


def test_a_compile_error_names_the_learners_file_line_and_column(toolchain: Toolchain, sandbox: Sandbox) -> None:
    source = "__global__ void k(int* x) {}\n\nint main() {\n    k<<<1, 2>>>(missing);\n    int y = absent;\n}\n"
    built = cuda.build(SourceTree({"main.cu": source.encode()}), SPEC, toolchain, sandbox)
    places = [(row.file, row.line, row.column, row.severity) for row in built.diagnostics if row.severity == "error"]
    assert places == [("main.cu", 4, 0, "error"), ("main.cu", 5, 13, "error")]
    assert "main.cu:4" in built.message
    assert "translated" not in built.log.decode()


def test_a_file_that_another_includes_is_no_unit_of_its_own() -> None:
    tree = SourceTree(
        {"kernel.cu": b'#include "shared.cuh"\n', "shared.cuh": b"", "more.cu": b""},
        {"main.cu": b'  #  include "kernel.cu"\n', "io.cpp": b""},
    )
    assert cuda.units(tree) == ["/harness/main.cu", "/harness/io.cpp", "/src/more.cu"]
