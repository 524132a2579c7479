"""The script that looks at a learner's machine, run for real, and the page that explains what it printed."""

from __future__ import annotations

import ast
import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from django.test import Client
from django.utils.html import escape

from backend.curriculum.library import setup_report

pytestmark = pytest.mark.django_db
SCRIPT = Path(settings.CONTENT_DIR) / "resources/setup-guides/verify_setup.py"
PAGE = "/setup/verify/"


def _run(*arguments: str, path: str | None = None, cwd: Path | None = None) -> tuple[int, str]:
    environment = {**os.environ, "PATH": path if path is not None else os.environ["PATH"]}
    environment.pop("CXX", None)
    done = subprocess.run(
        [sys.executable, str(SCRIPT), *arguments], capture_output=True, text=True, env=environment, cwd=cwd, check=False
    )
    assert not done.stderr
    return done.returncode, done.stdout


def _verdicts(output: str) -> dict[str, str]:
    return {finding.name: finding.verdict for finding in setup_report.read(output).findings}


def _program(folder: Path, name: str, text: str) -> None:
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """A folder of programs for a PATH, with what a good machine has, and an engine."""
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("c++", "as", "ld", "sh"):
        (folder / name).symlink_to(str(shutil.which(name)))
    _program(folder, "cmake", "echo cmake version 3.25.1")
    _program(folder, "make", "echo GNU Make 4.3")
    _program(folder, "git", "echo git version 2.39.5")
    for name in ("llama-completion", "llama-server", "llama-bench", "llama-quantize"):
        _program(folder, name, "echo 'version: 0.5.0-dev (build 1, commit 0c1e570)'")
    return folder


def test_a_machine_with_everything_is_found_in_order(machine: Path) -> None:
    _, output = _run(path=str(machine))
    verdicts = _verdicts(output)
    for name in ("system", "memory", "disk", "folder", "compiler", "cmake", "generator", "git", "tools", "engine"):
        assert verdicts[name] == "ok", output
    assert "commit 0c1e570; the course is pinned to 0c1e57098" in output


def test_an_empty_path_fails_with_one_line_for_each_thing_missing(tmp_path: Path) -> None:
    status, output = _run(path=str(tmp_path))
    verdicts = _verdicts(output)
    assert status == 1
    assert {name for name, verdict in verdicts.items() if verdict == "fail"} >= {
        "compiler",
        "cmake",
        "generator",
        "tools",
    }
    assert verdicts["engine"] == "skip"
    assert verdicts["gpu"] == "skip"
    assert output.startswith("setup report 1\n")
    assert re.search(r"\nend: \d+ ok, \d+ warn, [1-9]\d* fail, \d+ skip\n$", output)


@pytest.mark.parametrize(
    ("program", "text", "check", "verdict", "seen"),
    [
        ("cmake", "echo cmake version 3.13.4", "cmake", "fail", "3.13.4"),
        ("c++", "echo 'error: unrecognized option -std=c++17'; exit 1", "compiler", "fail", "unrecognized option"),
        ("llama-completion", "echo 'version: 1 (build 9, commit abcdef012)'", "engine", "warn", "commit abcdef012"),
        (
            "llama-completion",
            "echo libllama.so.0: cannot open shared object file; exit 127",
            "engine",
            "fail",
            "libllama",
        ),
        ("nvidia-smi", "echo No devices were found; exit 6", "gpu", "warn", "No devices were found"),
        ("nvidia-smi", "echo NVIDIA H100, 550.1, 81559 MiB", "gpu", "ok", "NVIDIA H100"),
        ("nvidia-smi", "echo NVIDIA H100, 550.1, 81559 MiB", "cuda", "warn", "no nvcc"),
    ],
)
def test_what_is_wrong_is_told_apart(
    machine: Path, program: str, text: str, check: str, verdict: str, seen: str
) -> None:
    (machine / program).unlink(missing_ok=True)
    _program(machine, program, text)
    findings = {finding.name: finding for finding in setup_report.read(_run(path=str(machine))[1]).findings}
    assert findings[check].verdict == verdict
    assert seen in findings[check].seen


