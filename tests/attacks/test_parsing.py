"""Row E17: what a learner's program returns is parsed by little, with caps, and never by anything that runs it."""

from __future__ import annotations

import ast
import json
import pickle
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from grader.checks.compare import Malformed, json_of, number
from grader.sandbox.collect import read_archive
from tests.attacks.cases import HERE

ROOT = HERE.parents[1]
RUNS_ITS_INPUT = {
    "pickle",
    "marshal",
    "shelve",
    "dill",
    "cloudpickle",
    "joblib",
    "jsonpickle",
    "code",
    "codeop",
    "runpy",
}
"""Modules that run what they read."""
PARSES_IN_C = {"gguf", "llama_cpp", "torch", "safetensors", "onnx", "xml", "lxml", "zipfile", "tarfile"}
"""Parsers that are too much to trust with a learner's bytes outside of a box."""
RUN = ("eval", "exec", "yaml.load", "np.load", "numpy.load")
INSIDE_BOXES = ("languages/inside/", "languages/serve/", "sandbox/docker/agent.py", "cuda_cpu/", "toolchain/")
"""Parts of the grader that never meet a learner's bytes outside of a box."""


class Boom:
    """Would run when unpickled."""

    def __reduce__(self) -> tuple[object, tuple[object, ...]]:
        return (exec, ("raise SystemExit('unpickled')",))


HOSTILE = {
    "pickle": pickle.dumps(Boom()),
    "a million brackets": b"[" * 1_000_000,
    "a million objects": b'{"a":' * 1_000_000 + b"1" + b"}" * 1_000_000,
    "brackets in a string that never ends": b'"' + b"[" * 1_000_000,
    "NaN": b'{"value": NaN}',
    "Infinity": b'{"value": [1, -Infinity]}',
    "digits": b"1" * 1_000_000,
    "minus digits": b'{"value": -' + b"9" * 100_000 + b"}",
    "a name twice": b'{"value": 1, "value": 2}',
    "YAML": b"!!python/object/apply:os.system ['true']",
    "XML": b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;">]><x>&b;</x>',
    "lone surrogates": b'"\xed\xa0\x80"',
    "UTF-16": '{"value": 1}'.encode("utf-16"),
    "NUL": b'{"value": "\0"}',
    "five megabytes": b'"' + b"x" * 5_000_000 + b'"',
    "two documents": b"{} {}",
    "comments": b"{} // fine",
    "nothing": b"",
    "GGUF": b"GGUF\x03\0\0\0" + b"\xff" * 64,
}


@pytest.mark.parametrize("output", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_documents_are_refused_in_words(output: bytes) -> None:
    started = time.process_time()
    with pytest.raises(Malformed):
        json_of(output)
    assert time.process_time() - started < 5


@pytest.mark.parametrize("text", ["1e999", "-1e999", "[1e400]", '{"value": 1E+99999}'])
def test_a_number_that_overflows_is_no_number(text: str) -> None:
    with pytest.raises(Malformed):
        json_of(text.encode())


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), 10**400, "1e999", "nan", "0x10", "1_000", "１", None, [], True]
)
def test_only_finite_numbers_are_numbers(value: object) -> None:
    with pytest.raises(Malformed):
        number(value)


def test_a_deep_but_plain_document_is_read() -> None:
    document = {"values": [[1, 2.5, "x"]] * 1000}
    assert json_of(json.dumps(document).encode()) == document


@pytest.mark.parametrize("size", ["7" * 12, "-1", "0x10", "9" * 11 + "\0", " " * 12, "\xff" * 4])
def test_sizes_in_an_archive_are_not_believed(size: str) -> None:
    header = b"note".ljust(100, b"\0") + b"0" * 24 + size.encode("latin-1").ljust(12, b"\0")[:12] + b"0" * 20 + b"0"
    assert read_archive(header.ljust(512, b"\0") + b"x" * 512, ["note"], limit=1000) in ({}, {"note": b""})


def _sources() -> Iterator[Path]:
    for path in sorted((ROOT / "grader").rglob("*.py")):
        if not path.relative_to(ROOT / "grader").as_posix().startswith(INSIDE_BOXES):
            yield path
    yield from sorted((ROOT / "content").rglob("checks.py"))


def _imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (name.name.partition(".")[0] for name in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            yield (node.module or "").partition(".")[0]


def _calls(tree: ast.AST) -> Iterator[str]:
    return (ast.unparse(node.func) for node in ast.walk(tree) if isinstance(node, ast.Call))


def test_nothing_outside_a_box_runs_or_trusts_what_it_parses() -> None:
    found = []
    for path in _sources():
        tree = ast.parse(path.read_text())
        name = path.relative_to(ROOT).as_posix()
        found += [(name, module) for module in _imports(tree) if module in RUNS_ITS_INPUT | PARSES_IN_C]
        found += [
            (name, call) for call in _calls(tree) if call in ("eval", "exec", "yaml.load", "np.load", "numpy.load")
        ]
    # A lab's checks.py comes from the content, like the grader itself.
    assert found == [("grader/casework.py", "exec")]
