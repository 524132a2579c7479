"""Looks at directives, and at a YAML document."""

from typing import Any

from grader.checks import Case, Context, Judgement, Run, right, wrong
from grader.checks.compare import Malformed
from grader.checks.config import document, document_of


def cases(context: Context) -> list[Case]:
    """One for each file."""
    return [document("streams", "nginx.conf", "nginx"), document("service", "compose.yml", "yaml")]


def all_of(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Directives at every depth."""
    return [row for one in rows for row in (one, *all_of(one.get("block", [])))]


def judge(case: Case, run: Run, context: Context) -> Judgement:
    """A directive, a key."""
    try:
        found = document_of(run)
    except Malformed as error:
        return wrong(str(error))
    if case.test == "service":
        return right() if found and "server" in (found[0] or {}).get("services", {}) else wrong("There is no server.")
    off = any(row["directive"] == "proxy_buffering" and row["args"] == ["off"] for row in all_of(found))
    return right() if off else wrong("Tokens are buffered.")
