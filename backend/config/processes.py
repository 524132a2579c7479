"""The processes of a site on one machine, each with the environment it needs and no more."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from backend.config.supervisor import Child

_PLAIN = {"PATH", "HOME", "USER", "LOGNAME", "LANG", "LANGUAGE", "TZ", "TMPDIR", "PYTHONUNBUFFERED", "PYTHONPATH"}
_BUILDING = ("PIP_", "UV_", "SSL_", "XDG_", "CMAKE_", "CCACHE_", "CURL_CA_", "REQUESTS_CA_")
_DRAIN_SECONDS = 20.0
"""As `grader.worker` has it; the web side imports nothing from there."""
_AFTER_DRAIN_SECONDS = 5.0
_PROXIES = {"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY", "CC", "CXX", "CFLAGS", "CXXFLAGS", "LDFLAGS"}


WHOLE_REQUESTS = "--worker-class=backend.config.web_worker.WholeRequests"
"""Has the web server wait for slow senders without keeping anybody else waiting."""


def grader_environment(everything: Mapping[str, str], *, redis_url: str, data_dir: Path) -> dict[str, str]:
    """What a grading worker may know: no database, no secret key, no mail server."""
    kept = {
        name: value
        for name, value in everything.items()
        if name in _PLAIN or name.startswith(("LC_", "GRADER_", "LLSYS_TOOLCHAIN_"))
    }
    kept.setdefault("GRADER_REDIS_URL", redis_url)
    kept.setdefault("GRADER_CACHE_DIR", str(data_dir / "bundles"))
    kept.setdefault("GRADER_PRECOMPILED_DIR", str(data_dir / "precompiled"))
    kept.setdefault("GRADER_BUILD_CACHE_DIR", str(data_dir / "builds"))
    kept.setdefault("GRADER_ROOFLINE_DIR", str(data_dir / "roofline"))
    kept.setdefault("GRADER_BASELINE_DIR", str(data_dir / "baselines"))
    kept.setdefault("GRADER_CUDA_DIR", str(data_dir / "cuda"))
    if content := everything.get("LLSYS_CONTENT_DIR"):
        kept.setdefault("GRADER_CONTENT_DIR", content)
    return kept | {"PYTHONUNBUFFERED": "1"}


def toolchain_environment(everything: Mapping[str, str]) -> dict[str, str]:
    """What the build of the engine may know: how to reach the package index, and the compiler."""
    kept = {
        name: value
        for name, value in everything.items()
        if name in _PLAIN or name.upper() in _PROXIES or name.startswith(("LC_", "LLSYS_TOOLCHAIN_", *_BUILDING))
    }
    return kept | {"PYTHONUNBUFFERED": "1"}


def _grader_grace(grading: Mapping[str, str]) -> float:
    """Seconds a grader may take to end: its attempts finish or are handed back, and no learner loses time by it."""
    return float(grading.get("GRADER_DRAIN_SECONDS") or _DRAIN_SECONDS) + _AFTER_DRAIN_SECONDS


def children(environment: Mapping[str, str], *, host: str, port: int, data_dir: Path, grader: bool) -> list[Child]:
    """The web server, the background worker and its scheduler, and the grader with the build of its engine.

    The scheduler, the web server and the grader end before the worker, which still takes in the last reports.
    """
    python = sys.executable
    cores = os.cpu_count() or 1
    own = {**environment, "PYTHONUNBUFFERED": "1"}
    # That it runs as root is this machine's owner's choice; it takes JSON only, which is what the warning is about.
    quiet = ["-W", "ignore:You're running the worker with superuser privileges"]
    celery = [python, *quiet, "-m", "celery", "--quiet", "-A", "backend.config.celery"]
    plain = ["--loglevel=WARNING"]
    address = f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
    web = [python, "-m", "gunicorn", "backend.config.wsgi", f"--bind={address}", f"--workers={cores + 1}"]
    web.append(WHOLE_REQUESTS)
    web += ["--preload", "--no-control-socket", "--graceful-timeout=2", "--log-level=warning"]
    if Path("/dev/shm").is_dir():  # noqa: S108 - heartbeats of the web server's workers, not ours
        web.append("--worker-tmp-dir=/dev/shm")
    worker = [*celery, "worker", *plain, "--queues=backend", f"--concurrency={min(cores, 4)}", "--hostname=backend@%h"]
    worker += ["--without-gossip", "--without-mingle", "--without-heartbeat"]
    beat = [*celery, "beat", *plain]
    found = [
        Child("web", web, own, grace=3.0),
        Child("worker", worker, own, stage=1, grace=3.0),
        Child("scheduler", beat, own, grace=2.0),
    ]
    if grader:
        grading = grader_environment(environment, redis_url=environment["REDIS_URL"], data_dir=data_dir)
        building = toolchain_environment(environment)
        found += [
            Child("engine", [python, "-m", "grader.toolchain", "build"], building, once=True, grace=3.0),
            Child("grader", [python, "-m", "grader.worker"], grading, grace=_grader_grace(grading)),
        ]
    return found
