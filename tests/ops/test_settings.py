"""What the settings make of an environment, in a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

PROJECT = Path(__file__).resolve().parents[2]
SECRET = "f3Jx-9QmZ_7vKpW2rT8yLd5NbHc4GsAe1UoXi6MzBq0VnRtYwEuPjSkDlFgCh"
SMTP = "smtp+tls://user:word@mail.example.org:587"
PRODUCTION = {
    "LLSYS_SECRET_KEY": SECRET,
    "DATABASE_URL": "postgres://llsys:secret@db.example.org/llsys",
    "LLSYS_SMTP_URL": SMTP,
}
NAMES = [
    "ALLOWED_HOSTS", "BASE_URL", "CSRF_COOKIE_NAME", "CSRF_COOKIE_SECURE", "CSRF_TRUSTED_ORIGINS", "DEBUG",
    "EMAIL_BACKEND", "EMAIL_IS_LOCAL", "GRADER_REDIS_URL", "LOG_FORMAT", "REDIS_URL", "SECURE_HSTS_SECONDS",
    "SECURE_SSL_REDIRECT", "SESSION_COOKIE_SECURE", "STATIC_ROOT",
]  # fmt: skip


def _run(environment: dict[str, str], *command: str) -> subprocess.CompletedProcess[str]:
    plain = {name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ}
    return subprocess.run(
        [sys.executable, *command], cwd=PROJECT, env={**plain, **environment}, capture_output=True, text=True
    )


def _settings(environment: dict[str, str]) -> dict[str, Any]:
    code = "import json, sys; from backend.config import settings as s\n"
    code += "print(json.dumps({name: getattr(s, name, None) for name in sys.argv[1:]}, default=str))"
    result = _run(environment, "-c", code, *NAMES)
    assert result.returncode == 0, result.stderr
    found: dict[str, Any] = json.loads(result.stdout)
    return found


def test_a_server_without_a_secret_does_not_start_and_says_what_to_set() -> None:
    result = _run({}, "manage.py", "check")
    assert result.returncode != 0
    assert "Set LLSYS_SECRET_KEY" in result.stderr


def test_production_is_strict_by_default() -> None:
    found = _settings({**PRODUCTION, "LLSYS_BASE_URL": "https://learn.example.org"})
    assert found["DEBUG"] is False
    assert found["ALLOWED_HOSTS"] == ["learn.example.org"]
    assert found["CSRF_TRUSTED_ORIGINS"] == ["https://learn.example.org"]
    assert found["SECURE_SSL_REDIRECT"] is found["SESSION_COOKIE_SECURE"] is found["CSRF_COOKIE_SECURE"] is True
    assert found["SECURE_HSTS_SECONDS"] > 10_000_000
    assert found["CSRF_COOKIE_NAME"].startswith("__Host-")
    assert found["LOG_FORMAT"] == "json"


def test_a_local_site_needs_nothing_and_works_without_tls(tmp_path: Path) -> None:
    found = _settings({"LLSYS_LOCAL": "1", "LLSYS_DATA_DIR": str(tmp_path)})
    assert found["ALLOWED_HOSTS"] == ["127.0.0.1", "localhost", "[::1]"]
    assert found["SECURE_SSL_REDIRECT"] is found["SESSION_COOKIE_SECURE"] is False
    assert found["SECURE_HSTS_SECONDS"] == 0
    assert found["EMAIL_IS_LOCAL"] is True
    secret = tmp_path / "secret_key"
    assert len(secret.read_text()) >= 50
    assert secret.stat().st_mode & 0o077 == 0


def test_services_come_from_the_environment() -> None:
    found = _settings({**PRODUCTION, "REDIS_URL": "redis://queue/1"})
    assert found["REDIS_URL"] == found["GRADER_REDIS_URL"] == "redis://queue/1"
    assert found["EMAIL_IS_LOCAL"] is False
    assert found["EMAIL_BACKEND"] == "django.core.mail.backends.smtp.EmailBackend"


def test_the_deployment_check_is_clean_for_a_secret_a_database_and_a_mail_server(tmp_path: Path) -> None:
    result = _run(
        {**PRODUCTION, "LLSYS_DATA_DIR": str(tmp_path)}, "manage.py", "check", "--deploy", "--fail-level=INFO"
    )
    assert result.returncode == 0, result.stderr
    assert "no issues" in result.stdout


@pytest.mark.parametrize(
    ("environment", "fault"),
    [
        ({"DATABASE_URL": "sqlite:///db.sqlite3"}, "config.E001"),
        ({"LLSYS_BASE_URL": "learn.example.org"}, "config.E002"),
        ({"LLSYS_DATA_DIR": __file__}, "config.E003"),
        ({"LLSYS_BASE_URL": "http://learn.example.org"}, "config.W001"),
    ],
)
def test_a_setting_that_cannot_work_is_named_before_anything_serves(environment: dict[str, str], fault: str) -> None:
    result = _run({**PRODUCTION, **environment}, "manage.py", "check", "--deploy", "--fail-level=WARNING")
    assert result.returncode != 0
    assert fault in result.stderr


def test_a_server_that_would_print_its_mails_is_told_so() -> None:
    production = {name: value for name, value in PRODUCTION.items() if name != "LLSYS_SMTP_URL"}
    result = _run(production, "manage.py", "check", "--deploy", "--fail-level=WARNING")
    assert result.returncode != 0
    assert "config.W002" in result.stderr
