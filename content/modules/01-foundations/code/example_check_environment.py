"""Checks that the engine is where programs will look for it, and says which engine it is.

Usage: example_check_environment.py [LIBRARY-FOLDER]

Without an argument the folder is taken from LLAMA_CPP_LIB_PATH, else from the place of the
`llama` program on the PATH. Talks to the libraries with ctypes alone, so it also works where
llama-cpp-python is broken. Exit status 0 when everything was found, 1 when something is missing.
"""

from __future__ import annotations

import ctypes
import importlib.metadata
import os
import shutil
import sys
from pathlib import Path
from typing import Any

SUFFIX = {"darwin": ".dylib", "win32": ".dll"}.get(sys.platform, ".so")
PREFIX = "" if sys.platform == "win32" else "lib"
TOOLS = ("llama-completion", "llama-server", "llama-bench", "llama-quantize")
PACKAGES = ("numpy", "gguf", "llama-cpp-python")


# region find
def library_folder(argument: str | None) -> Path | None:
    """Folder that holds libllama, or None. An explicit choice is never replaced by another folder."""
    chosen = argument or os.environ.get("LLAMA_CPP_LIB_PATH")
    if chosen:
        candidates = [Path(chosen)]
    else:
        program = shutil.which("llama") or shutil.which("llama-completion")
        folder = Path(program).resolve().parent if program else Path("/nowhere")
        candidates = [folder, folder.parent / "lib"]  # a build folder, or an installation
    return next((path for path in candidates if (path / f"{PREFIX}llama{SUFFIX}").exists()), None)


# endregion find


def load(folder: Path, name: str) -> ctypes.CDLL:
    """Load one library by its full path. Raises OSError with the linker's reason."""
    return ctypes.CDLL(str(folder / f"{PREFIX}{name}{SUFFIX}"), mode=ctypes.RTLD_GLOBAL)


# region ask
def text(function: Any, *arguments: object) -> str:
    """Call a C function that returns `const char *`."""
    function.restype = ctypes.c_char_p  # without this, ctypes takes the pointer for an int
    return str(function(*arguments), "utf-8")


def devices(ggml: ctypes.CDLL, base: ctypes.CDLL) -> list[str]:
    """One line for each device that the registry knows."""
    ggml.ggml_backend_load_all()
    ggml.ggml_backend_dev_count.restype = ctypes.c_size_t
    ggml.ggml_backend_dev_get.restype = ctypes.c_void_p
    ggml.ggml_backend_dev_get.argtypes = [ctypes.c_size_t]
    lines = []
    for index in range(ggml.ggml_backend_dev_count()):
        device = ctypes.c_void_p(ggml.ggml_backend_dev_get(index))
        free, total = ctypes.c_size_t(), ctypes.c_size_t()
        base.ggml_backend_dev_memory(device, ctypes.byref(free), ctypes.byref(total))
        name = text(base.ggml_backend_dev_name, device)
        lines.append(f"{name}: {text(base.ggml_backend_dev_description, device)}, {total.value >> 20} MiB")
    return lines


# endregion ask


def engine_report(folder: Path) -> bool:
    """Print version, CPU features and devices. Returns whether a device was found."""
    base, ggml = load(folder, "ggml-base"), load(folder, "ggml")
    llama = load(folder, "llama")
    print(f"engine     {text(llama.llama_version)}, ggml {text(base.ggml_version)}")
    found = devices(ggml, base)
    features = text(llama.llama_print_system_info)
    print("features  ", ", ".join(part.strip() for part in features.split("|") if part.strip()))
    for line in found or ["none: a model cannot be loaded"]:
        print("device    ", line)
    return bool(found)


def main(arguments: list[str]) -> int:
    """Print the report. Returns the exit status."""
    folder = library_folder(arguments[0] if arguments else None)
    print("libraries ", folder or "not found: set LLAMA_CPP_LIB_PATH, or put the built tools on the PATH")
    try:
        complete = folder is not None and engine_report(folder)
    except OSError as problem:
        print("libraries  do not load:", problem)
        complete = False
    for tool in TOOLS:
        place = shutil.which(tool)
        print(f"tool       {tool}: {place or 'not on the PATH'}")
        complete = complete and place is not None
    for package in PACKAGES:
        try:
            print(f"package    {package} {importlib.metadata.version(package)}")
        except importlib.metadata.PackageNotFoundError:
            print(f"package    {package} is not installed")
            complete = False
    print("ready" if complete else "something is missing: see above")
    return 0 if complete else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
