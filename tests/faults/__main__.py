"""Run it from the command line: `python -m tests.faults --faults 1000 --seed 7 --stacks 6`."""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from tests.faults.injecting import inject

ROOT = Path(__file__).resolve().parents[2]


def main() -> int:
    """Inject, print the account, and say by the exit status whether everything held."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.faults", description="Break a running stack again and again."
    )
    parser.add_argument("--faults", type=int, default=40, help="how many faults (default 40)")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="draws moments, kinds and submissions")
    parser.add_argument("--stacks", type=int, default=1, help="stacks side by side, each with its share (default 1)")
    parser.add_argument("--kinds", default="", help="only these kinds of faults, separated by commas")
    parser.add_argument("--record", action="store_true", help="keep the account in tests/bench/results/faults.json")
    parser.add_argument("--out", type=Path, help="also write the account to this file")
    asked = parser.parse_args()
    if asked.stacks == 1:
        account = inject(asked.faults, asked.seed, kinds=[kind for kind in asked.kinds.split(",") if kind]).as_dict()
    else:
        runs = [_start(asked, number) for number in range(asked.stacks)]
        signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(1))
        try:
            account = _together(runs)
        finally:
            for run in runs:
                run.terminate()
    if asked.out:
        asked.out.write_text(json.dumps(account))
    print(json.dumps(account, indent=2))
    if asked.record:
        from tests.bench.site import RESULTS

        RESULTS.mkdir(exist_ok=True)
        (RESULTS / "faults.json").write_text(json.dumps(account, indent=2) + "\n")
    return 1 if account["problems"] or account["late"] else 0


def _start(asked: argparse.Namespace, number: int) -> subprocess.Popen[bytes]:
    share = asked.faults // asked.stacks + (number < asked.faults % asked.stacks)
    command = [sys.executable, "-m", "tests.faults", "--faults", str(share), "--seed", str(asked.seed + number)]
    return subprocess.Popen([*command, "--kinds", asked.kinds], cwd=ROOT, stdout=subprocess.PIPE)


def _together(runs: list[subprocess.Popen[bytes]]) -> dict[str, Any]:
    """The accounts of all stacks as one."""
    accounts: list[dict[str, Any]] = []
    broken = []
    for number, run in enumerate(runs):
        output, _ = run.communicate()
        try:
            accounts.append(json.loads(output))
        except ValueError:
            broken.append(f"stack {number} ended with status {run.returncode} and no account")
    sums: dict[str, Any] = {"stacks": len(runs), "seeds": [one["seed"] for one in accounts]}
    for name in ("faults", "missed"):
        kinds = sorted({kind for one in accounts for kind in one[name]})
        sums[name] = {kind: sum(one[name].get(kind, 0) for one in accounts) for kind in kinds}
    sums["faults_in_all"] = sum(sums["faults"].values())
    for name in ("submissions", "attempts", "attempts_lost", "refused_for_a_moment", "rounds"):
        sums[name] = sum(one[name] for one in accounts)
    kinds = sorted({kind for one in accounts for kind in one["by_kind"]})
    sums["by_kind"] = {kind: max(one["by_kind"].get(kind, 0.0) for one in accounts) for kind in kinds}
    times = sorted(seconds for one in accounts for seconds in one["goes_on_after"])
    sums["goes_on_after"] = {
        "median": times[len(times) // 2] if times else 0.0,
        "p95": times[min(len(times) - 1, len(times) * 95 // 100)] if times else 0.0,
        "longest": times[-1] if times else 0.0,
    }
    sums["seconds"] = max((one["seconds"] for one in accounts), default=0.0)
    sums["late"] = [late for one in accounts for late in one["late"]]
    sums["problems"] = broken + [problem for one in accounts for problem in one["problems"]]
    return sums


if __name__ == "__main__":
    sys.exit(main())
