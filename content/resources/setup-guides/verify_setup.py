#!/usr/bin/env python3
"""Looks whether this machine can build and run what the course needs, and says what to do where it cannot.

Usage: python3 verify_setup.py [--engine FOLDER]

Only the standard library is used, nothing is installed, changed or sent anywhere. FOLDER is where the engine's
programs are, when they are not on the PATH. The report goes to standard output; paste it into the course's page
"Verify my setup" for explanations. Exit status 0 when nothing failed, 1 when something did.
"""

from __future__ import annotations

import argparse
import importlib.metadata
import importlib.util
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

FORMAT = 1
PINNED_COMMIT = "0c1e57098"
GIB = 1024**3
TOOLS = ("llama-completion", "llama-server", "llama-bench", "llama-quantize")
PACKAGES = {"numpy": "numpy", "gguf": "gguf", "llama-cpp-python": "llama_cpp"}
CPP_PROGRAM = """
#include <filesystem>
#include <optional>
#include <thread>
int main() {
    std::optional<int> answer;
    std::thread worker([&] { answer = 17; });
    worker.join();
    return std::filesystem::path("a") / "b" == "a/b" && answer == 17 ? 0 : 1;
}
"""

Finding = tuple[str, str]
"""Verdict (ok, warn, fail or skip) and what was seen."""


def run(*command: str, seconds: float = 60) -> tuple[int, str]:
    """Exit status and output of a program; 127 when it is not there, 124 when it took too long."""
    try:
        done = subprocess.run(
            command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=seconds, check=False, errors="replace",
            text=True,
        )  # fmt: skip
    except FileNotFoundError:
        return 127, f"{command[0]} is not there"
    except subprocess.TimeoutExpired:
        return 124, f"{command[0]} took more than {seconds:.0f} seconds"
    except OSError as error:
        return 126, f"{command[0]}: {error.strerror}"
    return done.returncode, done.stdout.strip()


def first_line(text: str) -> str:
    """The first line that says something."""
    return next((line.strip() for line in text.splitlines() if line.strip()), "no output")


def version_of(text: str) -> tuple[int, ...]:
    """The first version number in a text; empty when there is none."""
    found = re.search(r"(\d+)\.(\d+)(?:\.(\d+))?", text)
    return tuple(int(part) for part in found.groups() if part) if found else ()


def check_system() -> Finding:
    """Kind of machine."""
    name = f"{platform.system()} {platform.release()}, {platform.machine()}, {os.cpu_count() or '?'} processors"
    if sys.platform == "win32":
        return "fail", f"{name}; labs and commands need Linux or macOS"
    return "ok", name


def memory() -> int | None:
    """Bytes of memory, where the system tells."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, OSError, ValueError):
        return None


def check_memory() -> Finding:
    """Memory: compiling the engine needs some for each job."""
    size = memory()
    if size is None:
        return "skip", "this system does not tell its memory"
    verdict = "fail" if size < 1.8 * GIB else "warn" if size < 3.8 * GIB else "ok"
    return verdict, f"{size / GIB:.1f} GiB"


def check_disk() -> Finding:
    """Room for source, build and models where the script is started."""
    free = shutil.disk_usage(Path.cwd()).free
    verdict = "fail" if free < 2 * GIB else "warn" if free < 10 * GIB else "ok"
    return verdict, f"{free / GIB:.1f} GiB free in the current folder"


def check_folder() -> Finding:
    """Windows folders seen from WSL are slow, and lose file rights."""
    here = Path.cwd()
    if "microsoft" in platform.release().lower() and re.match(r"^/mnt/[a-z](/|$)", str(here)):
        return "warn", f"{here} is a Windows folder"
    return "ok", "the current folder is on a file system of this system"


def check_python() -> Finding:
    """Python's version, and whether it is an environment of its own."""
    seen = f"{platform.python_version()} at {sys.executable}"
    if sys.version_info < (3, 10):
        return "fail", f"{seen}; 3.10 or newer is needed"
    if sys.prefix == sys.base_prefix:
        return "warn", f"{seen}; not a virtual environment"
    return "ok", f"{seen}; a virtual environment"


def check_compiler() -> Finding:
    """A C++17 compiler that compiles, links and runs a program with threads."""
    compiler = os.environ.get("CXX") or next((name for name in ("c++", "g++", "clang++") if shutil.which(name)), None)
    if compiler is None:
        return "fail", "no c++, g++ or clang++ on the PATH"
    with tempfile.TemporaryDirectory() as folder:
        source, program = Path(folder, "probe.cpp"), Path(folder, "probe")
        source.write_text(CPP_PROGRAM)
        status, output = run(compiler, "-std=c++17", "-pthread", str(source), "-o", str(program))
        if status:
            return "fail", f"{compiler} cannot build a C++17 program: {first_line(output)}"
        status, output = run(str(program))
        if status:
            return "fail", f"a program built by {compiler} does not run: {first_line(output)}"
    return "ok", first_line(run(compiler, "--version")[1])


