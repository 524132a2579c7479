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
    "source",
    [
        "(" * 200_000, "'" * 200_000, '"""' * 70_000, "/*" * 100_000, "a::" * 80_000, "a\\\n" * 80_000, 'R"(' * 80_000,
        "u\\\n" * 80_000, "u" + "\\\n" * 120_000, "f'{" * 80_000, "#" * 200_000, "x=a.b\n" * 40_000,
        "getattr ## " + "'a' a " * 40_000, "import a as b\n" * 18_000, "* f(" * 60_000, "/\\\n" * 80_000,
        "getattr(" * 32_000,
    ],
)  # fmt: skip
@pytest.mark.parametrize("language", ["cpp", "python"])
def test_a_file_made_to_be_slow_is_not(language: str, source: str) -> None:
    started = time.process_time()
    found(language, source, "std::sort")
    assert time.process_time() - started < 3


@pytest.mark.parametrize(
    "source",
    [
        "using namespace std;\nint x = accumulate(a, b, 0);",
        "int x = accumulate(v.begin(), v.end(), 0);",
        "auto x = accumulate<It, int>(a, b, 0);",
        "namespace s = std;\nint x = s::accumulate(a, b, 0);",
        "namespace s = ::std; namespace t = s; int x = t::accumulate(a, b, 0);",
        "#define s std\nint x = s::accumulate(a, b, 0);",
        "using std::accumulate;",
        "int x = std::/* here */accumulate(a, b, 0);",
        "int x = std:\\\n:accumulate(a, b, 0);",
        "int x = std::accu\\ \t\nmulate(a, b, 0);",
        "int x = std::accu\\\r\nmulate(a, b, 0);",
        "char c = L'\"'; int x = std::accumulate(a, b, 0); // \"",
        "char c = u8'\"'; int x = std::accumulate(a, b, 0); // \"",
        "auto n = 1'0; int x = std::accumulate(a, b, 0); // '",
        'auto s = R"()\\\n" )" ; int x = std::accumulate(a, b, 0); //"',
        'auto s = R\\\n"("x" )" ; int x = std::accumulate(a, b, 0); //"',
        'auto s = aR"(" std::accumulate(a, b, 0) ")";',
        "#define CALL(a, b) std::a##b\nint x = CALL(accu, mulate)(p, q, 0);",
        "%:define CALL(a, b) std::a%:%:b\nint x = CALL(accu, mulate)(p, q, 0);",
        'long f(long) asm("accumulate");',
        'void * f = dlsym(0, "accu" "mulate");',
    ],
)
def test_a_name_is_found_however_it_is_written_in_cpp(source: str) -> None:
    assert found("cpp", source, "std::accumulate") is not None


@pytest.mark.parametrize(
    "source",
    [
        "long long accumulate(const long long * a, int n) {\n  return n;\n}\nint x = accumulate(a, 3);",
        "std::vector<int> accumulate(const V & a) { return {}; }\nint main() { accumulate(v); }",
        "struct Sum { void accumulate(int x); };\nint main() { Sum s; s.accumulate(3); }",
        "auto accumulate = [](int x) { return x; };\nint y = accumulate(3);",
        "#include <numeric>\nint main() { std::iota(a, b, 0); } // no accumulate(",
        "#define NAME(a, b) a##b\nint NAME(x, y) = 3;",
        'std::puts("accumulate is forbidden");',
        'R"(std::accumulate(a, b, 0))";',
    ],
)
def test_ones_own_function_of_the_same_name_is_no_fault_in_cpp(source: str) -> None:
    assert found("cpp", source, "std::accumulate") is None


@pytest.mark.parametrize(
    "source",
    [
        "\uff53\uff55\uff4d(x)",
        "import builtins\nbuiltins.sum(x)",
        "eval('su' + 'm')(x)",
        "__builtins__.sum(x)",
        "getattr(__import__('builtins'), 'mus'[::-1])(x)",
        "x = globals()['su' 'm']",
        "vars(thing)['sum'](x)",
        "thing.__dict__['su' + 'm'](x)",
        "# -*- coding: utf-7 -*-\n+AHMAdQBt-(x)",
        "# vim: set fileencoding=rot13 :\nfhz(x)",
        "print(f'{thing}' f'{sum(x)}')",
        "operator.attrgetter('sum')(x)",
        "name = 'sum'\ngetattr(thing, name)(x)",
        "x = globals().get('su' + 'm')",
    ],
)
def test_a_name_is_found_however_it_is_written_in_python(source: str) -> None:
    assert found("python", source, "sum") is not None


@pytest.mark.parametrize(
    "source",
    [
        "from numpy.linalg import *\nsolve(a, b)",
        "import numpy\nla = numpy.linalg\nla.solve(a, b)",
        "import numpy as np\nnp.linalg.\\\n    solve(a, b)",
        "import numpy as np\n(np\n  .linalg  # here\n  .solve(a, b))",
        "import numpy as np\n(np).linalg.solve(a, b)",
        "from numpy import (\n    array,\n    linalg as la,\n)\nla.solve(a, b)",
        "import numpy as np\ngetattr(np.linalg, 'solve')(a, b)",
    ],
)
def test_a_qualified_name_is_found_however_it_is_reached(source: str) -> None:
    assert found("python", source, "numpy.linalg.solve") is not None


@pytest.mark.parametrize(
    "source",
    [
        "model.eval()\nx = re.compile('a')",
        "summe = 0\nchecksum = 1",
        "x = getattr(thing, 'total')",
        "x = getattr(thing, ('total', " + "1, " * 300 + "))",
        "text = 'the sum of all'\nname = globals",
        "# coding: utf-8\nstraße = 1",
        "# -*- coding: latin-1 -*-\nx = 1",
        "{'sum': 1}['sum']",
        "row = {'sum': 1}\nx = getattr(thing, 'name', 'none')",
    ],
)
def test_honest_code_is_no_fault_in_python(source: str) -> None:
    assert found("python", source, "sum") is None
