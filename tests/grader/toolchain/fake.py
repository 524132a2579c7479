"""A source distribution like the pinned one, small enough to be built in seconds, and a program that builds it.

Its compiler is the real one behind a launcher that notes every unit it compiles and, where a test asks for it,
writes half an object and stands still until a gate is opened, or pauses before each unit.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import sys
import tarfile
import time
from collections.abc import Callable
from pathlib import Path

from grader.toolchain import ToolchainError, build
from grader.toolchain.recipe import Recipe
from grader.toolchain.store import Store

COMMIT = "0123456789abcdef0123456789abcdef01234567"
UNITS = 6
STUCK_UNIT = "unit_3.cpp"
LOG = "FAKE_ENGINE_LOG"
GATE = "FAKE_ENGINE_GATE"
PAUSE = "FAKE_ENGINE_PAUSE"
FAILED = 3

_LAUNCHER = f"""\
for word; do last=$word; [ "$before" = -o ] && object=$word; before=$word; done
[ -n "${LOG}" ] && basename "$last" >> "${LOG}"
case "$last" in *{STUCK_UNIT}) if [ -n "${GATE}" ]; then
  printf half > "$object"
  while [ ! -e "${GATE}" ]; do sleep 0.05; done
fi;; esac
[ -n "${PAUSE}" ] && sleep "${PAUSE}"
exec "$@"
"""
_CMAKE = """\
cmake_minimum_required(VERSION 3.14...3.28)
set(LLAMA_VERSION_MAJOR 4)
set(LLAMA_VERSION_MINOR 5)
set(LLAMA_VERSION_PATCH 6)
project(fake CXX)
set(CMAKE_CXX_COMPILER_LAUNCHER sh;${CMAKE_SOURCE_DIR}/launch.sh)
file(GLOB UNITS src/unit_*.cpp)
add_library(llama ${UNITS})
target_include_directories(llama PUBLIC include)
add_executable(llama-quantize tools/quantize.cpp)
target_link_libraries(llama-quantize llama)
install(TARGETS llama llama-quantize)
install(FILES include/llama.h DESTINATION include)
"""
_QUANTIZE = """\
#include "llama.h"
#include <fstream>
int main(int, char ** argv) {
    std::ifstream in(argv[1], std::ios::binary);
    std::ofstream(argv[2], std::ios::binary) << argv[3] << " of " << in.rdbuf() << " by " << unit_0();
}
"""
_BINDING = """\
import ctypes, os, pathlib
_folder = os.environ.get("LLAMA_CPP_LIB_PATH") or pathlib.Path(__file__).parent / "lib"
_library = ctypes.CDLL(str(pathlib.Path(_folder) / "libllama.so"))
def unit(number): return _library[f"unit_{number}"]()
def llama_backend_init(): assert unit(0) == 0
def llama_backend_free(): pass
"""
_BACKEND = """\
import os, zipfile
INFO = "fake_engine-1.0.dist-info"
META = "Metadata-Version: 2.1\\nName: fake-engine\\nVersion: 1.0\\n"
WHEEL = "Wheel-Version: 1.0\\nGenerator: fake\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"
def prepare_metadata_for_build_wheel(folder, settings=None):
    os.makedirs(os.path.join(folder, INFO))
    open(os.path.join(folder, INFO, "METADATA"), "w").write(META)
    return INFO
def build_wheel(folder, settings=None, metadata=None):
    assert os.environ["CMAKE_ARGS"] == "-DLLAMA_BUILD=OFF", "the engine would be compiled twice"
    name = "fake_engine-1.0-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(folder, name), "w") as wheel:
        wheel.write("llama_cpp/__init__.py")
        for file, text in (("METADATA", META), ("WHEEL", WHEEL), ("RECORD", "")):
            wheel.writestr(f"{INFO}/{file}", text)
    return name
"""


def files(*, broken: bool = False) -> dict[str, str]:
    """The distribution's files by their path below its top folder; a broken one does not compile."""
    engine = {
        "CMakeLists.txt": _CMAKE,
        "launch.sh": _LAUNCHER,
        "include/llama.h": 'extern "C" int unit_0(void);\n',
        "common/common.h": "#define COMMON 1\n",
        "tools/quantize.cpp": _QUANTIZE,
        "ggml/CMakeLists.txt": "".join(
            f"set(GGML_VERSION_{part} {n})\n" for n, part in enumerate(("MAJOR", "MINOR", "PATCH"), start=7)
        ),
    }
    for number in range(UNITS):
        engine[f"src/unit_{number}.cpp"] = f'extern "C" int unit_{number}(void) {{ return {number}; }}\n'
    if broken:
        engine["src/unit_0.cpp"] = "int unit_0( { the quick brown fox }\n"
    return {
        "pyproject.toml": '[build-system]\nrequires = []\nbuild-backend = "backend"\nbackend-path = ["."]\n',
        "PKG-INFO": "Metadata-Version: 2.1\nName: fake-engine\nVersion: 1.0\n",
        "backend.py": _BACKEND,
        "llama_cpp/__init__.py": _BINDING,
        ".git/modules/vendor/llama.cpp/HEAD": f"{COMMIT}\n",
        **{f"vendor/llama.cpp/{name}": text for name, text in engine.items()},
    }


def archive(members: dict[str, str]) -> bytes:
    """A .tar.gz of the members, below one top folder; the same members give the same bytes."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for name, text in members.items():
            member = tarfile.TarInfo(f"fake_engine-1.0/{name}")
            member.size = len(text.encode())
            member.mode = 0o644
            tar.addfile(member, io.BytesIO(text.encode()))
    return gzip.compress(buffer.getvalue(), compresslevel=1, mtime=0)


def offer(store: Store, *, broken: bool = False) -> Recipe:
    """Put the distribution among the store's downloads; gives the recipe that pins it."""
    content = archive(files(broken=broken))
    recipe = Recipe("fake-engine", "1.0", hashlib.sha256(content).hexdigest(), requirements=None)
    store.downloads.mkdir(parents=True, exist_ok=True)
    (store.downloads / recipe.archive_name).write_bytes(content)
    return recipe


def recipe_of(store: Store) -> Recipe:
    """The recipe that pins the distribution which the store has."""
    content = (store.downloads / "fake_engine-1.0.tar.gz").read_bytes()
    return Recipe("fake-engine", "1.0", hashlib.sha256(content).hexdigest(), requirements=None)


def until(condition: Callable[[], object], within: float = 60.0) -> None:
    """Wait for a condition."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def main() -> int:
    """Build what the store named first offers, with the model named second."""
    store = Store(Path(sys.argv[1]))
    try:
        build(store, recipe_of(store), model=Path(sys.argv[2]))
    except ToolchainError as error:
        print(error, file=sys.stderr)
        return FAILED
    return 0


if __name__ == "__main__":
    os.umask(0o022)
    sys.exit(main())
