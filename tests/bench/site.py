"""A real site on a database of its own, for benchmarks: services, schema, content and processes."""

from __future__ import annotations

import contextlib
import json
import os
import platform
import statistics
import tempfile
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.stack import LiveStack

RESULTS = Path(__file__).with_name("results")


@contextlib.contextmanager
def site() -> Iterator[LiveStack]:
    """Services, migrated and loaded; nothing is started yet. Everything is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="llsys-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        os.environ |= {"LLSYS_LOCAL": "1", "LLSYS_DATA_DIR": str(folder / "data"), "LLSYS_LOG_LEVEL": "WARNING"}
        os.environ["DJANGO_SETTINGS_MODULE"] = "backend.config.settings"
        from backend.config.local_services import LocalServices

        services = LocalServices(folder / "services")
        os.environ |= services.start()
        try:
            import django

            django.setup()
            from django.core.management import call_command

            call_command("prepare", "--no-admin", verbosity=0)
            from tests.stack import LiveStack

            stack = LiveStack(folder, os.environ["REDIS_URL"])
            try:
                yield stack
            finally:
                stack.stop()
        finally:
            services.stop()


def summary(learner: Sequence[float], reference: Sequence[float], *, unit: str) -> dict[str, Any]:
    """Medians, and the median of the pair ratios with its quartiles."""
    ratios = sorted(a / b for a, b in zip(learner, reference, strict=True))
    low, _, high = statistics.quantiles(ratios, n=4)
    return {
        "unit": unit,
        "pairs": len(ratios),
        "median": round(statistics.median(learner), 3),
        "reference_median": round(statistics.median(reference), 3),
        "ratio": round(statistics.median(ratios), 3),
        "ratio_quartiles": [round(low, 3), round(high, 3)],
    }


def record(name: str, measured: dict[str, Any]) -> None:
    """Print a result, and keep it with the machine it was measured on when LLSYS_BENCH_RECORD is set."""
    from grader.environment import cpu_model

    result = {
        "benchmark": name,
        "measured_at": datetime.now(UTC).strftime("%Y-%m-%d"),
        "cpu": cpu_model(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "load": [round(value, 2) for value in os.getloadavg()],
        **measured,
    }
    print(json.dumps(result, indent=2))
    if os.environ.get("LLSYS_BENCH_RECORD"):
        RESULTS.mkdir(exist_ok=True)
        (RESULTS / f"{name}.json").write_text(json.dumps(result, indent=2) + "\n")
