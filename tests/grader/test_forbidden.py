"""Forbidden identifiers are found by token."""

from __future__ import annotations

import time

import pytest

from grader.forbidden import find
from grader.lab import ForbiddenSpec


def found(language: str, source: str, symbol: str) -> int | None:
    rule = ForbiddenSpec(symbol=symbol, reason="because")
    finding = find({"file": source.encode()}, [rule], language)
    return finding.line if finding else None


@pytest.mark.parametrize(
    ("source", "symbol", "line"),
    [
        ("int main() {\n  std::sort(a, b);\n}", "std::sort", 2),
        ("std :: sort (a)", "std::sort", 1),
        ("::std::sort(a)", "std::sort", 1),
        ("std::ranges::sort(a)", "sort", 1),
        ("ctx->llama_decode(x)", "llama_decode", 1),
        ("// llama_decode\nint x;", "llama_decode", None),
        ("/* a\nllama_decode */ int x;", "llama_decode", None),
        ('const char * s = "llama_decode \\" llama_decode";', "llama_decode", None),
        ('auto s = R"x(llama_decode)" )x"; llama_decode();', "llama_decode", 1),
        ('auto s = R"(llama_decode)";', "llama_decode", None),
        ("// comment that goes on \\\nllama_decode\nint x;", "llama_decode", None),
        ("int n = 1'000'000; llama_decode();", "llama_decode", 1),
        ("char c = '\"'; llama_decode(); // \"", "llama_decode", 1),
        ("my_llama_decode(); llama_decoder();", "llama_decode", None),
        ("llama_\\\ndecode();", "llama_decode", 1),
        ("#define CALL llama_decode", "llama_decode", 1),
    ],
)
def test_cpp(source: str, symbol: str, line: int | None) -> None:
    assert found("cpp", source, symbol) == line


@pytest.mark.parametrize(
    ("source", "symbol", "line"),
    [
        ("import numpy as np\nx = np.linalg.solve(a, b)", "numpy.linalg.solve", 2),
        ("from numpy import linalg as la\nla.solve(a, b)", "numpy.linalg.solve", 2),
        ("from numpy import (dot)\ny = dot(a, b)", "numpy.dot", 1),
        ("from numpy import dot as d", "numpy.dot", 1),
        ("import subprocess", "subprocess", 1),
        ("# sum(x)\ny = 'sum(x)'", "sum", None),
        ('"""\nsum(x)\n"""\n', "sum", None),
        ("x = f'{sum(y)}'", "sum", 1),
        ("x = r'\\' ; sum(y)", "sum", None),
        ("total.sum()", "sum", 1),
        ("checksum(x)", "sum", None),
    ],
)
def test_python(source: str, symbol: str, line: int | None) -> None:
    assert found("python", source, symbol) == line


@pytest.mark.parametrize(
    "source", ["(" * 200_000, "'" * 200_000, '"""' * 70_000, "/*" * 100_000, "a::" * 80_000, "a\\\n" * 80_000]
)
@pytest.mark.parametrize("language", ["cpp", "python"])
def test_a_file_made_to_be_slow_is_not(language: str, source: str) -> None:
    started = time.monotonic()
    found(language, source, "std::sort")
    assert time.monotonic() - started < 3
