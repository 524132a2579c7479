"""Files as typed documents: YAML files, and Markdown files with front matter."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

from pydantic import BaseModel

from backend.curriculum.faults import Faults
from backend.curriculum.loading import yaml_source
from backend.curriculum.loading.snapshot import Snapshot

Schema = TypeVar("Schema", bound=BaseModel)


@dataclass(frozen=True)
class Document(Generic[Schema]):
    """What a YAML file or front matter says, and where each value stands."""

    value: Schema
    source: yaml_source.YamlSource


@dataclass(frozen=True)
class MarkdownFile(Generic[Schema]):
    """Front matter and the text below it."""

    file: str
    front: Document[Schema]
    body: str
    body_line: int
    """Line of the file where the body starts."""


def read_yaml(schema: type[Schema], name: str, snapshot: Snapshot, faults: Faults) -> Document[Schema] | None:
    """A YAML file; None when it is not there (no fault) or wrong (faults)."""
    text = snapshot.text(name, faults)
    return None if text is None else _document(schema, text, name, faults, first_line=1)


def read_markdown(schema: type[Schema], name: str, snapshot: Snapshot, faults: Faults) -> MarkdownFile[Schema] | None:
    """A Markdown file with front matter; None when it is not there (no fault) or wrong (faults)."""
    text = snapshot.text(name, faults)
    if text is None:
        return None
    head, _, rest = text.partition("\n")
    front, fence, body = rest.partition("\n---\n")
    if head.rstrip() != "---" or not fence:
        faults.add(name, 1, "There is no front matter.", "Start the file with `---`, the keys, and `---`.")
        return None
    document = _document(schema, front, name, faults, first_line=2)
    if document is None:
        return None
    return MarkdownFile(name, document, body, body_line=front.count("\n") + 4)


def _document(
    schema: type[Schema], text: str, name: str, faults: Faults, *, first_line: int
) -> Document[Schema] | None:
    source = yaml_source.parse(text, name, faults, first_line=first_line)
    if source is None:
        return None
    value = yaml_source.validate(schema, source, faults)
    return None if value is None else Document(value, source)
