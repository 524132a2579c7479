"""Adds, and keeps a note of how often it was asked."""

asked = []


def add(numbers: "list[int]" = (), /) -> int:
    """The sum."""
    asked.append(len(numbers))
    match numbers:
        case []:
            return 0
        case [first, *rest]:
            return first + add(rest)
