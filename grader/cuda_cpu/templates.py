"""Kernel templates of a program: whether `k<float, 4>` already names one kernel, or its call must still deduce some."""

from __future__ import annotations

from dataclasses import dataclass, field

from grader.cuda_cpu.lexer import Kind, Token

OPENING = ("(", "[", "[[", "{")
CLOSING = (")", "]", "}")


@dataclass
class Templates:
    """Kernel templates of a program, by name: how many arguments name one instance; None where that is open."""

    parameters: dict[str, int | None] = field(default_factory=dict)


def significant(listed: list[Token]) -> list[int]:
    """Positions of all tokens but white space and comments."""
    return [position for position, token in enumerate(listed) if token.kind is not Kind.SPACE]


def collect_templates(listed: list[Token], templates: Templates) -> None:
    """Find `template <...> ... __global__ ... name (`."""
    order = significant(listed)
    texts = [listed[position].text for position in order]
    waiting: int | None = None
    pending = False
    for at, text in enumerate(texts):
        if text == "template" and at + 1 < len(texts) and texts[at + 1] == "<":
            waiting, pending = count_parameters(texts, at + 1), True
        elif text in (";", "}"):
            pending = False
        elif text == "__global__" and pending:
            name = _kernel_name(texts, at + 1)
            if name:
                templates.parameters[name] = waiting
            pending = False


def count_parameters(texts: list[str], at: int) -> int | None:
    """Parameters, or arguments, of the list that opens at `at`; None where a pack or a default leaves it open."""
    depth, nested, count, empty = 0, 0, 0, True
    for text in texts[at : at + 400]:
        if text in OPENING:
            nested += 1
        elif text in CLOSING:
            nested -= 1
        elif text == "<" and nested == 0:
            depth += 1
            continue
        elif text in (">", ">>", ">>>") and nested == 0:
            depth -= len(text)
            if depth <= 0:
                return 0 if empty else count + 1
        elif text == "," and depth == 1 and nested == 0:
            count += 1
        elif text in ("...", "="):
            return None
        empty = False
    return None


def _kernel_name(texts: list[str], at: int) -> str:
    """The word before the parameter list; words such as `__launch_bounds__(256)` come with one of their own."""
    for index in range(at, min(at + 60, len(texts) - 1)):
        if texts[index + 1] == "(" and texts[index] not in ("__launch_bounds__", "__maxnreg__", "__attribute__"):
            word = texts[index]
            return word if word.isidentifier() else ""
        if texts[index] in (";", "{"):
            return ""
    return ""
