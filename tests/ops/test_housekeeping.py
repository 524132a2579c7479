"""What the scheduler does, and what must not grow for ever."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from backend.accounts.models import User
from backend.common.tasks import forget_ended_sessions
from backend.config.celery import app


def test_everything_the_scheduler_names_is_a_task_of_the_worker() -> None:
    app.loader.import_default_modules()
    named = {entry["task"] for entry in app.conf.beat_schedule.values()}
    assert {"labs.dispatch", "labs.follow_up", "common.forget_ended_sessions"} < named
    assert named <= set(app.tasks)


def test_no_message_of_the_broker_controls_the_worker() -> None:
    assert app.conf.worker_enable_remote_control is False


@pytest.mark.django_db
def test_sessions_that_ran_out_are_forgotten_and_others_kept(learner: User) -> None:
    for _ in range(2):
        Client().force_login(learner, backend="allauth.account.auth_backends.AuthenticationBackend")
    old = Session.objects.order_by("pk").first()
    assert old is not None
    Session.objects.filter(pk=old.pk).update(expire_date=timezone.now() - timedelta(minutes=1))
    forget_ended_sessions()
    assert Session.objects.count() == 1
    assert not Session.objects.filter(pk=old.pk).exists()
