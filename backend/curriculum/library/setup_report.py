"""Reads what `verify_setup.py` printed, and knows a cure for each thing it can find."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, cast

FORMAT = "1"
LONGEST = 20_000
"""Characters of a report that are looked at."""
_MOST_LINES = 200
_LINE = re.compile(r"^\s*\[(?P<verdict>ok|warn|fail|skip)\]\s+(?P<name>[a-z-]{1,20}):\s*(?P<seen>.*)$")
_HEAD = re.compile(r"^\s*setup report (?P<format>\d+)\s*$")
_END = re.compile(r"^\s*end: ")

Verdict = Literal["ok", "warn", "fail", "skip"]
_URGENCY: tuple[Verdict, ...] = ("fail", "warn", "ok", "skip")


@dataclass(frozen=True)
class Check:
    """What a check of the script is about, and what to do when it finds something wrong."""

    title: str
    cure: str
    guide: str
    """Slug of the setup guide, with the heading to read."""


CHECKS = {
    "system": Check(
        "System",
        "Commands of the course run on Linux and macOS. On Windows, install WSL2 and run the script inside it.",
        "windows-wsl2",
    ),
    "memory": Check(
        "Memory",
        "A compiler job takes up to half a GiB, so build with fewer of them: -j 1 or -j 2. With less than 2 GiB, add "
        "swap, or give the virtual machine more.",
        "linux",
    ),
    "disk": Check(
        "Disk",
        "The source, one build and the models of the labs take about 2 GiB; each build folder more takes another. "
        "Make room, or start in a folder on a larger disk.",
        "linux",
    ),
    "folder": Check(
        "Folder",
        "Files below /mnt/c cross from Linux to Windows one by one: a build takes many times as long. Work in your "
        "home folder inside WSL.",
        "windows-wsl2",
    ),
    "python": Check(
        "Python",
        "Install Python 3.10 or newer, and work in a virtual environment: python3 -m venv .venv, then "
        "source .venv/bin/activate.",
        "linux",
    ),
    "compiler": Check(
        "C++ compiler",
        "Debian and Ubuntu: install build-essential. Fedora: gcc-c++. macOS: run xcode-select --install. If the "
        "compiler is there and fails, its first error line is what to look for.",
        "linux",
    ),
    "cmake": Check(
        "CMake",
        "Install CMake 3.14 or newer, from the system's packages or with pip install cmake in your environment.",
        "linux",
    ),
    "generator": Check(
        "Ninja or make", "Install ninja-build, or make: CMake only describes the build, one of them does it.", "linux"
    ),
    "git": Check(
        "Git",
        "Without git you can build from an archive of the source. Programs then report no commit, so note it yourself.",
        "linux",
    ),
    "tools": Check(
        "The engine's programs",
        "Build the engine and put its bin folder on the PATH, or tell the script where it is: --engine FOLDER.",
        "linux",
    ),
    "engine": Check(
        "The engine's version",
        "Lessons and labs are true of the pinned commit. Check it out and build again in a new folder. If the program "
        "does not start, a library is missing: the lesson on linking says how to find out which.",
        "linux",
    ),
    "packages": Check(
        "Python packages",
        "Activate the environment, then install what is missing: pip install numpy gguf, and llama-cpp-python against "
        "the engine you built.",
        "linux",
    ),
    "gpu": Check(
        "GPU",
        "The driver's tool is there and sees no GPU. Load the driver's module or restart after an update; in WSL2 and "
        "in containers, the host's driver has to be passed through.",
        "cuda",
    ),
    "cuda": Check(
        "CUDA",
        "Install the CUDA toolkit and put its bin folder on the PATH. Without it, CUDA labs still get a verdict on "
        "correctness.",
        "cuda",
    ),
}


@dataclass(frozen=True)
class Finding:
    """One line of a report."""

    name: str
    verdict: Verdict
    seen: str

    @property
    def check(self) -> Check | None:
        """What is known of the check; None for one that a newer script has."""
        return CHECKS.get(self.name)

    @property
    def needs_cure(self) -> bool:
        """Whether there is something to do."""
        return self.verdict in ("warn", "fail")


@dataclass(frozen=True)
class SetupReport:
    """A report as it was pasted."""

    findings: Sequence[Finding]
    is_other_format: bool
    is_cut: bool
    """Its last line is missing."""

    @property
    def by_urgency(self) -> Sequence[Finding]:
        """What failed first, then what there is to know, then the rest as it was reported."""
        return sorted(self.findings, key=lambda finding: _URGENCY.index(finding.verdict))

    def number_of(self, verdict: Verdict) -> int:
        """How many checks ended so."""
        return sum(finding.verdict == verdict for finding in self.findings)

    @property
    def failed(self) -> int:
        """Checks that failed."""
        return self.number_of("fail")

    @property
    def warned(self) -> int:
        """Checks that warned."""
        return self.number_of("warn")


class NotAReport(ValueError):
    """The text has no line of a report. The message says what to paste."""


def read(text: str) -> SetupReport:
    """Read a report, whatever stands around it.

    Raises:
        NotAReport: nothing in it is one.
    """
    lines = text[:LONGEST].replace("\0", "").splitlines()[:_MOST_LINES]
    matches = [match for line in lines if (match := _LINE.match(line))]
    if not matches:
        raise NotAReport("This is no report. Paste everything that the script printed, from “setup report” to “end”.")
    findings = {
        match["name"]: Finding(match["name"], cast(Verdict, match["verdict"]), match["seen"].strip())
        for match in matches
    }
    formats = [match["format"] for line in lines if (match := _HEAD.match(line))]
    return SetupReport(
        findings=list(findings.values()),
        is_other_format=formats[:1] != [FORMAT],
        is_cut=not any(_END.match(line) for line in lines),
    )
