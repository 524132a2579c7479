"""Rows E14 and E16: names and words that a shell, a compiler driver or a build tool would take for orders."""

from __future__ import annotations

from pathlib import Path

import pytest
from grader import lab as labs
from grader.casework import Bench, GraderFault
from grader.checks import Case
from grader.contract import GradeJob, Verdict
from grader.lab import BuildSpec, EntrySpec, UploadRejected
from grader.languages import Program
from grader.languages.cpp import compile_flags, link_flags
from grader.pipeline import grade
from grader.sandbox import Limits, Mount
from grader.sandbox.interface import MIB
from pydantic import ValidationError
from tests.attacks.boxes import Machine
from tests.attacks.cases import HERE, tiny_lab
from tests.attacks.host import Host

LIMITS = Limits(5, 10, 128 * MIB, 64 * 1024, 16, 4 * MIB)
METACHARACTERS = [
    "$(touch @)",
    "`touch @`",
    "; touch @",
    "| touch @",
    "&& touch @ &",
    "\ntouch @\n",
    "' ; touch @ ; '",
    '" ; touch @ ; "',
    "\\\ntouch @",
    "> @",
    "${IFS}touch${IFS}@",
    "*",
    "~",
    "--",
    "-rf /",
    "%s%n%x",
    "\r\ntouch @\r\n",
    "\u202etouch",
]
OPTIONS = [
    "-fplugin=/src/evil.so",
    "-wrapper",
    "/bin/sh,-c,touch @",
    "-B/src",
    "@/etc/passwd",
    "-Wl,-T,/src/script.ld",
    "-Xlinker",
    "-T/src/script.ld",
    "-specs=/src/evil.specs",
    "-include/etc/passwd",
    "-imacros",
    "-o/usr/bin/x",
    "-x",
    "-save-temps=/engine",
    "-fdump-tree-all=/etc/x",
    "-ftest-coverage",
    "-MD",
    "-MF/etc/x",
    "--sysroot=/src",
    "-fuse-ld=/src/ld",
    "-pipe\n-fplugin=/src/evil.so",
    "-O2\\\n-fplugin=/src/evil.so",
    "-O2 -fplugin=/src/evil.so",
    "-O2\t-fplugin=/src/evil.so",
    "-O2\0-fplugin=/src/evil.so",
]
ARGUMENTS = [word for word in (*METACHARACTERS, *OPTIONS) if "\0" not in word]
"""No argument of any program holds a NUL byte."""
BOXES = ["bubblewrap", "bubblewrap-user", "docker"]
BUILD_FILES = [
    "CMakeLists.txt", "Makefile", "GNUmakefile", "setup.py", "setup.cfg", "pyproject.toml", "conftest.py", "pytest.ini",
    "sitecustomize.py", "usercustomize.py", ".pythonrc.py", "meson.build", "build.ninja", "BUILD", ".clangd", "a.specs",
]  # fmt: skip

pytestmark = [pytest.mark.slow]


@pytest.fixture
def lure(host: Host) -> str:
    """A name that only a shell that believed an order would make."""
    assert host.port
    return "llsys-lure"


def traces(name: str) -> list[str]:
    """Files of the lure's name where a shell of ours could have made one."""
    return [str(place) for place in (Path.cwd(), Path("/tmp"), Path("/"), Path.home()) if (place / name).exists()]


@pytest.mark.parametrize("machine", BOXES, indirect=True)
def test_words_reach_a_program_as_they_are(machine: Machine, lure: str) -> None:
    words = [word.replace("@", lure) for word in ARGUMENTS]
    env = {f"WORD{number}": word for number, word in enumerate(words)}
    script = 'printf "%s\\0" "$@"; cat >&2; env -0 >/box/env; ls -A /box >/tmp/all; cp /tmp/all /box/list'
    command = ["/bin/sh", "-c", script, "sh", *words]
    stdin = "\0".join(words).encode()
    outcome = machine.sandbox.run(command, limits=LIMITS, env=env, stdin=stdin, files_out=["list", "env"])
    assert outcome.stdout == b"".join(word.encode() + b"\0" for word in words)
    assert outcome.stderr == stdin
    assert {f"{name}={word}".encode() for name, word in env.items()} <= set(outcome.files["env"].split(b"\0"))
    assert outcome.files["list"] == b"env\n"
    assert traces(lure) == []


