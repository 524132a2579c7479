"""YAML with line numbers: parsed, checked against a schema, every fault at its line."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from backend.curriculum.faults import Faults

Schema = TypeVar("Schema", bound=BaseModel)


@dataclass(frozen=True)
class YamlSource:
    """A parsed document that still knows where each value stood."""

    file: str
    value: Any
    root: yaml.Node
    first_line: int

    def line(self, loc: Sequence[str | int]) -> int:
        """Line of the value at `loc`, a path of keys and indices; of the nearest parent when it is not there."""
        return self._find(loc)[1]

    def text_line(self, loc: Sequence[str | int]) -> int:
        """Line where the text at `loc` starts; a block of text starts on the line after its key."""
        node, line = self._find(loc)
        return line + 1 if isinstance(node, yaml.ScalarNode) and node.style in ("|", ">") else line

    def _find(self, loc: Sequence[str | int]) -> tuple[yaml.Node, int]:
        node, line = self.root, self.root.start_mark.line
        for step in loc:
            if isinstance(node, yaml.MappingNode):
                for key, value in node.value:
                    if key.value == str(step):
                        node, line = value, key.start_mark.line
                        break
            elif isinstance(node, yaml.SequenceNode) and isinstance(step, int) and step < len(node.value):
                node = node.value[step]
                line = node.start_mark.line
        return node, self.first_line + line


def parse(text: str, file: str, faults: Faults, *, first_line: int = 1) -> YamlSource | None:
    """Parse one document; None when it is not YAML or names a key twice. `first_line`: where `text` starts."""
    loader = yaml.CSafeLoader(text)
    try:
        root = loader.get_single_node()
        value = loader.construct_document(root) if root is not None else None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = first_line + (mark.line if mark is not None else 0)
        problem = getattr(error, "problem", None) or "cannot be read"
        cure = "Correct the YAML; text with a colon or a leading special character needs quotes."
        faults.add(file, line, f"Not valid YAML: {problem}.", cure)
        return None
    finally:
        loader.dispose()
    if root is None:
        faults.add(file, first_line, "The file is empty.", "Fill it in; the content guide shows the format.")
        return None
    twice = _keys_given_twice(root)
    for key in twice:
        line = first_line + key.start_mark.line
        faults.add(file, line, f"The key “{key.value}” is given twice.", "Keep one of them.")
    return None if twice else YamlSource(file, value, root, first_line)


def _keys_given_twice(node: yaml.Node) -> list[yaml.Node]:
    found: list[yaml.Node] = []
    if isinstance(node, yaml.MappingNode):
        seen: set[str] = set()
        for key, value in node.value:
            if str(key.value) in seen:
                found.append(key)
            seen.add(str(key.value))
            found += _keys_given_twice(value)
    elif isinstance(node, yaml.SequenceNode):
        for item in node.value:
            found += _keys_given_twice(item)
    return found


def validate(schema: type[Schema], source: YamlSource, faults: Faults) -> Schema | None:
    """The document as `schema`; None, with one fault for each thing wrong, when it does not fit."""
    try:
        return schema.model_validate(source.value)
    except ValidationError as error:
        for detail in error.errors():
            message, cure = _in_words(detail)
            faults.add(source.file, source.line(detail["loc"]), message, cure)
        return None


def _in_words(detail: ErrorDetails) -> tuple[str, str]:
    where = ".".join(map(str, detail["loc"])) or "the file"
    match detail["type"]:
        case "missing":
            return f"“{where}” is missing.", "Add it."
        case "extra_forbidden":
            return f"“{where}” is not a known key.", "Remove it, or correct its spelling."
        case "string_type":
            return f"“{where}” must be text.", "Write text; numbers such as 1.10 need quotes."
        case "value_error":
            return f"“{where}”: {detail['msg'].removeprefix('Value error, ')}.", "Correct it."
        case _:
            return f"“{where}”: {detail['msg']}.", f"It reads {detail['input']!r:.80}; correct it."
