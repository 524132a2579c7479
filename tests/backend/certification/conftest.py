"""A small track, and a learner who has done everything it asks for."""

from __future__ import annotations

import pytest

from backend.accounts.models import User
from backend.curriculum.models import Track
from tests.backend.certification.ready import enrol, make_ready, small_track
from tests.factories import UserFactory


@pytest.fixture
def track(db: None) -> Track:
    return small_track()


@pytest.fixture
def ready(track: Track, reviewer: User) -> User:
    """A learner who meets every criterion of the track."""
    learner = UserFactory.create(display_name="Ada Ready")
    enrol(learner, track)
    make_ready(learner, track, reviewer)
    return learner