@pytest.mark.parametrize("machine", BOXES, indirect=True)
def test_names_of_inputs_and_mounts_are_no_orders(machine: Machine, lure: str) -> None:
    words = [word.replace("@", lure) for word in METACHARACTERS if "/" not in word and "touch" in word]
    shown = machine.toolchain.root / "include"
    outcome = machine.sandbox.run(
        ["/bin/sh", "-c", 'for path in /in/*; do cat "$path"; done; ls -A /box'],
        limits=LIMITS,
        files_in={f"/in/{word}": b"content\n" for word in words},
        mounts=[Mount(shown, f"/models/{word}") for word in words if word.isascii()],
    )
    assert outcome.stdout == b"content\n" * len(words), outcome.stderr
    assert traces(lure) == []


@pytest.mark.parametrize("word", [*METACHARACTERS, *OPTIONS])
def test_no_such_word_names_a_file_of_a_lab_or_an_output(machine_free_bench: Bench, word: str) -> None:
    with pytest.raises(ValidationError):
        EntrySpec(files=[f"{word}.cpp"])
    with pytest.raises(ValidationError):
        EntrySpec(files=[word])
    with pytest.raises(ValidationError):
        BuildSpec(harness=[word])
    with pytest.raises(GraderFault, match="unusable case file"):
        machine_free_bench.input_files({word: b""})
    with pytest.raises(ValueError, match="output file"):
        machine_free_bench.sandbox.run(["/usr/bin/true"], limits=LIMITS, files_out=[word])


@pytest.fixture(scope="module")
def machine_free_bench(root_machine: Machine) -> Bench:
    """What the cases of an attempt share."""
    return Bench(tiny_lab("python"), root_machine.toolchain, root_machine.sandbox)


@pytest.mark.parametrize("word", [*METACHARACTERS, *OPTIONS, *BUILD_FILES])
def test_no_such_file_is_taken_from_a_learner(word: str) -> None:
    lab = tiny_lab("cpp")
    with pytest.raises(UploadRejected):
        labs.check_upload(lab.spec, {"main.cpp": b"int main() {}", word: b"x"})


@pytest.mark.parametrize("word", METACHARACTERS)
def test_no_such_word_names_a_lab(word: str) -> None:
    with pytest.raises(ValidationError):
        GradeJob(
            submission_id="00000000-0000-0000-0000-000000000001",
            attempt_id="00000000-0000-0000-0000-000000000002",
            attempt_token="t" * 32,
            lab=word,
            lab_digest="0" * 64,
            files={},
        )


@pytest.mark.parametrize("word", ARGUMENTS)
def test_arguments_of_a_case_are_arguments_only(root_machine: Machine, lure: str, word: str) -> None:
    """What a lab's `checks.py` draws goes to the program as words, never through a shell."""
    program = Program(("/bin/sh", "-c", 'printf "%s" "$1"', "sh"), {})
    bench = Bench(tiny_lab("python"), root_machine.toolchain, root_machine.sandbox)
    outcome = bench.run_case(program, Case("shown", args=[word.replace("@", lure)]))
    assert outcome.stdout == word.replace("@", lure).encode()
    assert traces(lure) == []


def test_the_compiler_is_told_the_same_whatever_is_handed_in(root_machine: Machine) -> None:
    """Flags come from the lab alone: a source that is full of options builds with those of the honest one."""
    lab = tiny_lab("cpp")
    flags = [*compile_flags(lab.spec), *link_flags(lab.spec)]
    assert all(flag.startswith("-") and not any(sign in flag for sign in "\n\\@ $`;") for flag in flags)
    honest = (HERE / "R" / "controls" / "right-cpp" / "main.cpp").read_bytes()
    sly = b"".join(f"// {word!r}\n".encode() for word in OPTIONS) + honest
    gradings = [
        grade(lab, {"main.cpp": source}, toolchain=root_machine.toolchain, sandbox=root_machine.sandbox, seed=1)
        for source in (honest, sly)
    ]
    assert [grading.verdict for grading in gradings] == [Verdict.ACCEPTED] * 2
    assert gradings[0].environment.flags == gradings[1].environment.flags


@pytest.mark.parametrize("place", ["env", "input", "mount"])
def test_a_name_cannot_add_an_option_to_the_box(root_machine: Machine, place: str) -> None:
    """bubblewrap reads its options separated by NUL bytes."""
    evil = "x\0--bind\0/\0/host"
    options: dict[str, object] = {
        "env": {"env": {"WORD": evil}},
        "input": {"files_in": {f"/in/{evil}": b""}},
        "mount": {"mounts": [Mount(root_machine.toolchain.root, f"/models/{evil}")]},
    }[place]  # type: ignore[assignment]
    before = root_machine.state()
    with pytest.raises(ValueError, match="NUL"):
        root_machine.sandbox.run(["/usr/bin/true"], limits=LIMITS, **options)  # type: ignore[arg-type]
    assert root_machine.settled(before) == before
