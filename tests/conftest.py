"""Fixtures that tests of several packages use."""

from __future__ import annotations

import pytest
from django.test import Client

from backend.accounts.models import Role, User
from tests.factories import UserFactory


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Keep tests that look over their whole process away from all others, where several processes share the work.

    An attack's host is compared before and after it; a browser or a server of another test would be in the way.
    """
    for item in items:
        folder, name = item.path.parent.name, item.path.name
        lane = "others" if folder != "attacks" else "measured" if "benchmark" in name else "attacks"
        item.add_marker(pytest.mark.xdist_group(lane))


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
