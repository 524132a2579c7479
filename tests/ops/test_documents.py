"""What the documents list is what the code has."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
_VARIABLE = r"(?:LLSYS|GRADER)_[A-Z_]+|DATABASE_URL|REDIS_URL|DOCKER_HOST"
_READ = re.compile(rf"env(?:\.\w+)?\(\s*\"({_VARIABLE})\"|environ(?:\.get\(|\[)\s*\"({_VARIABLE})\"")
_READ_IN_SHELL = re.compile(r"\$\{((?:LLSYS|GRADER)_[A-Z_]+):")
_ROW = re.compile(r"^\| `([^`]+)`", re.MULTILINE)
_PACKAGE = re.compile(r"[A-Za-z0-9_.-]+")
_DEPENDENCY_ROW = re.compile(r"^\| ([a-z0-9][a-z0-9-]*) \| (.+) \|$", re.MULTILINE)


def _read_by_the_code() -> set[str]:
    found: set[str] = set()
    for path in (PROJECT / "backend" / "config" / "settings.py", *(PROJECT / "grader").rglob("*.py")):
        found |= {first or second for first, second in _READ.findall(path.read_text())}
    for path in (PROJECT / "up", PROJECT / "test", *(PROJECT / "deploy" / "setup").glob("*.sh")):
        found |= set(_READ_IN_SHELL.findall(path.read_text()))
    return found


def test_every_variable_is_documented_and_every_documented_variable_exists() -> None:
    documented = set(_ROW.findall((PROJECT / "docs" / "configuration.md").read_text()))
    read = _read_by_the_code()
    assert {"LLSYS_SECRET_KEY", "GRADER_QUEUES", "LLSYS_BROWSER", "DATABASE_URL"} <= read
    store = (PROJECT / "grader" / "toolchain" / "store.py").read_text()
    assert 'ENVIRONMENT_VARIABLE = "LLSYS_TOOLCHAIN_DIR"' in store
    assert documented == read | {"LLSYS_TOOLCHAIN_DIR"}


def test_every_direct_dependency_has_a_reason() -> None:
    project = tomllib.loads((PROJECT / "pyproject.toml").read_text())["project"]
    declared = [
        *project["dependencies"],
        *(line for lines in project["optional-dependencies"].values() for line in lines),
    ]
    names = {match[0].lower() for line in declared if (match := _PACKAGE.match(line))}
    reasons = dict(_DEPENDENCY_ROW.findall((PROJECT / "docs" / "dependencies.md").read_text()))
    assert set(reasons) == names
    assert all(len(reason) > 10 for reason in reasons.values())


def test_links_between_documents_lead_somewhere() -> None:
    broken = []
    for document in (PROJECT / "README.md", PROJECT / "CONTRIBUTING.md", *(PROJECT / "docs").rglob("*.md")):
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", document.read_text()):
            if not (document.parent / target).exists():
                broken.append(f"{document.name}: {target}")
    assert not broken
