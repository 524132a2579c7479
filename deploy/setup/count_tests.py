"""The last line of ./test: `count_tests.py BROKEN_CHECKS REPORT.xml...` prints "120 passed, 0 failed".

A check that failed (style, types, ...) counts as one failure. Status 0 only when nothing failed and something passed.
"""

from __future__ import annotations

import sys
from pathlib import Path
from xml.etree import ElementTree


def count(broken: int, reports: list[Path]) -> tuple[int, int]:
    """How many tests passed and how many things failed."""
    passed, failed = 0, broken
    for report in reports:
        if not report.is_file():
            continue
        for suite in ElementTree.parse(report).getroot().iter("testsuite"):  # noqa: S314 - pytest wrote it just now
            bad = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
            failed += bad
            passed += int(suite.get("tests", 0)) - bad - int(suite.get("skipped", 0))
    return passed, failed


if __name__ == "__main__":
    passed, failed = count(int(sys.argv[1]), [Path(name) for name in sys.argv[2:]])
    sys.stdout.write(f"{passed} passed, {failed} failed\n")
    sys.exit(0 if passed and not failed else 1)
