"""A changed password signs out, and the next sign-in leads on, not back to the form."""

from __future__ import annotations

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.test import Client

from backend.accounts.models import User

OLD, NEW = "a long enough passphrase", "another long enough phrase"
FORM = "/accounts/password/change/"

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada() -> User:
    """Somebody with a password and a confirmed address."""
    cache.clear()
    user = User.objects.create_user("ada@example.org", OLD)
    EmailAddress.objects.create(user=user, email=user.email, verified=True, primary=True)
    return user


def sign_in(client: Client, address: str, password: str) -> str:
    return client.post(address, {"login": "ada@example.org", "password": password})["Location"]


def test_a_changed_password_leads_to_the_sign_in_and_from_there_to_the_start(client: Client, ada: User) -> None:
    assert sign_in(client, "/accounts/login/", OLD) == "/"
    changed = client.post(FORM, {"oldpassword": OLD, "password1": NEW, "password2": NEW})
    assert changed["Location"] == "/accounts/login/"
    page = client.get(changed["Location"])
    assert page.status_code == 200
    assert "changed" in page.content.decode(), "the page says that it was changed"
    assert sign_in(client, changed["Location"], NEW) == "/"
    assert client.get("/dashboard/").status_code == 200


@pytest.mark.parametrize("target", [FORM, f"{FORM}?a=b", "/accounts/password/set/", f"http://testserver{FORM}"])
def test_no_sign_in_leads_to_the_form(client: Client, ada: User, target: str) -> None:
    assert sign_in(client, f"/accounts/login/?next={target}", OLD) == "/"


def test_other_pages_are_still_led_to(client: Client, ada: User) -> None:
    assert sign_in(client, "/accounts/login/?next=/dashboard/", OLD) == "/dashboard/"
