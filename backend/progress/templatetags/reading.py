"""Template tags of the reading pages."""

from __future__ import annotations

from collections.abc import Mapping

from django import template

register = template.Library()


@register.simple_tag
def lookup(mapping: Mapping[int, object], key: int) -> object | None:
    """The value of a key that is a variable; None when there is none."""
    return mapping.get(key)


_LANGUAGES = {"cpp": "C++", "cuda": "CUDA C++", "python": "Python", "shell": "Shell"}


@register.filter
def language_name(language: str) -> str:
    """A programming language as people write it."""
    return _LANGUAGES.get(language, language)


@register.filter
def hours(minutes: float) -> str:
    """A length of time as people say it: minutes below an hour, else hours and quarters."""
    if minutes < 60:
        return f"{round(minutes)} min"
    quarters = round(minutes / 15)
    whole, rest = divmod(quarters, 4)
    return f"{whole}{('', '¼', '½', '¾')[rest]} h" if whole < 10 else f"{round(minutes / 60)} h"
