"""Giving back disk space."""

from __future__ import annotations

import shutil
from pathlib import Path

from grader.toolchain.installed import current
from grader.toolchain.lock import exclusive
from grader.toolchain.store import Store


def clean(store: Store, *, everything: bool = False) -> int:
    """Remove downloads and toolchains that are not in use; gives the bytes freed.

    Args:
        store: where toolchains live.
        everything: remove the toolchain in use and the record of its build, too.

    Raises:
        BuildRunningError: a build is under way.
    """
    with exclusive(store.lock, wait=False):
        toolchain = None if everything else current(store)
        kept = {store.lock} if everything else {store.lock, store.pointer, store.progress}
        if toolchain is not None:
            kept.add(store.place(toolchain.id).path)
        doomed = [path for path in store.path.iterdir() if path not in kept]
        freed = sum(map(_size, doomed))
        for path in doomed:
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
        return freed


def _size(path: Path) -> int:
    files = [path, *path.rglob("*")] if path.is_dir() else [path]
    return sum(file.lstat().st_size for file in files)
