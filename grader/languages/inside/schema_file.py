"""JSON and JSON Schema. Runs in a box."""

from __future__ import annotations

import json
from typing import Any

from .gbnf_file import ask_gbnf
from .reading import Fault, plain


def parse_json(text: str) -> Any:
    """A JSON document; a name that stands twice is refused."""

    def pairs(rows: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(rows)
        if len(found) != len(rows):
            name = next(key for key, _ in rows if sum(other == key for other, _ in rows) > 1)
            raise Fault(f"The name “{name[:80]}” stands twice in one object.")
        return found

    def constant(name: str) -> Any:
        raise Fault(f"{name} is not JSON.")

    try:
        return json.loads(text, object_pairs_hook=pairs, parse_constant=constant)
    except json.JSONDecodeError as error:
        raise Fault(error.msg, error.lineno, error.colno) from error
    except ValueError as error:
        raise Fault(str(error)) from error


def _validator(schema: Any) -> Any:
    import jsonschema
    import referencing

    kind = jsonschema.validators.validator_for(schema, default=jsonschema.Draft202012Validator)
    return kind, kind(schema, registry=referencing.Registry())


def parse_json_schema(text: str) -> Any:
    """A schema that fits its own metaschema."""
    import jsonschema

    schema = parse_json(text)
    if not isinstance(schema, (dict, bool)):
        raise Fault("A schema is an object, or true or false.", 1)
    plain(schema)
    kind, _ = _validator(schema)
    try:
        kind.check_schema(schema)
    except jsonschema.SchemaError as error:
        path = "/".join(map(str, error.absolute_path))
        raise Fault(f"{path or 'the schema'}: {error.message[:500]}", _line_of(text, error.absolute_path)) from error
    return schema


def _line_of(text: str, path: Any) -> int:
    """Line of the last name of a path, looking for each name after the one before."""
    position = 0
    for name in path:
        if isinstance(name, str):
            found = text.find(json.dumps(name), position)
            position = found if found >= 0 else position
    return text.count("\n", 0, position) + 1


def ask_json_schema(text: str, questions: list[Any]) -> list[Any]:
    """For each instance: whether it is valid, and why not. {"grammar": [...]} asks for strings by the engine."""
    schema = parse_json_schema(text)
    _, validator = _validator(schema)
    answers: list[Any] = []
    for question in questions:
        if isinstance(question, dict) and set(question) == {"$grammar"}:
            from llama_cpp.llama_grammar import json_schema_to_gbnf

            answers.append(ask_gbnf(json_schema_to_gbnf(json.dumps(schema)), question["$grammar"]))
            continue
        try:
            errors = [
                {"path": "/".join(map(str, error.absolute_path)), "message": error.message[:300]}
                for _, error in zip(range(20), validator.iter_errors(question), strict=False)
            ]
            answers.append({"valid": not errors, "errors": errors})
        except Exception as error:
            # A reference that leads nowhere, or a pattern that is none: known only when an instance meets it.
            answers.append({"valid": False, "errors": [], "fault": f"{type(error).__name__}: {error}"[:300]})
    return answers
