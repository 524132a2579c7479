"""Prometheus rule files: their form, and their expressions by a PromQL parser. Runs in a box."""

from __future__ import annotations

from typing import Any

from .reading import Fault
from .yaml_file import yaml_nodes

_RULE_KEYS = {
    "alert": {"alert", "expr", "for", "keep_firing_for", "labels", "annotations"},
    "record": {"record", "expr", "labels"},
}
_GROUP_KEYS = {"name", "interval", "query_offset", "limit", "labels", "rules"}


def _mapping(node: Any) -> dict[str, Any]:
    """Key -> node of its value."""
    return {key.value: item for key, item in node.value}


def parse_prometheus_rules(text: str) -> Any:
    """Groups of rules; every expression also as the tree that a PromQL parser makes of it."""
    documents, nodes = yaml_nodes(text)
    if len(documents) != 1 or not isinstance(documents[0], dict) or set(documents[0]) != {"groups"}:
        raise Fault("A rule file is one mapping with the one key “groups”.", 1)
    if not isinstance(documents[0]["groups"], list):
        raise Fault("“groups” is a list.", _mapping(nodes[0])["groups"].start_mark.line + 1)
    groups, names = [], set()
    for group, node in zip(documents[0]["groups"], _mapping(nodes[0])["groups"].value, strict=True):
        line = node.start_mark.line + 1
        if not isinstance(group, dict) or not isinstance(group.get("name"), str) or set(group) - _GROUP_KEYS:
            raise Fault(f"A group has a name and rules; it may have {', '.join(sorted(_GROUP_KEYS))}.", line)
        if group["name"] in names:
            raise Fault(f"The group “{group['name'][:80]}” stands twice in the same file.", line)
        names.add(group["name"])
        if "interval" in group:
            _duration(group["interval"], _mapping(node)["interval"])
        rules, rule_nodes = group.get("rules") or [], getattr(_mapping(node).get("rules"), "value", [])
        if not isinstance(rules, list):
            raise Fault("“rules” is a list.", line)
        groups.append({**group, "rules": [_rule(rule, place) for rule, place in zip(rules, rule_nodes, strict=True)]})
    return {"groups": groups}


def _duration(value: Any, node: Any) -> float:
    import promql_parser

    try:
        return float(promql_parser.parse_duration(str(value)).total_seconds())
    except ValueError as error:
        raise Fault(f"not a duration: {str(value)[:80]}", node.start_mark.line + 1) from error


def _rule(rule: Any, node: Any) -> Any:
    import promql_parser

    line = node.start_mark.line + 1
    kinds = [kind for kind in _RULE_KEYS if isinstance(rule, dict) and kind in rule]
    if len(kinds) != 1:
        raise Fault("A rule has either “alert” or “record”.", line)
    wrong = set(rule) - _RULE_KEYS[kinds[0]]
    if wrong:
        raise Fault(f"A rule of this kind has no “{sorted(map(str, wrong))[0][:80]}”.", line)
    places = _mapping(node)
    if not isinstance(rule.get("expr"), (str, int, float)):
        raise Fault("A rule needs an “expr”.", line)
    for name in ("for", "keep_firing_for"):
        if name in rule:
            rule = {**rule, f"{name}_seconds": _duration(rule[name], places[name])}
    for name in ("labels", "annotations"):
        if not isinstance(rule.get(name, {}), dict):
            raise Fault(f"“{name}” is a mapping.", places[name].start_mark.line + 1)
    try:
        tree = promql_parser.parse(str(rule["expr"]))
    except ValueError as error:
        raise Fault(f"PromQL: {error}", places["expr"].start_mark.line + 1) from error
    return {**rule, "line": line, "tree": _tree(tree)}


def _tree(node: Any) -> Any:
    """An expression as plain values: its kind and its parts."""
    kind = type(node).__name__
    made: dict[str, Any] = {"kind": kind, "text": node.prettify() if hasattr(node, "prettify") else str(node)}
    for name in ("lhs", "rhs", "expr", "param", "vector_selector", "vs"):
        part = getattr(node, name, None)
        if part is not None and hasattr(part, "prettify"):
            made[name] = _tree(part)
    if hasattr(node, "args"):
        made["args"] = [_tree(part) for part in node.args]
    if hasattr(node, "func"):
        made["function"] = node.func.name
    if hasattr(node, "op"):
        made["op"] = str(node.op)
    if kind == "VectorSelector":
        made["metric"] = node.name
        made["matchers"] = [
            {"name": one.name, "op": str(one.op).rpartition(".")[2], "value": one.value}
            for one in node.matchers.matchers
        ]
    if getattr(node, "range", None) is not None:
        made["seconds"] = node.range.total_seconds()
    modifier = getattr(node, "modifier", None)
    if kind == "AggregateExpr" and modifier is not None:
        made["grouping"] = {"kind": str(modifier.type).rpartition(".")[2], "labels": list(modifier.labels)}
    if hasattr(node, "val"):
        made["value"] = node.val
    return made
