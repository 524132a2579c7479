"""Precompiled headers: the learner's own set, made once, never changing what compiles."""

from __future__ import annotations

from pathlib import Path
from typing import cast

import pytest

from grader.languages import SourceTree, cpp, precompiled
from grader.sandbox import Sandbox
from grader.toolchain import Toolchain
from tests.grader.machine import TINY_LABS, tiny_lab

SOURCE = SourceTree({"main.cpp": (TINY_LABS / "cpp/reference/main.cpp").read_bytes()})


@pytest.fixture(autouse=True)
def cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A cache of its own, and nothing known to be hopeless."""
    monkeypatch.setattr(precompiled, "_hopeless", set())
    monkeypatch.setenv("GRADER_PRECOMPILED_DIR", str(tmp_path))
    return tmp_path


@pytest.mark.parametrize(
    ("text", "headers"),
    [
        (b'#include <vector>\n#include "llama.h"\n#include <map>\n', ("llama.h", "map", "vector")),
        (b"#include <stdint.h>\n#include <cmath>\n", ("cmath", "stdint.h")),
        (b"#define NDEBUG\n#include <cassert>\n", ()),
        (b"#ifdef X\n#include <vector>\n#endif\n", ()),
        (b'#include <../../etc/passwd>\n#include "/etc/passwd"\n#include <sys/mman.h>\n', ()),
        (b'#include "own.h"\n', ()),
        (b"int main() {}\n", ()),
        (b"/* #include <map>\n#include <set>\n*/\n#include <vector> // for rows\n", ("vector",)),
        (b"// continued \\\n#include <map>\n#include <vector>\n", ("vector",)),
        (b'#include <vector>\nauto text = R"(\n#include <map>\n)";\n', ("vector",)),
        (b"#include <vector>\n#define NDEBUG\n#include <cassert>\n", ("vector",)),
    ],
)
def test_only_known_headers_in_plain_order_count(text: bytes, headers: tuple[str, ...]) -> None:
    assert precompiled.included(SourceTree({"main.cpp": text})) == headers


def test_several_units_are_compiled_plainly() -> None:
    assert precompiled.included(SourceTree({"a.cpp": b"#include <map>\n"}, {"b.cpp": b"#include <map>\n"})) == ()


@pytest.mark.slow
def test_a_set_is_made_once_and_used(toolchain: Toolchain, sandbox: Sandbox) -> None:
    flags = cpp.compile_flags(tiny_lab("cpp").spec)
    assert precompiled.find(SOURCE, flags, toolchain) is None
    assert precompiled.make(SOURCE, flags, toolchain, sandbox)
    assert not precompiled.make(SOURCE, flags, toolchain, sandbox)
    assert precompiled.find(SOURCE, flags, toolchain) is not None
    assert precompiled.find(SOURCE, [*flags, "-O3"], toolchain) is None
    built = cpp.build(SOURCE, tiny_lab("cpp").spec, toolchain, sandbox)
    assert built.program is not None
    assert built.log == b""


@pytest.mark.slow
def test_a_missing_include_stays_missing_and_messages_stay_the_same(toolchain: Toolchain, sandbox: Sandbox) -> None:
    spec = tiny_lab("cpp").spec
    wrong = SourceTree({"main.cpp": b"#include <iostream>\nint main() { std::map<int, int> m; return nothing; }\n"})
    plain = cpp.build(wrong, spec, toolchain, sandbox)
    assert precompiled.make(wrong, cpp.compile_flags(spec), toolchain, sandbox)
    quick = cpp.build(wrong, spec, toolchain, sandbox)
    assert quick == plain
    assert quick.program is None


@pytest.mark.slow
def test_the_cache_keeps_the_newest(
    toolchain: Toolchain, sandbox: Sandbox, cache: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(precompiled, "MAX_KEPT", 2)
    for name in ("cmath", "cstdio", "cstdlib"):
        source = SourceTree({"main.cpp": f"#include <{name}>\n".encode()})
        assert precompiled.make(source, ["-std=c++17"], toolchain, sandbox)
    assert len(list(cache.glob("bare/*"))) == 2


def test_what_cannot_be_kept_is_not_made_again_for_every_submission(
    toolchain: Toolchain, sandbox: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_the_way = tmp_path / "precompiled"
    in_the_way.write_text("a file where the folder should be")
    monkeypatch.setenv("GRADER_PRECOMPILED_DIR", str(in_the_way))
    source = SourceTree({"main.cpp": b"#include <cstdio>\n#include <forward_list>\nint main() {}\n"})
    runs: list[str] = []

    class Counting:
        def __getattr__(self, name: str) -> object:
            runs.append(name)
            return getattr(sandbox, name)

    for _ in range(3):
        assert not precompiled.make(source, ["-O2"], toolchain, cast(Sandbox, Counting()))
    assert runs == ["run"]
