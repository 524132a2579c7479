"""From an address to a confirmed account."""

from __future__ import annotations

import email
import re
from pathlib import Path
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core.cache import cache
from django.test import Client

from backend.accounts.models import Role, User
from tests.factories import UserFactory

PASSWORD = "a long enough passphrase"

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _no_earlier_rate_limits() -> None:
    cache.clear()


@pytest.fixture
def mail_dir(settings: object, tmp_path: Path) -> Path:
    settings.EMAIL_BACKEND = "backend.accounts.mail.LocalMailBackend"  # type: ignore[attr-defined]
    settings.MAIL_DIR = tmp_path / "mail"  # type: ignore[attr-defined]
    return tmp_path / "mail"


def messages_in(folder: Path) -> list[str]:
    found = []
    for path in sorted(folder.glob("*.eml")):
        payload = email.message_from_bytes(path.read_bytes()).get_payload(decode=True)
        assert isinstance(payload, bytes)
        found.append(payload.decode())
    return found


def sign_up(client: Client, address: str) -> object:
    return client.post("/accounts/signup/", {"email": address, "password1": PASSWORD}, follow=True)


def test_a_confirmed_address_opens_the_account(client: Client, mail_dir: Path) -> None:
    response = sign_up(client, "Ada@Example.org")
    assert "mail" in response.content.decode()  # type: ignore[attr-defined]
    assert client.get("/dashboard/").status_code == 302
    (body,) = messages_in(mail_dir)
    link = re.search(r"https?://[^/]+(/accounts/confirm-email/\S+)", body)
    assert link is not None
    assert client.get(link[1]).status_code == 200
    assert not EmailAddress.objects.get(email="ada@example.org").verified
    client.post(link[1])
    assert EmailAddress.objects.get(email="ada@example.org").verified
    client.logout()
    client.post("/accounts/login/", {"login": "ADA@example.org", "password": PASSWORD})
    assert client.get("/dashboard/").status_code == 200
    assert User.objects.get().role == Role.LEARNER


def test_an_unconfirmed_account_cannot_sign_in(client: Client, mail_dir: Path) -> None:
    sign_up(client, "ada@example.org")
    client.logout()
    client.post("/accounts/login/", {"login": "ada@example.org", "password": PASSWORD})
    assert client.get("/dashboard/").status_code == 302


def test_signing_up_twice_tells_the_page_nothing_and_the_owner_everything(client: Client, mail_dir: Path) -> None:
    owner = UserFactory.create(email="ada@example.org")
    EmailAddress.objects.create(user=owner, email=owner.email, verified=True, primary=True)
    known = sign_up(client, "ada@example.org")
    unknown = sign_up(Client(), "grace@example.org")
    assert known.redirect_chain == unknown.redirect_chain  # type: ignore[attr-defined]
    page = known.content.decode().replace("ada@example.org", "X")  # type: ignore[attr-defined]
    other = unknown.content.decode().replace("grace@example.org", "X")  # type: ignore[attr-defined]
    strip = re.compile(r'(csrfmiddlewaretoken" value=|nonce=|X-CSRFToken[^A-Za-z0-9]+)"?[^"\s]+"?')
    assert strip.sub("", page) == strip.sub("", other)
    assert any("already" in body for body in messages_in(mail_dir))
    assert User.objects.filter(email="ada@example.org").count() == 1


def test_a_password_can_be_reset_by_mail_and_a_stranger_learns_nothing(client: Client, mail_dir: Path) -> None:
    owner = UserFactory.create(email="ada@example.org")
    EmailAddress.objects.create(user=owner, email=owner.email, verified=True, primary=True)
    known = client.post("/accounts/password/reset/", {"email": "ada@example.org"})
    unknown = client.post("/accounts/password/reset/", {"email": "nobody@example.org"})
    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    body = next(text for text in messages_in(mail_dir) if "/password/reset/key/" in text)
    link = re.search(r"https?://[^/]+(/accounts/password/reset/key/\S+)", body)
    assert link is not None
    form = client.get(link[1], follow=True)
    new = "another long passphrase"
    client.post(form.redirect_chain[-1][0], {"password1": new, "password2": new})
    client.logout()
    client.post("/accounts/login/", {"login": owner.email, "password": new})
    assert client.get("/dashboard/").status_code == 200


def test_links_in_mails_lead_to_the_sites_own_address_whoever_asked(mail_dir: Path, settings: Any) -> None:
    settings.LOCAL, settings.BASE_URL = False, "https://learn.example.org"
    settings.ALLOWED_HOSTS = ["learn.example.org", "other.example.org"]
    owner = UserFactory.create(email="ada@example.org")
    EmailAddress.objects.create(user=owner, email=owner.email, verified=True, primary=True)
    browser = Client(headers={"Host": "other.example.org"})
    browser.post("/accounts/password/reset/", {"email": owner.email})
    sign_up(browser, "grace@example.org")
    reset, confirmation = messages_in(mail_dir)
    assert "https://learn.example.org/accounts/password/reset/key/" in reset
    assert "https://learn.example.org/accounts/confirm-email/" in confirmation


def test_guessing_passwords_is_stopped(client: Client) -> None:
    owner = UserFactory.create(email="ada@example.org")
    owner.set_password(PASSWORD)
    owner.save()
    EmailAddress.objects.create(user=owner, email=owner.email, verified=True, primary=True)
    for attempt in range(12):
        client.post("/accounts/login/", {"login": owner.email, "password": f"guess number {attempt}"})
    client.post("/accounts/login/", {"login": owner.email, "password": PASSWORD})
    assert client.get("/dashboard/").status_code == 302


@pytest.mark.parametrize("password", ["short", "1234567890123", "password123"])
def test_weak_passwords_are_refused_beside_the_field(client: Client, password: str) -> None:
    response = client.post("/accounts/signup/", {"email": "ada@example.org", "password1": password})
    assert response.status_code == 200
    assert "field-error" in response.content.decode()
    assert not User.objects.exists()


def test_passwords_are_stored_with_argon2() -> None:
    assert User.objects.create_user("ada@example.org", PASSWORD).password.startswith("argon2")
