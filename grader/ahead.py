"""Work done before anybody waits for it: precompiled headers and the CUDA emulator, for a lab's first submission."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from grader.cuda_cpu import library
from grader.lab import Lab
from grader.languages import SourceTree, cpp, precompiled
from grader.sandbox import Sandbox
from grader.toolchain import Toolchain


def prepare(
    labs: Iterable[Lab], toolchain: Toolchain, sandbox: Sandbox, *, idle: Callable[[], bool] = lambda: True
) -> int:
    """Precompile what starter and reference of each lab include; gives how many sets were made.

    Learners begin with the starter and mostly end with the reference's headers. `idle` is asked before each set:
    it may wait until the machine has nothing better to do, and ends the work by answering False.
    """
    made = 0
    for lab in labs:
        if lab.spec.language == "cuda" and not library.ready(sandbox):
            if not idle():
                return made
            library.object_mount(sandbox)
            made += 1
        if lab.spec.language != "cpp":
            continue
        flags = cpp.compile_flags(lab.spec)
        for files in (lab.starter, lab.reference):
            source = SourceTree(files, lab.under("harness"))
            if not precompiled.included(source) or precompiled.find(source, flags, toolchain) is not None:
                continue
            if not idle():
                return made
            made += precompiled.make(source, flags, toolchain, sandbox)
    return made
