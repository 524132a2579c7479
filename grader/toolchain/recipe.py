"""What is to be built: the pinned source distribution, the flags, and the id that follows from them."""

from __future__ import annotations

import hashlib
import platform
import re
import sys
from dataclasses import dataclass
from pathlib import Path

from grader.toolchain.errors import ToolchainError

PIN_FILE = Path(__file__).with_name("pin.txt")
PROJECT = Path(__file__).resolve().parents[2]

_ORIGIN = "@loader_path" if sys.platform == "darwin" else "$ORIGIN"

CMAKE_FLAGS = (
    "-DCMAKE_BUILD_TYPE=Release",
    "-DBUILD_SHARED_LIBS=ON",
    # No instructions of the building machine alone: the result may be used on another one.
    "-DGGML_NATIVE=OFF",
    # The same result whether or not the machine has OpenSSL's headers; nothing in a sandbox has a network.
    "-DLLAMA_OPENSSL=OFF",
    # The server's web page would be fetched from the internet while building.
    "-DLLAMA_USE_PREBUILT_UI=OFF",
    # Libraries are found beside the program that needs them, wherever the folder is mounted.
    f"-DCMAKE_INSTALL_RPATH={_ORIGIN};{_ORIGIN}/../lib",
    "-DCMAKE_INSTALL_LIBDIR=lib",
    # Not the commit of whatever repository the build folder happens to lie in.
    "-DGIT_EXE=",
    "-DGIT_EXECUTABLE=",
    "-DLLAMA_BUILD_NUMBER=0",
    "-DLLAMA_BUILD_TESTS=OFF",
    "-DLLAMA_BUILD_EXAMPLES=OFF",
)

_LAYOUT = "2"
"""Raised when the steps put something else into the engine folder although nothing they are given changed."""

_PIN_LINE = re.compile(
    r"^(?P<name>[A-Za-z0-9._-]+)==(?P<version>[0-9][A-Za-z0-9.]*) --hash=sha256:(?P<sha256>[0-9a-f]{64})$"
)


@dataclass(frozen=True)
class Recipe:
    """Everything the result depends on, apart from the machine's compiler and Python.

    Attributes:
        package: name of the source distribution on the package index.
        version: its exact version.
        sha256: digest of its archive.
        requirements: hash-locked requirements of the Python runtime, or None for no requirements.
        flags: options of the cmake configure step.
    """

    package: str
    version: str
    sha256: str
    requirements: Path | None = PROJECT / "requirements" / "engine.txt"
    flags: tuple[str, ...] = CMAKE_FLAGS

    @property
    def archive_name(self) -> str:
        """File name of the source distribution."""
        return f"{self.package.replace('-', '_')}-{self.version}.tar.gz"

    @property
    def pin_line(self) -> str:
        """The requirement, with its hash, as pip reads it."""
        return f"{self.package}=={self.version} --hash=sha256:{self.sha256}"

    def identity(self, *, compiler: str, python: str, machine: str) -> str:
        """Id of the toolchain that this recipe gives: equal inputs give an equal id.

        Args:
            compiler: first line of the compiler's version text.
            python: version of the interpreter, such as "3.11", since the binding and numpy depend on it.
            machine: processor architecture, such as "x86_64".
        """
        lock = self.requirements.read_bytes() if self.requirements else b""
        inputs = (
            _LAYOUT,
            self.package,
            self.version,
            self.sha256,
            *self.flags,
            compiler,
            hashlib.sha256(lock).hexdigest(),
            python,
            machine,
        )
        return hashlib.sha256("\0".join(inputs).encode()).hexdigest()[:16]


def pinned(pin_file: Path = PIN_FILE) -> Recipe:
    """The project's recipe.

    Raises:
        ToolchainError: the pin file does not hold exactly one `name==version --hash=sha256:...` line.
    """
    lines = [line.strip() for line in pin_file.read_text().splitlines()]
    lines = [line for line in lines if line and not line.startswith("#")]
    match = _PIN_LINE.match(lines[0]) if len(lines) == 1 else None
    if match is None:
        raise ToolchainError(
            f"{pin_file.name} must hold one line `name==version --hash=sha256:<64 hex digits>`.",
            cure="Write the exact version of the source distribution and the digest of its archive.",
        )
    return Recipe(package=match["name"], version=match["version"], sha256=match["sha256"])


def python_version() -> str:
    """Version of the running interpreter as it enters the id, such as "3.11"."""
    return f"{sys.version_info.major}.{sys.version_info.minor}"


def machine() -> str:
    """System and processor architecture as they enter the id, such as "Linux-x86_64"."""
    return f"{platform.system()}-{platform.machine()}"
