"""Dockerfiles, by BuildKit's parser. Runs in a box."""

from __future__ import annotations

from typing import Any

from .reading import Fault

INSTRUCTIONS = frozenset(
    ("ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "MAINTAINER",
     "ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR")
)  # fmt: skip


def parse_dockerfile(text: str) -> Any:
    """Instructions as BuildKit's own parser finds them."""
    import dockerfile

    try:
        commands = dockerfile.parse_string(text)
    except dockerfile.GoParseError as error:
        raise Fault(str(error), _line_in_words(str(error))) from error
    rows: list[dict[str, Any]] = []
    for command in commands:
        if command.cmd not in INSTRUCTIONS:
            raise Fault(f"unknown instruction: {command.cmd[:80]}", command.start_line)
        if not any(row["instruction"] == "FROM" for row in rows) and command.cmd not in ("FROM", "ARG"):
            raise Fault(f"no build stage yet: {command.cmd} stands before the first FROM", command.start_line)
        value = list(command.value)
        if not [word for word in value if word]:
            raise Fault(f"{command.cmd} requires at least one argument", command.start_line)
        if command.cmd == "FROM" and not (len(value) == 1 or (len(value) == 3 and value[1].upper() == "AS")):
            raise Fault("FROM requires either one or three arguments", command.start_line)
        rows.append(
            {
                "instruction": command.cmd,
                "value": value,
                "flags": list(command.flags),
                "exec_form": command.json,
                "line": command.start_line,
                "original": command.original,
                "heredocs": [document.content for document in getattr(command, "heredocs", ())],
            }
        )
    if not any(row["instruction"] == "FROM" for row in rows):
        raise Fault("There is no FROM: a Dockerfile starts from an image.", 1)
    return rows


def _line_in_words(words: str) -> int:
    digits = words.partition("line ")[2].split(":")[0].strip()
    return int(digits) if digits.isdigit() and len(digits) < 7 else 0
