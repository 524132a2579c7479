"""Greets whoever is named. More about it is here."""

import sys


# region greet
def greet(name: str) -> str:
    """Say hello."""
    return f"Hello, {name} <you>"


# endregion greet


print(greet(sys.argv[1]))
