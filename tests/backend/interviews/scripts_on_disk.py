"""A content folder with two short scripts."""

from __future__ import annotations

from pathlib import Path

SYSTEM_DESIGN = """
title: A small service
kind: system_design
summary: Size a small service.
brief: Brief-canary. How would *you* do it?
phases:
  - id: clarify
    title: Clarify
    minutes: 5
    task: Task-canary-one
    hints:
      - {minute: 0, text: Hint-canary-one}
      - {minute: 3, text: Hint-canary-two}
  - {id: draw, title: Draw, minutes: 10, task: Task-canary-two, diagram: true}
  - {id: wrap-up, title: Wrap up, minutes: 5, task: Task-canary-three}
turns:
  - {minute: 8, text: Turn-canary}
numbers:
  - {what: Requests, value: Number-canary}
reference: Reference-canary
red_flags: [Flag-canary]
rubric:
  - {id: framing, title: Framing, levels: [none, some, good, best]}
  - {id: depth, title: Depth, levels: [none, some, good, best]}
passing: {min_sum: 4, min_each: 1}
"""
CODING = """
title: A small kernel
kind: coding
summary: Write a small kernel.
lab: lab-mock
brief: Write it.
phases:
  - {id: read, title: Read, minutes: 5, task: Read it.}
  - {id: code, title: Code, minutes: 20, task: Write it., code: true}
  - {id: extend, title: Extend, minutes: 5, task: Extend it.}
reference: Like this.
rubric:
  - {id: framing, title: Framing, levels: [none, some, good, best]}
passing: {min_sum: 2, min_each: 1}
"""


def write(root: Path, **files: str) -> Path:
    """A content folder with these scripts; file names have hyphens for underscores."""
    folder = root / "interview-prep" / "mock-interviews"
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in files.items():
        (folder / f"{name.replace('_', '-')}.yml").write_text(text)
    return root
