"""The fixture models: the content's own small model, and the quantized variants that the pinned engine makes of it.

They lie in a toolchain's folder of models as NAME.gguf, and labs name them without the ending. They follow the
content: another `tiny-f16.gguf` makes new variants with the engine that is there.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from grader.toolchain.errors import ToolchainError
from grader.toolchain.installed import Toolchain, current
from grader.toolchain.manifest import file_digest
from grader.toolchain.process import Runner
from grader.toolchain.recipe import PROJECT
from grader.toolchain.store import write_atomically

SOURCE = PROJECT / "content" / "models" / "tiny-f16.gguf"
BASE = "tiny-f16"
VARIANTS: dict[str, str] = {
    "tiny-q8_0": "Q8_0",
    "tiny-q6_k": "Q6_K",
    "tiny-q4_k_m": "Q4_K_M",
    "tiny-q4_0": "Q4_0",
    "tiny-q2_k": "Q2_K",
}
"""Name of each variant -> the type that llama-quantize calls it."""
_RECORD = "made-from"


def available(toolchain: Toolchain | None = None) -> dict[str, Path]:
    """Fixture models that are there, name -> path. Without a toolchain, those of the current one, if any."""
    toolchain = toolchain or current()
    if toolchain is None:
        return {}
    return {path.stem: path for path in sorted(toolchain.models_dir.glob("*.gguf"))}


def up_to_date(folder: Path, source: Path = SOURCE) -> bool:
    """Whether the folder holds every model, made from this source."""
    try:
        recorded = (folder / _RECORD).read_text()
    except OSError:
        return False
    names = (BASE, *VARIANTS)
    return recorded == _record(source) and all((folder / f"{name}.gguf").is_file() for name in names)


def make(quantizer: Path, folder: Path, source: Path, runner: Runner, advance: Callable[[int, int, str], None]) -> None:
    """Make every model anew, each appearing whole.

    Args:
        quantizer: the engine's llama-quantize.
        folder: where the models go.
        source: the content's model.
        runner: runs the quantizer.
        advance: told how many variants are done, of how many, and what is being made.

    Raises:
        ToolchainError: there is no such source, or the engine cannot quantize it.
    """
    if not source.is_file():
        raise ToolchainError(f"The fixture model {source} is missing.", cure="Restore it from the repository.")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / _RECORD).unlink(missing_ok=True)
    made_from = _record(source)
    partial = folder / "partial"
    shutil.copyfile(source, partial)
    os.replace(partial, folder / f"{BASE}.gguf")
    for done, (name, kind) in enumerate(VARIANTS.items()):
        advance(done, len(VARIANTS), f"Quantizing the fixture model to {kind}.")
        runner.run([quantizer, folder / f"{BASE}.gguf", partial, kind])
        os.replace(partial, folder / f"{name}.gguf")
    for path in folder.glob("*.gguf"):
        if path.stem not in (BASE, *VARIANTS):
            path.unlink()
    write_atomically(folder / _RECORD, made_from)
    advance(len(VARIANTS), len(VARIANTS), "")


def _record(source: Path) -> str:
    """What the models depend on, apart from the engine they lie beside."""
    digest = file_digest(source) if source.is_file() else "absent"
    return f"{digest} {' '.join(VARIANTS.values())}\n"
