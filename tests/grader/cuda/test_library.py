"""The emulator's object files: made once, found again, replaced when the sources change."""

from __future__ import annotations

from pathlib import Path

import pytest

from grader import ahead
from grader import lab as labs
from grader.cuda_cpu import library
from grader.sandbox import Sandbox
from grader.toolchain import Toolchain


@pytest.mark.slow
def test_it_is_compiled_once_ahead_of_its_use_and_old_versions_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, toolchain: Toolchain, sandbox: Sandbox
) -> None:
    monkeypatch.setenv("GRADER_CUDA_DIR", str(tmp_path))
    for number in range(library.MAX_KEPT + 2):
        (tmp_path / f"old-{number}").mkdir()
        (tmp_path / f"old-{number}" / library.TRACED).touch()
    assert not library.ready(sandbox)

    lab = labs.load_lab(Path(__file__).parent / "labs" / "scale")
    assert ahead.prepare([lab], toolchain, sandbox, idle=lambda: False) == 0
    assert not library.ready(sandbox)
    assert ahead.prepare([lab, lab], toolchain, sandbox) == 1
    first = library.object_mount(sandbox)
    made = (first.source / library.PLAIN).stat()
    again = library.object_mount(sandbox)

    assert library.ready(sandbox)
    assert again == first
    assert (again.source / library.PLAIN).stat() == made
    assert len(list(tmp_path.iterdir())) == library.MAX_KEPT
    assert (first.source / library.TRACED).stat().st_size > (first.source / library.PLAIN).stat().st_size


def test_an_image_with_a_compiler_of_its_own_has_object_files_of_its_own(sandbox: Sandbox) -> None:
    class Image:
        identity = "sha256:1"

    assert library.cache_folder(sandbox) != library.cache_folder(Image())  # type: ignore[arg-type]
