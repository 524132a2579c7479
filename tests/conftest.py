"""Fixtures that tests of several packages use."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from xdist.scheduler import LoadScopeScheduling  # type: ignore[import-untyped]

from backend.accounts.models import Role, User
from tests.factories import UserFactory


class Lanes(LoadScopeScheduling):
    """Keeps tests that look over their whole process, or share a browser, together in one process; others go anywhere.

    An attack's host is compared before and after it, so a browser of another test would be in the way. The largest
    lanes are given out first, one to each process. (Marks of pytest-xdist's own `loadgroup` do nothing with pytest 9.2:
    they are written to an attribute of tests that is not there any more.)
    """

    def _split_scope(self, nodeid: str) -> str:
        folder, _, rest = nodeid.removeprefix("tests/").partition("/")
        if folder == "attacks":
            return "measured" if "benchmark" in rest.partition("::")[0] else "attacks"
        return "browser" if folder == "e2e" else nodeid


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Lanes | None:
    """Lanes, where tests are shared out by scope."""
    return Lanes(config, log) if config.getvalue("dist") == "loadscope" else None


@pytest.fixture
def learner(db: None) -> User:
    """A learner with a confirmed address."""
    return UserFactory.create()


@pytest.fixture
def reviewer(db: None) -> User:
    """A reviewer."""
    return UserFactory.create(role=Role.REVIEWER)


@pytest.fixture
def admin(db: None) -> User:
    """An administrator."""
    return UserFactory.create(role=Role.ADMIN, is_superuser=True)


@pytest.fixture
def browser_of() -> object:
    """A test client signed in as somebody: `browser_of(learner)`."""

    def make(user: User) -> Client:
        client = Client()
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        return client

    return make