def check_cmake() -> Finding:
    """CMake 3.14 or newer."""
    status, output = run("cmake", "--version")
    if status:
        return "fail", first_line(output)
    return ("ok" if version_of(output) >= (3, 14) else "fail"), first_line(output)


def check_generator() -> Finding:
    """Something that CMake can drive."""
    for name in ("ninja", "make"):
        if shutil.which(name):
            return "ok", first_line(run(name, "--version")[1]) if name == "make" else f"ninja {run(name, '--version')[1]}"
    return "fail", "neither ninja nor make is on the PATH"


def check_git() -> Finding:
    """Git, to get the source at the pinned commit."""
    status, output = run("git", "--version")
    return ("warn" if status else "ok"), first_line(output)


def check_tools(folder: str | None) -> Finding:
    """The engine's programs."""
    missing = [name for name in TOOLS if shutil.which(name, path=folder) is None]
    if len(missing) == len(TOOLS):
        return "fail", f"none of {', '.join(TOOLS)} in {folder or 'the PATH'}"
    if missing:
        return "fail", f"not there: {', '.join(missing)}"
    return "ok", str(Path(shutil.which(TOOLS[0], path=folder) or "").parent)


def check_engine(folder: str | None) -> Finding:
    """Whether the engine starts, and is the pinned one."""
    program = shutil.which(TOOLS[0], path=folder)
    if program is None:
        return "skip", "there is no engine to ask"
    status, output = run(program, "--version")
    if status:
        return "fail", f"{TOOLS[0]} does not start: {first_line(output)}"
    found = re.search(r"commit ([0-9a-f]{7,40})|\(([0-9a-f]{7,40})\)", output)
    commit = (found[1] or found[2]) if found else ""
    if not commit:
        return "warn", f"it does not say its commit: {first_line(output)}"
    same = commit.startswith(PINNED_COMMIT[: len(commit)]) or PINNED_COMMIT.startswith(commit)
    return ("ok" if same else "warn"), f"commit {commit}; the course is pinned to {PINNED_COMMIT}"


def check_packages() -> Finding:
    """The Python packages that programs of the course import."""
    seen, missing = [], []
    for package, module in PACKAGES.items():
        if importlib.util.find_spec(module) is None:
            missing.append(package)
            continue
        try:
            seen.append(f"{package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            seen.append(f"{package} without a version")
    if missing:
        return "fail", f"not installed: {', '.join(missing)}"
    return "ok", ", ".join(seen)


def check_gpu() -> Finding:
    """A GPU that its driver reports. None is needed: CUDA labs are judged on an emulator as well."""
    status, output = run("nvidia-smi", "--query-gpu=name,driver_version,memory.total", "--format=csv,noheader")
    if status == 0 and output:
        return "ok", first_line(output)
    if status != 127:
        return "warn", f"nvidia-smi is there and fails: {first_line(output)}"
    if shutil.which("rocminfo"):
        status, output = run("rocminfo")
        found = re.search(r"gfx[0-9a-f]+", output)
        return ("ok", f"an AMD GPU, {found[0]}") if status == 0 and found else ("warn", "rocminfo finds no GPU")
    if platform.system() == "Darwin" and platform.machine() == "arm64":
        return "ok", "the GPU of an Apple chip"
    return "skip", "no GPU; none is needed"


def check_cuda() -> Finding:
    """The CUDA compiler, where there is an NVIDIA GPU."""
    if shutil.which("nvidia-smi") is None:
        return "skip", "no NVIDIA GPU"
    status, output = run("nvcc", "--version")
    if status:
        return "warn", "there is an NVIDIA GPU, and no nvcc on the PATH"
    release = re.search(r"release ([\d.]+)", output)
    return "ok", f"CUDA {release[1]}" if release else first_line(output)


def checks(folder: str | None) -> Iterator[tuple[str, Callable[[], Finding]]]:
    """Names and checks, in the order of the report."""
    yield "system", check_system
    yield "memory", check_memory
    yield "disk", check_disk
    yield "folder", check_folder
    yield "python", check_python
    yield "compiler", check_compiler
    yield "cmake", check_cmake
    yield "generator", check_generator
    yield "git", check_git
    yield "tools", lambda: check_tools(folder)
    yield "engine", lambda: check_engine(folder)
    yield "packages", check_packages
    yield "gpu", check_gpu
    yield "cuda", check_cuda


def main() -> int:
    """Print the report."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n\n")[0])
    parser.add_argument("--engine", metavar="FOLDER", help="where the engine's programs are (default: the PATH)")
    folder = parser.parse_args().engine
    print(f"setup report {FORMAT}")
    counts = dict.fromkeys(("ok", "warn", "fail", "skip"), 0)
    for name, check in checks(folder):
        try:
            verdict, seen = check()
        except Exception as error:
            verdict, seen = "fail", f"the check itself failed: {type(error).__name__}: {error}"
        counts[verdict] += 1
        print(f"[{verdict}] {name}: {' '.join(seen.split())[:300]}", flush=True)
    print("end: " + ", ".join(f"{number} {verdict}" for verdict, number in counts.items()))
    return 1 if counts["fail"] else 0


if __name__ == "__main__":
    sys.exit(main())
