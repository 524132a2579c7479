"""Who may change what a person may do."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client

from backend.accounts import services
from backend.accounts.models import Role, User
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
BrowserOf = Callable[[User], Client]


def test_the_first_start_makes_one_administrator_and_the_second_none() -> None:
    made = services.create_first_administrator(email="Admin@Localhost.test")
    assert made is not None
    user, password = made
    assert user.check_password(password)
    assert user.is_staff
    assert user.email == "admin@localhost.test"
    assert services.create_first_administrator(email="second@localhost.test") is None


def test_an_administrator_makes_a_reviewer_in_the_admin_pages(
    admin: User, learner: User, browser_of: BrowserOf
) -> None:
    address = f"/admin/accounts/user/{learner.pk}/change/"
    browser_of(admin).post(address, {"display_name": "Ada", "role": "reviewer", "is_active": "on"})
    learner.refresh_from_db()
    assert learner.role == Role.REVIEWER
    assert learner.can_review
    assert not learner.is_staff


def test_nobody_changes_their_own_role(admin: User, browser_of: BrowserOf) -> None:
    response = browser_of(admin).post(
        f"/admin/accounts/user/{admin.pk}/change/", {"display_name": "A", "role": "learner", "is_active": "on"}
    )
    assert response.status_code == 200
    admin.refresh_from_db()
    assert admin.role == Role.ADMIN
    with pytest.raises(services.RoleChangeRefused):
        services.change_role(user=admin, role="learner", by=admin)


def test_nobody_locks_their_own_account(admin: User, browser_of: BrowserOf) -> None:
    browser_of(admin).post(f"/admin/accounts/user/{admin.pk}/change/", {"display_name": "A", "role": "admin"})
    admin.refresh_from_db()
    assert admin.is_active


def test_an_administrator_locks_another_account_and_its_sessions_end(
    admin: User, learner: User, browser_of: BrowserOf
) -> None:
    theirs = browser_of(learner)
    browser_of(admin).post(f"/admin/accounts/user/{learner.pk}/change/", {"display_name": "Ada", "role": "learner"})
    assert theirs.get("/dashboard/").headers["Location"].startswith("/accounts/login/")


def test_the_administration_is_entered_through_the_sign_in_page_only(admin: User) -> None:
    admin.set_password("a long enough secret")
    admin.save()
    stranger = Client()
    answer = stranger.post("/admin/login/", {"username": admin.email, "password": "a long enough secret"})
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("/accounts/login/")
    assert "_auth_user_id" not in stranger.session


def test_an_unknown_role_is_refused_by_service_and_database(admin: User, learner: User) -> None:
    with pytest.raises(ValidationError):
        services.change_role(user=learner, role="emperor", by=admin)
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=learner.pk).update(role="emperor")


@pytest.mark.parametrize("role", [Role.LEARNER, Role.AUTHOR, Role.REVIEWER])
def test_the_admin_pages_are_closed_to_everybody_else(role: Role, browser_of: BrowserOf) -> None:
    person = UserFactory.create(role=role)
    assert browser_of(person).get("/admin/accounts/user/").status_code == 302


def test_addresses_differ_in_more_than_case() -> None:
    UserFactory.create(email="ada@example.org")
    with pytest.raises(IntegrityError), transaction.atomic():
        UserFactory.create(email="ADA@example.org")


@pytest.mark.parametrize("name", ["x" * 81, "Ada\u202eecalevoL", "A\x00B"])
def test_names_that_do_not_print_are_refused(learner: User, browser_of: BrowserOf, name: str) -> None:
    response = browser_of(learner).post("/accounts/profile/", {"display_name": name})
    assert response.status_code == 400
    learner.refresh_from_db()
    assert learner.display_name != name


def test_a_name_is_saved(learner: User, browser_of: BrowserOf) -> None:
    assert browser_of(learner).post("/accounts/profile/", {"display_name": "  Ada   Lovelace "}).status_code == 302
    learner.refresh_from_db()
    assert learner.display_name == "Ada Lovelace"
