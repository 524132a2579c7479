"""`python -m grader`, as a person types it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from grader import cli
from grader.toolchain import Toolchain
from tests.grader.machine import TINY_LABS

pytestmark = pytest.mark.slow


@pytest.fixture
def content(tmp_path: Path, toolchain: Toolchain, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A content folder with the tiny labs, on a machine with a bare toolchain."""
    folder = tmp_path / "content/modules/01-x/labs"
    folder.mkdir(parents=True)
    for language in ("cpp", "python"):
        shutil.copytree(TINY_LABS / language, folder / f"lab-{language}")
    monkeypatch.setattr(cli, "current", lambda: toolchain)
    return tmp_path / "content"


def run(content: Path, submission: Path, *options: str) -> int:
    lab = ["--lab", "lab-python", "--submission", str(submission), "--content", str(content)]
    return cli.main(["run", *lab, *options])


def test_a_right_solution_ends_with_0(content: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(content, TINY_LABS / "python/reference", "--seed", "5") == cli.OK
    out = capsys.readouterr().out
    assert "accepted: 5 of 5 points. Passed: 2 of 2 tests." in out
    assert "repeat with --seed 5" in out


def test_a_wrong_solution_ends_with_1_and_says_why(content: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(content, TINY_LABS / "python/starter") == cli.FAILED
    out = capsys.readouterr().out
    assert "why: Line 1 of the output is wrong." in out
    assert "hint: Read until the input ends." in out


def test_json_is_one_document(content: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(content, TINY_LABS / "python/reference", "--json") == cli.OK
    document = json.loads(capsys.readouterr().out)
    assert document["verdict"] == "accepted"
    assert document["environment"]["sandbox"] == "bubblewrap"
    assert [test["name"] for test in document["tests"]] == ["shown", "hidden"]


def test_no_sandbox_warns_and_grades(content: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for language in ("python", "cpp"):
        lab = ["--lab", f"lab-{language}", "--submission", str(TINY_LABS / language / "reference")]
        assert cli.main(["run", *lab, "--content", str(content), "--sandbox", "none"]) == cli.OK
    assert "WARNING: no sandbox" in capsys.readouterr().err


def test_an_unknown_lab_names_the_known_ones(content: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["run", "--lab", "lab-x", "--submission", ".", "--content", str(content)]) == cli.USAGE
    assert "lab-cpp, lab-python" in capsys.readouterr().err


def test_without_a_toolchain_the_cure_is_named(
    content: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cli, "current", lambda: None)
    assert run(content, TINY_LABS / "python/reference") == cli.OUR_FAULT
    assert "python -m grader.toolchain build" in capsys.readouterr().err


def test_a_broken_lab_ends_with_3(content: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (content / "modules/01-x/labs/lab-python/checks.py").write_text("def cases(context): return 1 / 0\n")
    assert run(content, TINY_LABS / "python/reference") == cli.OUR_FAULT
    assert "What failed" in capsys.readouterr().err


def test_the_tiny_labs_are_proved(content: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.main(["check-lab", "--all", "--content", str(content)]) == cli.OK
    out = capsys.readouterr().out
    assert "mutant narrow" in out
    assert "7 of 7 proved." in out


def test_a_lab_that_accepts_everything_is_caught(content: Path, capsys: pytest.CaptureFixture[str]) -> None:
    checks = content / "modules/01-x/labs/lab-cpp/checks.py"
    checks.write_text(checks.read_text() + "\n\ndef judge(case, run, context):\n    return right()\n")
    assert cli.main(["check-lab", "lab-cpp", "--content", str(content)]) == cli.FAILED
    out = capsys.readouterr().out
    assert "must get no points; these tests passed: shown, hidden" in out
    assert "verdict must be partial" in out


def test_a_mutant_must_be_told_its_hint(content: Path, capsys: pytest.CaptureFixture[str]) -> None:
    expect = content / "modules/01-x/labs/lab-cpp/mutants/narrow/expect.yml"
    expect.write_text("verdict: partial\nfailing: [shown]\nhint: something else\n")
    assert cli.main(["check-lab", "lab-cpp", "--content", str(content)]) == cli.FAILED
    out = capsys.readouterr().out
    assert "must fail ['shown'], failed ['hidden']" in out
    assert "nobody is told “something else”" in out


def test_help_says_what_the_exit_status_means(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["--help"])
    assert "exit status" in capsys.readouterr().out


def test_a_cuda_program_is_run_watched_and_its_faults_are_named(
    content: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    del content
    source = tmp_path / "one.cu"
    source.write_text(
        "#include <cstdio>\n"
        "__global__ void fill(int * out, int n) {\n"
        "    out[threadIdx.x] = n;\n"
        "}\n"
        "int main(int, char ** argv) {\n"
        "    int * out;\n"
        "    cudaMalloc(&out, 32 * sizeof(int));\n"
        "    fill<<<1, argv[1][0] == 'x' ? 33 : 32>>>(out, 7);\n"
        '    std::printf("%s\\n", cudaGetErrorString(cudaDeviceSynchronize()));\n'
        "    cudaFree(out);\n"
        "}\n"
    )
    assert cli.main(["cuda", str(source), "good"]) == cli.OK
    assert "kernel fill: 1 launch(es), grid 1 x 1 x 1, block 32 x 1 x 1" in capsys.readouterr().out
    assert cli.main(["cuda", str(source), "x"]) == cli.FAILED
    assert "error: one.cu:3:" in capsys.readouterr().out
