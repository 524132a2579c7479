"""Where a link in a page leads."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass

from backend.curriculum.rendering.site_map import SiteMap

_UPSTREAM = re.compile(r"^llama\.cpp:(?P<path>[\w./+-]+)$")
_OUTSIDE = re.compile(r"^(https?://[^\s]+|mailto:[^\s]+@[^\s]+)$", re.IGNORECASE)


class BadLinkError(ValueError):
    """A link that leads nowhere. `cure` says what to do."""

    def __init__(self, message: str, cure: str) -> None:
        super().__init__(message)
        self.cure = cure


@dataclass(frozen=True)
class Target:
    """A resolved link."""

    address: str
    outside: bool = False
    page: str | None = None
    """Path of the page's file, when the link leads to a page of ours."""
    fragment: str = ""


def resolve(href: str, file: str, site: SiteMap) -> Target:
    """The target of `href` as written in `file` (a path below the content folder).

    Raises:
        BadLinkError: no such page or program, or an address of a kind that is not allowed.
    """
    upstream = _UPSTREAM.match(href)
    if upstream:
        path = upstream["path"]
        if path.startswith("/") or ".." in path.split("/"):
            raise BadLinkError(f"“{href}” is not a path in llama.cpp.", "Give the path from the root of its tree.")
        return Target(site.upstream(path), outside=True)
    if _OUTSIDE.match(href):
        return Target(href, outside=True)
    path, _, fragment = href.partition("#")
    if not path:
        return Target(f"#{fragment}", page=file, fragment=fragment)
    if ":" in path or path.startswith(("/", "\\")) or "?" in path:
        cure = "Link to a file of the content, to llama.cpp:PATH, or to an https address."
        raise BadLinkError(f"The address “{href}” is not allowed.", cure)
    wanted = posixpath.normpath(posixpath.join(posixpath.dirname(file), path))
    if wanted.startswith(site.unreadable):
        return Target("#", page=None)
    if wanted in site.pages:
        address = site.pages[wanted] + (f"#{fragment}" if fragment else "")
        return Target(address, page=wanted, fragment=fragment)
    if wanted in site.programs and site.programs[wanted].address and not fragment:
        return Target(site.programs[wanted].address)
    cure = "Correct the path; a page must be in its module's outline.yml, a program in code/."
    raise BadLinkError(f"The link “{href}” leads to {wanted}, which is no page and no program.", cure)
