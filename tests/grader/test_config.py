"""Configuration labs: real parsers, in the box, and what hostile files do to them."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader import lab as labs
from grader.casework import as_run
from grader.checks.compare import Malformed
from grader.checks.config import answers_of, ask, document_of
from grader.contract import Verdict
from grader.lab import Lab, LabError, digest_of, read_spec
from grader.languages import SourceTree, config
from grader.pipeline import grade
from grader.proof import prove
from grader.sandbox import Outcome, Sandbox, SandboxFault, Unprotected
from grader.toolchain import Toolchain, current

LABS = Path(__file__).parent / "labs"
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def engine() -> Toolchain:
    """The pinned engine: grammars are judged by its sampler."""
    toolchain = current()
    assert toolchain is not None, "build the engine first: python -m grader.toolchain build"
    return toolchain


def lab_of(kind: str, name: str) -> Lab:
    spec = f"""
title: A file
summary: A file of one kind, looked at as a whole.
language: config
entry: {{files: [{name}]}}
build: {{formats: {{{name}: {kind}}}}}
stages: {{tests: [{{id: looked, title: It is read, points: 1}}]}}
"""
    checks = f"""
from grader.checks import right
from grader.checks.config import document, document_of
def cases(context): return [document("looked", "{name}", "{kind}")]
def judge(case, run, context): return right(str(len(str(document_of(run)))))
"""
    files = {"grading.yml": spec.encode(), "checks.py": checks.encode()}
    return Lab("file", digest_of(files), read_spec(spec, where="file"), files)


@pytest.mark.parametrize("name", ["alert", "functions", "grammar", "image", "proxy", "schema"])
def test_a_lab_of_every_kind_gives_reference_starter_and_mutants_what_they_deserve(
    name: str, engine: Toolchain, sandbox: Sandbox
) -> None:
    lab = labs.load_lab(LABS / name)
    assert [proof for proof in prove(lab, LABS / name, engine, sandbox) if not proof.holds] == []


BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]\n" for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)


@pytest.mark.parametrize(
    ("kind", "text", "words", "line"),
    [
        ("yaml", BOMB, "aliases are written out", 0),
        ("yaml", "a: &a [*a]\n", "holds itself", 1),
        ("yaml", "x: 1\ny: 2\nx: 3\n", "stands twice", 3),
        ("yaml", "[" * 5000, "nested", 0),
        ("yaml", "x: !!python/object/apply:os.system [id]\n", "could not determine a constructor", 1),
        ("yaml", "a: 1\n---\nb: !!timestamp x\n", "does not fit the type", 3),
        ("yaml", "a: b: c\n", "mapping values are not allowed", 1),
        ("json", "[" * 100_000, "nested", 0),
        ("json", '{"a": 1,\n "a": 2}', "stands twice", 0),
        ("json", "[1,\n2,\nNaN]", "NaN is not JSON", 0),
        ("json", "[1,\n2,\n", "Expecting value", 3),
        ("json", "9" * 10_000, "digits", 0),
        ("json_schema", '{"$ref": 3}', "is not of type 'string'", 1),
        ("json_schema", '{\n"type": "object",\n"properties": {"a": {"type": "int"}}\n}', "'int' is not valid", 3),
        ("dockerfile", "FROM a\n" + "RUN x\n" * 3 + "COPPY a b\n", "unknown instruction", 5),
        ("dockerfile", "RUN x\nFROM a\n", "no build stage yet", 1),
        ("dockerfile", "# nothing\n", "no instructions", 0),
        ("prometheus_rules", "groups:\n- name: a\n  rules:\n  - alert: A\n    expr: rate(x)\n", "PromQL", 5),
        ("prometheus_rules", "groups:\n- name: a\n  rules:\n  - alert: A\n    exprr: x\n", "has no “exprr”", 4),
        ("prometheus_rules", "groups:\n- name: a\n- name: a\n", "stands twice", 3),
        ("nginx", "events {}\nhttp {\n  server {\n    listen 80\n  }\n}\n", "", 4),
        ("gbnf", 'root ::= "a"\nb ::= "c\n', "unexpected end", 3),
        ("gbnf", 'root ::= "a"\n\nb := "c"\n', "expecting ::=", 3),
        ("gbnf", 'root ::= "a" |\n  nobody\n', "Undefined rule identifier 'nobody'", 2),
        ("gbnf", 'root ::= root "a"\n', "left recursion", 0),
        ("gbnf", 'other ::= "a"\n', "root", 0),
    ],
)
def test_a_fault_is_named_with_its_line(
    kind: str, text: str, words: str, line: int, engine: Toolchain, sandbox: Sandbox
) -> None:
    lab = lab_of(kind, "file.txt")
    built = config.build(SourceTree({"file.txt": text.encode()}), lab.spec, engine, sandbox)
    assert built.program is None
    first = built.diagnostics[0]
    assert words in first.message
    assert first.file == "file.txt"
    assert line in (first.line, 0), first


@pytest.mark.parametrize("kind", ["dockerfile", "gbnf", "json", "json_schema", "nginx", "prometheus_rules", "yaml"])
@pytest.mark.parametrize(
    "raw",
    [
        b"\xff\xfe\x00",
        b"a\0b",
        b"",
        b"x" * 250_000,
        b"(" * 200_000,
        b"{" * 200_000,
        b"\n" * 250_000,
        "Ω漢\u2028".encode(),
    ],
    ids=["bytes", "nul", "empty", "long-line", "parentheses", "braces", "newlines", "unicode"],
)
def test_no_file_makes_the_grading_fail(kind: str, raw: bytes, engine: Toolchain, sandbox: Sandbox) -> None:
    grading = grade(lab_of(kind, "file.txt"), {"file.txt": raw}, toolchain=engine, sandbox=sandbox, seed=1)
    assert grading.verdict is not Verdict.GRADER_ERROR, grading.fault
    assert grading.fault == ""


def test_a_grammar_that_costs_too_much_is_the_learners(engine: Toolchain, sandbox: Sandbox) -> None:
    lab = labs.load_lab(LABS / "grammar")
    ambiguous = (
        b"root ::= x x x x x x x x x x x x\nx ::= y* y* y* y* y*\ny ::= z? z? z? z?\nz ::= [()0-9,-]* [()0-9,-]*\n"
    )
    grading = grade(lab, {"point.gbnf": ambiguous}, toolchain=engine, sandbox=sandbox, seed=1)
    assert grading.verdict not in (Verdict.ACCEPTED, Verdict.GRADER_ERROR), grading.fault


def test_the_sampler_says_where_a_text_stops_to_fit(engine: Toolchain, sandbox: Sandbox) -> None:
    lab = labs.load_lab(LABS / "grammar")
    built = config.build(SourceTree({"point.gbnf": 'root ::= "é" [a-c]+ "."\n'.encode()}), lab.spec, engine, sandbox)
    assert built.program is not None
    case = ask("takes", "point.gbnf", "gbnf", ["éabc.", "éabd.", "éab", "x", "éa.."])
    outcome = sandbox.run(
        [*built.program.command, *case.args], limits=config.LIMITS, files_in=built.program.files_in,
        mounts=built.program.mounts, env=built.program.env, stdin=case.stdin,
    )  # fmt: skip
    assert answers_of(as_run(outcome)) == [
        {"accepted": True, "at": 6},
        {"accepted": False, "at": 4},
        {"accepted": False, "at": 4},
        {"accepted": False, "at": 0},
        {"accepted": False, "at": 4},
    ]


@pytest.mark.parametrize("stdout", [b"", b"[]", b'{"answers": 1}', b'{"document": ' + b"[" * 100 + b"]" * 100 + b"}"])
def test_an_answer_that_is_none_is_malformed(stdout: bytes) -> None:
    with pytest.raises(Malformed):
        answers_of(as_run(Outcome(0, stdout, b"")))
    with pytest.raises(Malformed):
        document_of(as_run(Outcome(1, b'{"document": 1}', b"")))


@pytest.mark.parametrize("name", ["functions", "grammar", "image", "schema"])
def test_people_can_grade_their_own_files_without_a_sandbox(name: str, engine: Toolchain) -> None:
    lab = labs.load_lab(LABS / name)
    grading = grade(lab, lab.reference, toolchain=engine, sandbox=Unprotected(), seed=1)
    assert grading.verdict is Verdict.ACCEPTED, (grading.fault, [row.message for row in grading.tests])


def test_a_lab_must_say_what_its_files_are() -> None:
    spec = (LABS / "image" / "grading.yml").read_text().replace("Dockerfile: dockerfile", "other: dockerfile")
    with pytest.raises(LabError, match=r"build\.formats says nothing of Dockerfile"):
        read_spec(spec, where="image")


def test_a_parser_that_a_file_ended_is_no_parser_that_is_missing() -> None:
    quoting = Outcome(1, b"", b"Traceback\n  File x\nKeyError: 'ImportError'\n")
    assert [row.file for row in config._faults("a.yml", quoting)] == ["a.yml"]
    with pytest.raises(SandboxFault, match="does not start"):
        config._faults("a.yml", Outcome(1, b"", b"Traceback\nModuleNotFoundError: No module named 'yaml'\n"))
