"""Looks into the tree of a PromQL expression."""

from typing import Any

from grader.checks import Case, Context, Judgement, Run, right, wrong
from grader.checks.compare import Malformed
from grader.checks.config import document, document_of


def cases(context: Context) -> list[Case]:
    """The same file for both."""
    return [document(test, "rules.yml", "prometheus_rules") for test in ("quantile", "patience")]


def find(tree: object, function: str) -> dict[str, Any] | None:
    """The first call of a function in a tree."""
    if isinstance(tree, dict):
        if tree.get("function") == function:
            return tree
        tree = list(tree.values())
    return next((found for part in tree if (found := find(part, function))), None) if isinstance(tree, list) else None


def judge(case: Case, run: Run, context: Context) -> Judgement:
    """One alert, its expression and its patience."""
    try:
        rules = [rule for group in document_of(run)["groups"] for rule in group["rules"] if "alert" in rule]
    except Malformed as error:
        return wrong(str(error))
    if len(rules) != 1:
        return wrong("There must be one alert.")
    if case.test == "patience":
        return right() if rules[0].get("for_seconds", 0) >= 300 else wrong("It fires too soon.")
    call = find(rules[0]["tree"], "histogram_quantile")
    if call is None or call["args"][0].get("value") != 0.95 or find(call, "rate") is None:
        return wrong("It does not look at the 95th percentile.")
    return right()
