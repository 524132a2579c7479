"""The clock, the record and the scores of a mock interview."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import IntegrityError, transaction
from django.db.models import F
from pytest_django.fixtures import Settings

from backend.accounts.models import User
from backend.interviews.clock import database_time
from backend.interviews.errors import DraftOutdated
from backend.interviews.mock import selectors, services
from backend.interviews.mock.errors import (
    AlreadyScored,
    MockError,
    NoSuchScript,
    NotYet,
    Over,
    ScoreIncomplete,
    TooSoon,
)
from backend.interviews.mock.scripts import scripts
from backend.interviews.mock.timing import Stretch, current, stretches
from backend.interviews.models import MockNote, MockSession
from tests.backend.interviews.at_once import at_once
from tests.backend.interviews.scripts_on_disk import SYSTEM_DESIGN, write
from tests.factories import LabFactory, UserFactory

WINDOW = uuid4()
LEVELS = {"framing": "2", "depth": "3"}
REASONS = {"framing": "I asked.", "depth": "I compared."}


def shift(session: MockSession, minutes: float) -> MockSession:
    """As if the interview had begun so many minutes earlier."""
    earlier = timedelta(minutes=minutes)
    MockSession.objects.filter(pk=session.pk).update(
        started_at=F("started_at") - earlier, ends_at=F("ends_at") - earlier, finished_at=F("finished_at") - earlier
    )
    session.refresh_from_db()
    return session


def write_note(session: MockSession, phase: str = "clarify", part: str = "notes", text: str = "Words") -> MockNote:
    return services.save_note(session=session, phase=phase, part=part, text=text, window=WINDOW, seen=0)


@pytest.fixture
def session(two_scripts: None, learner: User) -> MockSession:
    return services.start(learner=learner, script="small-design")


@pytest.fixture
def scored(session: MockSession) -> MockSession:
    services.finish(session=session)
    return services.score_self(session=session, levels=LEVELS, reasons=REASONS)


def test_phases_follow_each_other_and_time_left_early_goes_to_the_last() -> None:
    assert stretches([5, 10, 5], {}) == [Stretch(0, 300), Stretch(300, 900), Stretch(900, 1200)]
    early = stretches([5, 10, 5], {"0": 100, "1": 400})
    assert early == [Stretch(0, 100), Stretch(100, 400), Stretch(400, 1200)]
    assert stretches([5, 10], {"0": 9999}) == [Stretch(0, 300), Stretch(300, 900)]
    assert [current(early, second) for second in (0, 99, 100, 399, 400, 1199, 5000)] == [0, 0, 1, 1, 2, 2, 2]


def test_an_interview_lasts_as_long_as_its_phases_by_the_database(session: MockSession) -> None:
    assert session.ends_at - session.started_at == timedelta(minutes=20)
    assert abs(session.started_at - database_time()) < timedelta(minutes=1)


def test_starting_again_goes_on_with_the_one_that_runs(session: MockSession, learner: User) -> None:
    assert services.start(learner=learner, script="small-design") == session
    LabFactory.create(slug="lab-mock", digest="d" * 64)
    assert services.start(learner=learner, script="small-kernel") == session


def test_the_same_script_rests_for_a_week_and_another_does_not(session: MockSession, learner: User) -> None:
    LabFactory.create(slug="lab-mock", digest="d" * 64)
    shift(session, 60 * 24 * 6)
    with pytest.raises(TooSoon):
        services.start(learner=learner, script="small-design")
    other = services.start(learner=learner, script="small-kernel")
    services.finish(session=other)
    shift(session, 60 * 24)
    assert services.start(learner=learner, script="small-design") != session
    session.refresh_from_db()
    assert session.finished_at == session.ends_at


def test_a_coding_interview_needs_an_open_lab(two_scripts: None, learner: User) -> None:
    with pytest.raises(NoSuchScript, match="not published yet"):
        services.start(learner=learner, script="small-kernel")
    LabFactory.create(slug="lab-mock", digest="")
    with pytest.raises(NoSuchScript, match="not published yet"):
        services.start(learner=learner, script="small-kernel")
    with pytest.raises(NoSuchScript):
        services.start(learner=learner, script="../secrets")


def test_only_phases_that_have_begun_can_be_written_in(session: MockSession) -> None:
    write_note(session)
    for phase, part in (("draw", "notes"), ("nothing", "notes"), ("clarify", "diagram"), ("clarify", "other")):
        with pytest.raises(NotYet):
            write_note(session, phase, part)
    shift(session, 6)
    write_note(session, "draw", "diagram", "flowchart LR\n  a --> b")
    write_note(session, "clarify", text="Earlier parts stay open until the end.")
    assert MockNote.objects.count() == 2


def test_two_windows_do_not_overwrite_each_other_unasked(session: MockSession) -> None:
    first, second = uuid4(), uuid4()
    fields: dict[str, Any] = {"session": session, "phase": "clarify", "part": "notes", "seen": 0}
    services.save_note(text="first", window=first, **fields)
    with pytest.raises(DraftOutdated):
        services.save_note(text="second", window=second, **fields)
    assert MockNote.objects.get().text == "first"


def test_after_the_time_nothing_changes_though_nobody_ended_it(session: MockSession) -> None:
    write_note(session, text="In time")
    shift(session, 20)
    before = MockSession.objects.values().get()
    acts: list[Callable[[], object]] = [
        lambda: write_note(session, text="Too late"),
        lambda: services.move_on(session=session, number=2),
        lambda: services.take_hint(session=session, phase="clarify", number=0),
    ]
    for act in acts:
        with pytest.raises(Over):
            act()
    assert MockNote.objects.get().text == "In time"
    assert MockSession.objects.values().get() == before
    assert services.finish(session=session).finished_at == session.ends_at


def test_after_ending_it_nothing_changes(session: MockSession) -> None:
    ended = services.finish(session=session).finished_at
    with pytest.raises(Over):
        write_note(session)
    assert services.finish(session=session).finished_at == ended


def test_moving_on_counts_once_and_only_from_the_part_that_runs(session: MockSession) -> None:
    shift(session, 2)
    for _ in range(2):
        services.move_on(session=session, number=0)
    session.refresh_from_db()
    assert list(session.moved_on) == ["0"]
    assert 120 <= session.moved_on["0"] < 180
    services.move_on(session=session, number=2)
    session.refresh_from_db()
    assert list(session.moved_on) == ["0"]
    services.move_on(session=session, number=1)
    services.move_on(session=session, number=2)
    session.refresh_from_db()
    assert list(session.moved_on) == ["0", "1"]
    assert selectors.moment(session, database_time()).current == 2


def test_hints_come_at_their_minute_and_stay_in_the_result(session: MockSession) -> None:
    assert [hint.html for hint in selectors.moment(session, database_time()).phases[0].hints] == [""]
    with pytest.raises(NotYet):
        services.take_hint(session=session, phase="clarify", number=1)
    for _ in range(2):
        services.take_hint(session=session, phase="clarify", number=0)
    shift(session, 4)
    services.take_hint(session=session, phase="clarify", number=1)
    for phase, number in (("draw", 0), ("clarify", 2), ("clarify", -1), ("x", 0)):
        with pytest.raises(NotYet):
            services.take_hint(session=session, phase=phase, number=number)
    session = services.finish(session=session)
    taken = selectors.result(session).hints
    assert [(hint["title"], hint["minute"], hint["html"]) for hint in taken] == [
        ("Clarify", 0, "<p>Hint-canary-one</p>"),
        ("Clarify", 4, "<p>Hint-canary-two</p>"),
    ]


def test_the_question_changes_at_its_minute(session: MockSession) -> None:
    shift(session, 7.9)
    assert not selectors.moment(session, database_time()).turns
    shift(session, 0.2)
    assert selectors.moment(session, database_time()).turns == ["<p>Turn-canary</p>"]


def test_a_session_keeps_the_script_it_was_begun_with(session: MockSession, settings: Settings) -> None:
    write(settings.CONTENT_DIR, small_design=SYSTEM_DESIGN.replace("Task-canary-one", "Changed"))
    session.refresh_from_db()
    assert "Task-canary-one" in selectors.moment(session, database_time()).phases[0].task_html


def test_the_own_score_comes_after_the_end_once_and_with_evidence(session: MockSession) -> None:
    with pytest.raises(NotYet):
        services.score_self(session=session, levels=LEVELS, reasons=REASONS)
    shift(session, 21)
    for levels, reasons in (
        ({"framing": "2"}, REASONS),
        (LEVELS, {"framing": "I asked.", "depth": "  "}),
        ({"framing": "4", "depth": "3"}, REASONS),
    ):
        with pytest.raises(ScoreIncomplete):
            services.score_self(session=session, levels=levels, reasons=reasons)
    done = services.score_self(session=session, levels=LEVELS | {"other": "3"}, reasons=REASONS)
    assert done.self_levels == {"framing": 2, "depth": 3}
    with pytest.raises(AlreadyScored):
        services.score_self(session=session, levels=LEVELS, reasons=REASONS)


def test_a_reviewer_scores_once_and_never_their_own(scored: MockSession, learner: User, reviewer: User) -> None:
    other = UserFactory.create(role="reviewer")
    with pytest.raises(MockError, match="not the learner"):
        services.review(session=scored, by=UserFactory.create(), levels=LEVELS, reasons=REASONS)
    learner.role = "reviewer"
    learner.save()
    with pytest.raises(MockError, match="not the learner"):
        services.review(session=scored, by=learner, levels=LEVELS, reasons=REASONS)
    assert scored not in selectors.sessions_for(learner)
    services.review(session=scored, by=reviewer, levels={"framing": "1", "depth": "2"}, reasons=REASONS)
    with pytest.raises(AlreadyScored):
        services.review(session=scored, by=other, levels=LEVELS, reasons=REASONS)
    scored.refresh_from_db()
    result = selectors.result(scored)
    assert (scored.reviewer, result.own, result.reviewed) == (
        reviewer,
        selectors.Score(5, 6, True),
        selectors.Score(3, 6, False),
    )


def test_a_level_below_the_least_fails_whatever_the_sum(scored: MockSession, reviewer: User) -> None:
    services.review(session=scored, by=reviewer, levels={"framing": "3", "depth": "0"}, reasons=REASONS)
    assert not selectors.passed_by_reviewer(scored.learner)
    MockSession.objects.update(reviewer_levels={"framing": 3, "depth": 1})
    assert selectors.passed_by_reviewer(scored.learner) == [scored]


def test_the_queue_holds_what_its_learner_scored_the_oldest_first(
    scored: MockSession, reviewer: User, learner: User
) -> None:
    later = services.start(learner=reviewer, script="small-design")
    services.finish(session=later)
    other = services.start(learner=UserFactory.create(), script="small-design")
    assert selectors.review_queue(reviewer) == [scored]
    services.finish(session=other)
    services.score_self(session=other, levels=LEVELS, reasons=REASONS)
    assert selectors.review_queue(reviewer) == [scored, other]
    assert not selectors.review_queue(learner)
    services.review(session=scored, by=reviewer, levels=LEVELS, reasons=REASONS)
    assert selectors.review_queue(reviewer) == [other]


def test_the_database_refuses_what_the_services_would_not_write(scored: MockSession, reviewer: User) -> None:
    now = database_time()
    wrong: list[dict[str, Any]] = [
        {"finished_at": F("ends_at") + timedelta(seconds=1)},
        {"finished_at": F("started_at") - timedelta(seconds=1)},
        {"finished_at": None},
        {"self_levels": None},
        {"reviewer": scored.learner, "reviewed_at": now, "reviewer_levels": {}},
        {"reviewer": reviewer},
        {"ends_at": F("started_at")},
    ]
    for values in wrong:
        with pytest.raises(IntegrityError), transaction.atomic():
            MockSession.objects.update(**values)


@pytest.mark.parametrize(
    ("old", "new", "fault"),
    [
        ("title: A small service\n", "", "title"),
        ("minutes: 5\n    task: Task-canary-one", "minutes: 0\n    task: Task-canary-one", "minutes"),
        ("{minute: 3, text: Hint-canary-two}", "{minute: 5, text: Hint-canary-two}", "after its end"),
        ("{minute: 8, text: Turn-canary}", "{minute: 20, text: Turn-canary}", "after the end"),
        ("id: draw", "id: clarify", "share the id"),
        ("min_sum: 4", "min_sum: 7", "nobody can reach"),
        ("kind: system_design", "kind: coding", "names a lab"),
        ("reference: Reference-canary", "reference: <script>alert(1)</script>", "does not reach the page"),
        ("[none, some, good, best]", "[none, some, good]", "levels"),
    ],
)
def test_a_wrong_script_is_found_by_the_system_check_with_its_line(
    db: None, tmp_path: Any, settings: Settings, old: str, new: str, fault: str
) -> None:
    assert old in SYSTEM_DESIGN
    settings.CONTENT_DIR = write(tmp_path, broken=SYSTEM_DESIGN.replace(old, new, 1))
    with pytest.raises(SystemCheckError, match=rf"mock-interviews/broken.yml, line \d+: .*{fault}"):
        call_command("check", "--tag", "interviews")


def test_the_published_scripts_have_the_lengths_of_the_curriculum_and_a_lab(settings: Settings) -> None:
    by_kind = {script.file.kind: script.file for script in scripts().values()}
    assert by_kind["system_design"].minutes == 50
    assert by_kind["coding"].minutes == 60
    labs = Path(settings.CONTENT_DIR) / "modules"
    assert list(labs.glob(f"*/labs/{by_kind['coding'].lab}/grading.yml"))
    for file in by_kind.values():
        assert (len(file.rubric), file.passing.min_sum, file.passing.min_each) == (4, 8, 1)


@pytest.mark.django_db(transaction=True)
def test_fifty_starts_begin_one_interview_and_fifty_reviews_score_once(two_scripts: None) -> None:
    learner = UserFactory.create()
    begun = at_once(lambda _: services.start(learner=learner, script="small-design"))
    session = MockSession.objects.get()
    assert set(begun) == {session}
    services.finish(session=session)
    services.score_self(session=session, levels=LEVELS, reasons=REASONS)
    reviewers = [UserFactory.create(role="reviewer") for _ in range(10)]

    def review(number: int) -> object:
        levels = {"framing": str(number % 4), "depth": "1"}
        return services.review(session=session, by=reviewers[number % 10], levels=levels, reasons=REASONS)

    results = at_once(review)
    assert sum(isinstance(result, MockSession) for result in results) == 1
    assert sum(isinstance(result, AlreadyScored) for result in results) == 49
