"""Finding a lab by its digest: this machine's cache, its content folder, or whoever has it on the other side."""

from __future__ import annotations

import contextlib
import tempfile
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

import structlog
from kombu.exceptions import OperationalError
from redis import RedisError

from grader import lab as labs
from grader.lab import Lab, LabError

_PASSING = (RedisError, OperationalError, OSError)
"""A broker that is away for a moment."""
_ASK_AGAIN_SECONDS = 5.0
_KNOWN_LABS = 64
"""Labs kept in memory; the rest is read from the cache again."""
_DRAFT = "draft-"
_DRAFT_SECONDS = 60.0

log = structlog.get_logger("grader")


class BundleStore:
    """Labs by digest. Whatever comes from outside is verified against the digest before it is used.

    Args:
        cache: folder for bundles that were fetched.
        content: content folder whose labs may have the digest.
        fetch: gives a published bundle, or None.
        ask: asks the other side to publish one.
    """

    def __init__(
        self,
        *,
        cache: Path,
        content: Path | None,
        fetch: Callable[[str], bytes | None],
        ask: Callable[[str], None],
        wait_seconds: float = 60.0,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._cache = cache
        self._content = content
        self._fetch = fetch
        self._ask = ask
        self._wait_seconds = wait_seconds
        self._sleep = sleep
        self._known: OrderedDict[str, Lab] = OrderedDict()
        self._lock = threading.Lock()
        self._sweep()

    def get(self, slug: str, digest: str) -> Lab:
        """The lab with this digest.

        Raises:
            LabError: nobody has it, or what came is not it.
        """
        lab = self._known.get(digest) or self._from_cache(digest) or self._from_content(slug, digest)
        if lab is None:
            lab = self._from_elsewhere(digest)
        with self._lock:
            self._known[digest] = lab
            self._known.move_to_end(digest)
            while len(self._known) > _KNOWN_LABS:
                self._known.popitem(last=False)
        return lab

    def _from_cache(self, digest: str) -> Lab | None:
        path = self._cache / f"{digest}.bundle"
        try:
            return labs.unpack(path.read_bytes(), digest=digest)
        except OSError:
            return None
        except LabError:
            path.unlink(missing_ok=True)
            return None

    def _from_content(self, slug: str, digest: str) -> Lab | None:
        if self._content is None:
            return None
        for folder in self._content.glob(f"modules/*/labs/{slug}"):
            with contextlib.suppress(LabError, OSError):
                lab = labs.load_lab(folder)
                if lab.digest == digest:
                    return lab
        return None

    def _from_elsewhere(self, digest: str) -> Lab:
        blob = self._fetch_soon(digest)
        lab = labs.unpack(blob, digest=digest)
        self._keep(digest, blob)
        return lab

    def _fetch_soon(self, digest: str) -> bytes:
        """The bundle, as soon as somebody has published it. A question or an answer may get lost, so it asks again."""
        started = time.monotonic()
        ask_at = started
        while True:
            now = time.monotonic()
            with contextlib.suppress(*_PASSING):
                if (blob := self._fetch(digest)) is not None:
                    if not blob:
                        raise LabError(f"there is no lab bundle {digest[:12]}")
                    return blob
                if now >= ask_at:
                    ask_at = now + _ASK_AGAIN_SECONDS
                    self._ask(digest)
            if now - started > self._wait_seconds:
                raise LabError(f"nobody published the lab bundle {digest[:12]} within {self._wait_seconds:g} s")
            self._sleep(0.1)

    def _keep(self, digest: str, blob: bytes) -> None:
        """Lay it into the cache; a disk that is full costs the cache only, and nothing half-written stays."""
        draft: Path | None = None
        try:
            self._cache.mkdir(parents=True, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self._cache, prefix=_DRAFT, delete=False) as file:
                draft = Path(file.name)
                file.write(blob)
            draft.replace(self._cache / f"{digest}.bundle")
        except OSError as error:
            log.warning("bundle not kept", reason=str(error))
            if draft is not None:
                with contextlib.suppress(OSError):
                    draft.unlink(missing_ok=True)

    def _sweep(self) -> None:
        """Remove what a killed worker left half-written."""
        with contextlib.suppress(OSError):
            for draft in self._cache.glob(f"{_DRAFT}*"):
                if time.time() - draft.stat().st_mtime > _DRAFT_SECONDS:
                    draft.unlink(missing_ok=True)
