"""The translator: what it changes, what it leaves alone, and that no line moves."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from grader.cuda_cpu.lexer import tokens
from grader.cuda_cpu.translate import translate

PIECES = (
    "k", "<<<", ">>>", "<", ">", ">>", "(", ")", "[", "]", "{", "}", ";", ",", "::", "__shared__", "extern",
    "template", "__global__", "namespace", "asm", '"', "'", "/*", "*/", "//", "\n", "\\", " ", 'R"(', ')"', "#define",
    "1'0", "static", "float", "__noinline__", "volatile", "=",
)  # fmt: skip


def translated(source: str) -> str:
    """The text without its first line, which names the file."""
    text = translate({"/src/a.cu": source.encode()})["/src/a.cu"].text.decode()
    first, _, rest = text.partition("\n")
    assert first == '#line 1 "/src/a.cu"'
    return rest


@given(st.lists(st.sampled_from(PIECES), max_size=60).map("".join))
def test_tokens_joined_are_the_text_and_no_line_moves(source: str) -> None:
    assert "".join(token.text for token in tokens(source)) == source
    assert translated(source).count("\n") == source.count("\n")


@given(st.text(max_size=200))
def test_any_text_at_all_can_be_translated(source: str) -> None:
    assert translated(source).count("\n") == source.count("\n")


@pytest.mark.parametrize(
    "source",
    [
        'const char* s = "k<<<1, 2>>>(x);";',
        "// k<<<1, 2>>>(x);",
        "/* k<<<1,\n2>>>(x); extern __shared__ int s[]; */",
        'auto s = R"x(k<<<1, 2>>>(y) )" )x";',
        "int a = b << 2 >> 1; a <<= 3; std::vector<std::vector<std::vector<int>>> v;",
        "char c = '\"'; int n = 1'000'000; char d = '<';",
        "extern int table[];",
        "#include <map>\nint x;",
    ],
)
def test_what_is_not_cuda_stays_as_it_is(source: str) -> None:
    assert translated(source) == source


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("k<<<g, b>>>(x);", '::cuda_cpu_kernel("k", k).cuda_cpu_on(g, b)(x);'),
        ("a::k<<<f(1, 2), n >> 1, 0, s>>>();", '::cuda_cpu_kernel("a::k", a::k).cuda_cpu_on(f(1, 2), n >> 1, 0, s)();'),
        ("::k<<<1,\n  2>>>(x);", '::cuda_cpu_kernel("::k", ::k).cuda_cpu_on(1,\n  2)(x);'),
        ("kernels[i]<<<1, 2>>>(x);", '::cuda_cpu_kernel("kernels[i]", kernels[i]).cuda_cpu_on(1, 2)(x);'),
        ("(*p)<<<1, 2>>>(x);", '::cuda_cpu_kernel("(*p)", (*p)).cuda_cpu_on(1, 2)(x);'),
        ("this->k<<<1, 2>>>(x);", '::cuda_cpu_kernel("this->k", this->k).cuda_cpu_on(1, 2)(x);'),
        ("return k<<<1, 2>>>(x);", 'return ::cuda_cpu_kernel("k", k).cuda_cpu_on(1, 2)(x);'),
    ],
)  # fmt: skip
def test_a_launch_becomes_a_call(source: str, wanted: str) -> None:
    assert translated(source) == wanted


def test_a_template_is_named_whole_or_left_to_deduction() -> None:
    kernel = "template <typename T, int N> __global__ void __launch_bounds__(N * 2) k(T* x) {}\n"

    def launch(call: str) -> str:
        return translated(kernel + call).splitlines()[1]

    deduced = "[](auto... cuda_cpu_a) {{ {0}(cuda_cpu_a...); }}"
    assert launch("k<float, 4><<<1, 2>>>(x);").startswith('::cuda_cpu_kernel("k<float, 4>", k<float, 4>)')
    assert launch("k<<<1, 2>>>(x);").startswith(f'::cuda_cpu_template("k", {deduced.format("k")})')
    assert launch("k<A<B<C>>><<<1, 2>>>(x);").startswith(
        f'::cuda_cpu_template("k<A<B<C>>>", {deduced.format("k<A<B<C>>>")})'
    )


@pytest.mark.parametrize(
    ("source", "wanted"),
    [
        ("extern __shared__ float s[];", "float (&s)[] = reinterpret_cast<float (&)[]>"),
        ("extern __shared__ __align__(16) int s[][33];", "int (&s)[][33] = reinterpret_cast<int (&)[][33]>"),
        ("__shared__ extern unsigned char s[];", "unsigned char (&s)[] = reinterpret_cast<unsigned char (&)[]>"),
        ("volatile extern __shared__ int s[];", "volatile int (&s)[] = reinterpret_cast<volatile int (&)[]>"),
    ],
)  # fmt: skip
def test_dynamic_shared_memory_becomes_a_reference(source: str, wanted: str) -> None:
    seen = " ".join(translated(f"void f() {{ {source} }}").split())
    assert f"{wanted}(::cuda_cpu::dynamic_shared);" in seen
    assert "static" not in seen


def test_at_namespace_scope_the_reference_belongs_to_its_file() -> None:
    seen = " ".join(translated("namespace n {\nextern __shared__ int s[];\n}\n").split())
    assert "static int (&s)[] =" in seen


def test_only_changed_lines_lose_their_columns() -> None:
    source = "int a;\nvoid f() { k<<<1,\n2>>>(a); }\nint b;\n"
    assert translate({"/src/a.cu": source.encode()})["/src/a.cu"].changed_lines == {2, 3}


@pytest.mark.parametrize("piece", ["k<<<", "k<<<(", "k<1>(2)[3]<<<", "template<", ">>><<<"])
def test_a_file_made_to_be_slow_is_not(piece: str) -> None:
    source = (piece * (256 * 1024 // len(piece))).encode()
    began = time.process_time()
    translate({"/src/a.cu": source})
    assert time.process_time() - began < 5


def test_only_cuda_files_are_translated() -> None:
    assert set(translate({"/src/a.cu": b"", "/src/b.cpp": b"", "/src/c.cuh": b"", "/src/d.h": b""})) == {
        "/src/a.cu", "/src/c.cuh",
    }  # fmt: skip
