"""An archive may hold anything; what is unpacked stays in its folder."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from grader.toolchain.archive import read_member, unpack
from grader.toolchain.errors import ToolchainError


def member(name: str, *, kind: bytes = tarfile.REGTYPE, link: str = "", mode: int = 0o644) -> tarfile.TarInfo:
    """A member of an archive."""
    made = tarfile.TarInfo(name)
    made.type, made.linkname, made.mode = kind, link, mode
    return made


def archive(folder: Path, *members: tuple[tarfile.TarInfo, bytes]) -> Path:
    """An archive with these members."""
    path = folder / "made.tar.gz"
    with tarfile.open(path, "w:gz") as tar:
        for info, content in members:
            info.size = len(content)
            tar.addfile(info, io.BytesIO(content))
    return path


def test_the_top_folder_becomes_the_target_and_programs_stay_programs(tmp_path: Path) -> None:
    path = archive(
        tmp_path,
        (member("top/", kind=tarfile.DIRTYPE), b""),
        (member("top/a/run.sh", mode=0o4777), b"#!"),
        (member("top/b.txt"), b"text"),
        (member("top/link", kind=tarfile.SYMTYPE, link="a/run.sh"), b""),
    )
    unpack(path, tmp_path / "out")
    assert (tmp_path / "out" / "b.txt").read_bytes() == b"text"
    assert (tmp_path / "out" / "link").read_bytes() == b"#!"
    assert (tmp_path / "out" / "a" / "run.sh").stat().st_mode & 0o7777 == 0o755
    assert (tmp_path / "out" / "b.txt").stat().st_mode & 0o7777 == 0o644


def test_version_control_is_left_out_and_can_be_read(tmp_path: Path) -> None:
    path = archive(
        tmp_path, (member("top/.git/HEAD"), b"abc"), (member("top/x/.git/config"), b""), (member("top/f"), b"")
    )
    unpack(path, tmp_path / "out")
    assert [found.name for found in (tmp_path / "out").rglob("*") if found.is_file()] == ["f"]
    assert read_member(path, ".git/HEAD") == "abc"
    assert read_member(path, ".git/other") is None


@pytest.mark.parametrize(
    "members",
    [
        [member("../outside")],
        [member("top/../../outside")],
        [member("/outside")],
        [member("top/link", kind=tarfile.SYMTYPE, link="../..")],
        [member("top/link", kind=tarfile.SYMTYPE, link="/etc")],
        [member("top/link", kind=tarfile.SYMTYPE, link="sub/../../../outside")],
        [
            member("top/here", kind=tarfile.SYMTYPE, link="."),
            member("top/there", kind=tarfile.SYMTYPE, link="here/../.."),
        ],
        [member("top/hard", kind=tarfile.LNKTYPE, link="/etc/passwd")],
        [member("top/device", kind=tarfile.CHRTYPE)],
        [member("top/pipe", kind=tarfile.FIFOTYPE)],
        [member("top/file"), member("top/file")],
        [member("top/link", kind=tarfile.SYMTYPE, link="target"), member("top/link")],
    ],
    ids=[
        "parent", "parent-inside", "absolute", "link-to-parent", "link-to-root", "link-through-parent",
        "link-by-link", "hard-link", "device", "pipe", "file-twice", "file-over-link",
    ],
)  # fmt: skip
def test_a_hostile_member_is_refused_and_nothing_lies_outside(tmp_path: Path, members: list[tarfile.TarInfo]) -> None:
    box = tmp_path / "box"
    box.mkdir()
    path = archive(tmp_path, *((info, b"x" if info.isreg() else b"") for info in members))
    with pytest.raises(ToolchainError):
        unpack(path, box / "out")
    assert not (box / "out").exists()
    assert [found.name for found in box.iterdir()] in ([], ["out.partial"])
    assert not (tmp_path / "outside").exists()


def test_half_an_archive_is_refused_and_an_older_folder_does_not_stay(tmp_path: Path) -> None:
    path = archive(tmp_path, (member("top/big"), bytes(range(256)) * 4000))
    path.write_bytes(path.read_bytes()[:-600])
    (tmp_path / "out").mkdir()
    with pytest.raises(ToolchainError, match="Delete it and build again"):
        unpack(path, tmp_path / "out")
    assert not (tmp_path / "out").exists()
