"""Unpacking a source distribution without trusting the names in it."""

from __future__ import annotations

import shutil
import tarfile
from pathlib import Path, PurePosixPath

from grader.toolchain.errors import ToolchainError


def unpack(archive: Path, target: Path) -> None:
    """Unpack a .tar.gz into a folder that appears only when it is complete.

    The single top folder of the archive becomes `target`. Version control folders are left out: they
    are of no use here, and programs such as git act on what they find in them.

    Raises:
        ToolchainError: the archive is damaged, or a member would land outside `target`, or is neither a
            file, a folder nor a link that stays inside.
    """
    partial = target.with_name(f"{target.name}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    shutil.rmtree(target, ignore_errors=True)
    partial.mkdir(parents=True)
    try:
        with tarfile.open(archive, "r:gz") as tar:
            for member in tar:
                _unpack_member(tar, member, partial)
    except (tarfile.TarError, OSError, EOFError) as error:
        raise ToolchainError(
            f"{archive.name} cannot be unpacked: {error}.", cure="Delete it and build again: it is downloaded anew."
        ) from error
    partial.rename(target)


def read_member(archive: Path, name: str) -> str | None:
    """Text of one file in the archive by its path below the top folder, or None when there is none."""
    with tarfile.open(archive, "r:gz") as tar:
        for member in tar:
            if member.isfile() and PurePosixPath(member.name).parts[1:] == PurePosixPath(name).parts:
                file = tar.extractfile(member)
                return file.read().decode() if file else None
    return None


def _unpack_member(tar: tarfile.TarFile, member: tarfile.TarInfo, root: Path) -> None:
    path = PurePosixPath(member.name)
    if path.is_absolute() or ".." in path.parts:
        raise ToolchainError(f"The archive names a file outside its own folder: {member.name!r}.")
    inside = path.parts[1:]
    if not inside or ".git" in inside:
        return
    place = root.joinpath(*inside)
    if not place.parent.resolve().is_relative_to(root.resolve()):
        raise ToolchainError(f"The archive reaches through a link: {member.name!r}.")
    place.parent.mkdir(parents=True, exist_ok=True)
    if member.isdir():
        place.mkdir(exist_ok=True)
    elif member.issym():
        if not (place.parent / member.linkname).resolve().is_relative_to(root.resolve()):
            raise ToolchainError(f"A link in the archive points outside: {member.name!r} -> {member.linkname!r}.")
        place.symlink_to(member.linkname)
    elif member.isfile():
        content = tar.extractfile(member)
        assert content is not None
        with place.open("xb") as file:
            shutil.copyfileobj(content, file)
        place.chmod(0o755 if member.mode & 0o100 else 0o644)
    else:
        raise ToolchainError(f"The archive holds something that is no file, folder or link: {member.name!r}.")