def test_the_engine_may_be_named(machine: Path, tmp_path: Path) -> None:
    assert _verdicts(_run("--engine", str(machine), path=str(tmp_path))[1])["engine"] == "ok"


def test_the_script_needs_nothing_but_python_itself() -> None:
    tree = ast.parse(SCRIPT.read_text(), feature_version=(3, 10))
    imported = {
        (node.module or "").split(".")[0] if isinstance(node, ast.ImportFrom) else alias.name.split(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert imported <= set(sys.stdlib_module_names)
    assert not imported & {"socket", "urllib", "http", "ssl"}


def test_the_script_is_pinned_like_the_course_and_the_page_knows_its_checks() -> None:
    engine = yaml.safe_load((Path(settings.CONTENT_DIR) / "curriculum.yml").read_text())["engine"]
    text = SCRIPT.read_text()
    found = re.search(r'PINNED_COMMIT = "([0-9a-f]+)"', text)
    assert found
    assert engine["llama_cpp_commit"].startswith(found[1])
    assert re.findall(r'yield "([a-z]+)"', text) == list(setup_report.CHECKS)
    assert f"FORMAT = {setup_report.FORMAT}\n" in text
    guides = Path(settings.CONTENT_DIR) / "resources/setup-guides"
    assert {check.guide for check in setup_report.CHECKS.values()} <= {path.stem for path in guides.glob("*.md")}


def test_the_script_is_downloaded_as_it_is(client: Client) -> None:
    response = client.get(f"{PAGE}verify_setup.py")
    assert response.content == SCRIPT.read_bytes()
    assert response["Content-Disposition"] == 'attachment; filename="verify_setup.py"'
    assert response["X-Content-Type-Options"] == "nosniff"
    assert "/setup/verify/verify_setup.py" in client.get(PAGE).content.decode()


def test_a_real_report_is_explained_with_a_cure_for_each_failure(client: Client, tmp_path: Path) -> None:
    _, output = _run(path=str(tmp_path))
    page = client.post(PAGE, {"report": output}).content.decode()
    failed = sum(verdict == "fail" for verdict in _verdicts(output).values())
    assert f"{failed} checks failed" in page
    assert escape(setup_report.CHECKS["cmake"].cure) in page
    assert 'href="/setup/linux/"' in page
    assert "The report ends early" not in page
    assert page.index("<strong>CMake</strong>") < page.index("<strong>System</strong>")


def test_a_shell_prompt_around_the_report_does_no_harm_and_a_cut_one_is_noticed(client: Client) -> None:
    text = "me@home:~$ python3 verify_setup.py\nsetup report 1\r\n[ok] system: Linux\n[fail] cmake: not there\n"
    page = client.post(PAGE, {"report": text}).content.decode()
    assert "1 check failed" in page
    assert "The report ends early" in page
    assert "another version of the script" not in page
    assert "another version of the script" in client.post(PAGE, {"report": "[ok] system: x"}).content.decode()


@pytest.mark.parametrize("text", ["", "hello", "\0" * 50, "[maybe] system: x", "[ok] SYSTEM: x", "[" * 15_000])
def test_what_is_no_report_is_refused_with_a_hint(client: Client, text: str) -> None:
    response = client.post(PAGE, {"report": text})
    assert response.status_code == 400
    assert "This is no report." in response.content.decode()


def test_a_pasted_report_is_text_and_nothing_else(client: Client) -> None:
    evil = "setup report 1\n[fail] cmake: <script>alert(1)</script>\n[fail] new-check: <img src=x onerror=y>\nend: x"
    page = client.post(PAGE, {"report": evil}).content.decode()
    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "This page does not know the check" in page


def test_a_long_paste_is_cut(client: Client) -> None:
    many = "setup report 1\n" + "[ok] system: x\n" * 100_000
    response = client.post(PAGE, {"report": many})
    assert response.status_code == 200
    assert len(response.content) < 60_000
