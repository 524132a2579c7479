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
