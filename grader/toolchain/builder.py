"""Building a toolchain, step by step, so that an interrupted build resumes where it stopped."""

from __future__ import annotations

from grader.toolchain import recipe as recipes
from grader.toolchain.installed import Toolchain, current
from grader.toolchain.lock import exclusive
from grader.toolchain.recipe import Recipe
from grader.toolchain.store import Store, default_store


def build(store: Store | None = None, recipe: Recipe | None = None, *, wait: bool = True) -> Toolchain | None:
    """Build the toolchain, resume a build, or return at once when it is complete."""
    store = store or default_store()
    recipe = recipe or recipes.pinned()
    with exclusive(store.lock, wait=wait):
        return current(store, recipe)
