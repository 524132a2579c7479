"""What pages may link to, show and include, by path below the content folder."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class FigureFile:
    """A drawing and its size in CSS pixels."""

    address: str
    width: int
    height: int


@dataclass(frozen=True)
class ProgramFile:
    """A program that pages include: its text and its named regions (dedented)."""

    name: str
    address: str
    """Of its page; empty when it has none."""
    text: str
    regions: dict[str, str] | None
    """None: they are marked wrongly, which is reported already."""


@dataclass(frozen=True)
class SiteMap:
    """Addresses of everything that the content may point at."""

    commit: str
    """The pinned commit of llama.cpp."""
    pages: dict[str, str] = field(default_factory=dict)
    """Path of a page's file -> address. Planned pages are here too, though their files are not."""
    figures: dict[str, FigureFile] = field(default_factory=dict)
    programs: dict[str, ProgramFile] = field(default_factory=dict)
    unreadable: tuple[str, ...] = ()
    """Paths of files, or of folders with a slash at the end, whose own faults are reported already."""

    def upstream(self, path: str) -> str:
        """Address of a file of the pinned tree."""
        return f"https://github.com/ggml-org/llama.cpp/blob/{self.commit}/{path}"
