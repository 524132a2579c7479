"""The product unpacks nothing: an archive is refused by its name, or kept as the bytes that it is."""

from __future__ import annotations

import ast
import gzip
import io
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from uuid import uuid4

import psutil
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from backend.accounts.models import User
from backend.curriculum.models import Lab
from backend.labs.models import Submission
from tests.stack import ROOT

BrowserOf = Callable[[User], Client]
CANARY = Path("/var/tmp/llsys-archive-canary")
UNPACKERS = {"zipfile", "tarfile", "gzip", "bz2", "lzma", "zlib", "shutil.unpack_archive", "zipimport", "py7zr"}
TRUSTED = {
    "backend/labs/archives.py": "packs files for download; the test below sees that it opens nothing",
    "grader/lab.py": "packs and unpacks the curriculum's own labs, verified by digest",
    "grader/toolchain": "unpacks the engine's pinned source, verified by digest",
}
"""Places that unpack something, none of which a learner hands in."""
GROWTH = 20 << 20


def zip_bomb() -> bytes:
    """64 MiB of zeros, nested twice."""
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("main.py", bytes(64 << 20))
    outer = io.BytesIO()
    with zipfile.ZipFile(outer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("inner.zip", inner.getvalue())
    return outer.getvalue()


def overlapping_zip() -> bytes:
    """Many entries of the directory name the same stored file (CVE-2024-0450)."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.py", bytes(1 << 20))
        first = archive.filelist[0]
        for number in range(500):
            twin = zipfile.ZipInfo(f"f{number}.py")
            for name in ("compress_type", "CRC", "compress_size", "file_size", "header_offset"):
                setattr(twin, name, getattr(first, name))
            archive.filelist.append(twin)
    return target.getvalue()


def links_and_paths() -> bytes:
    """A tar with links, a device, a pipe and names that lead out of it (CVE-2025-4517 and its kin)."""
    target = io.BytesIO()
    with tarfile.open(fileobj=target, mode="w") as archive:
        for name, kind, link in (
            ("link", tarfile.SYMTYPE, str(CANARY)),
            ("link/main.py", tarfile.REGTYPE, ""),
            ("hard", tarfile.LNKTYPE, "../../../../etc/passwd"),
            ("null", tarfile.CHRTYPE, ""),
            ("pipe", tarfile.FIFOTYPE, ""),
            (f"../../../..{CANARY}", tarfile.REGTYPE, ""),
            (str(CANARY), tarfile.REGTYPE, ""),
            ("main.py", tarfile.REGTYPE, ""),
            ("main.py", tarfile.REGTYPE, ""),
            ("main.py/below", tarfile.REGTYPE, ""),
        ):
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname = kind, link
            archive.addfile(entry)
    return target.getvalue()


ARCHIVES: dict[str, Callable[[], bytes]] = {
    "bomb.zip": zip_bomb,
    "overlapping.zip": overlapping_zip,
    "links.tar": links_and_paths,
    "links.tar.gz": lambda: gzip.compress(links_and_paths()),
    "zeros.gz": lambda: gzip.compress(bytes(128 << 20)),
}


@pytest.mark.parametrize("name", ARCHIVES)
def test_an_archive_is_refused_or_kept_as_the_bytes_that_it_is(
    tiny_lab: Lab, learner: User, browser_of: BrowserOf, name: str
) -> None:
    browser, content = browser_of(learner), ARCHIVES[name]()
    assert len(content) < 256 * 1024
    address = reverse("lab_submit", args=[tiny_lab.slug])

    def send(as_name: str) -> int:
        upload = SimpleUploadedFile(as_name, content, content_type="application/zip")
        return browser.post(address, {"key": str(uuid4()), "upload": upload}).status_code

    assert send(name) == 400
    assert not Submission.objects.exists()
    before = psutil.Process().memory_info().rss
    assert send("main.py") == 302
    submission = Submission.objects.get()
    (stored,) = submission.files.all()
    assert (stored.name, bytes(stored.content)) == ("main.py", content)
    assert browser.get(submission.get_absolute_url()).status_code == 200
    assert browser.get(reverse("submission_file", args=[submission.pk, "main.py"])).content == content
    assert psutil.Process().memory_info().rss - before < GROWTH
    assert not CANARY.exists()


def test_nothing_that_takes_in_work_can_unpack() -> None:
    unpacks = set()
    for path in [*ROOT.glob("backend/**/*.py"), *ROOT.glob("grader/**/*.py")]:
        for node in ast.walk(ast.parse(path.read_text())):
            names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom):
                names = [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
            if isinstance(node, ast.Attribute) and node.attr == "unpack_archive":
                names = ["shutil.unpack_archive"]
            if UNPACKERS & set(names):
                unpacks.add(path.relative_to(ROOT).as_posix())
    strangers = {path for path in unpacks if not path.startswith(tuple(TRUSTED))}
    assert strangers == set(), "rows U1 and U3 of the attack catalogue apply to these from now on"


def test_what_packs_files_for_download_opens_no_archive() -> None:
    tree = ast.parse((ROOT / "backend/labs/archives.py").read_text())
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    opened = [call for call in calls if isinstance(call.func, ast.Attribute) and call.func.attr == "ZipFile"]
    assert [ast.literal_eval(call.args[1]) for call in opened] == ["w"]
    named = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    assert not named & {"extract", "extractall", "open", "read", "PyZipFile"}
