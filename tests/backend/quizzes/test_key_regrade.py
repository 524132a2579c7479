"""A wrong key is corrected: who changes is seen first, then it counts once, with a record and a notice."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from django.core import mail
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from backend.accounts.models import Role, User
from backend.curriculum.models import Module, Question, QuestionRevision
from backend.progress.models import Enrolment
from backend.quizzes import services, tasks
from backend.quizzes.authors import regrading
from backend.quizzes.authors.regrading import RegradeRefused
from backend.quizzes.models import KeyRegrade, QuizAttempt, ScoreChange, ScoreNotice
from tests.backend.quizzes.corrected import correct, take
from tests.factories import ModuleFactory, QuestionFactory, TrackFactory, UserFactory

Browser = Callable[[User], Client]
NEW_KEY = {"correct": ["wrong-1"], "reasons": {}}


@pytest.fixture
def author(db: None) -> User:
    return UserFactory.create(role=Role.AUTHOR)


@pytest.fixture
def bank(db: None) -> Module:
    module = ModuleFactory.create(title="Foundations")
    for number in range(1, 4):
        QuestionFactory.create(module=module, slug=f"q-{number}")
    return module


@pytest.fixture
def question(bank: Module) -> Question:
    return Question.objects.get(slug="q-1")


@pytest.fixture
def gains(bank: Module) -> QuizAttempt:
    """Two of three right so far; the corrected key makes it all three, and a pass."""
    return take(UserFactory.create(), bank, {"q-1": "wrong-1"})


@pytest.fixture
def loses(bank: Module) -> QuizAttempt:
    """All right so far; the corrected key takes a third, and the pass."""
    return take(UserFactory.create(), bank, {})


@pytest.fixture
def stays(bank: Module) -> QuizAttempt:
    """Wrong by both keys."""
    return take(UserFactory.create(), bank, {"q-1": "wrong-2"})


def apply(question: Question, by: User, *, never_lower: bool = True) -> KeyRegrade:
    question.refresh_from_db()
    return regrading.apply(
        question=question,
        revision=question.current_id or 0,
        by=by,
        reason="The second option was right all along.",
        never_lower=never_lower,
    )


def result(attempt: QuizAttempt) -> tuple[int, bool]:
    attempt.refresh_from_db()
    return attempt.percent, attempt.passed


def test_a_look_says_who_changes_and_changes_nothing(
    question: Question, gains: QuizAttempt, loses: QuizAttempt, stays: QuizAttempt, author: User, browser_of: Browser
) -> None:
    correct(question, key=NEW_KEY)
    look = regrading.preview(question)
    assert {(e.response.attempt_id, e.old_points, e.new_points) for e in look.changed} == {
        (gains.pk, 0, 1),
        (loses.pk, 1, 0),
    }
    assert (len(look.effects), look.lower, look.passes_gained, look.passes_lost) == (3, 1, 1, 1)
    page = browser_of(author).get(reverse("quiz_item", args=["q-1"])).content.decode()
    assert f"{gains.learner}" in page
    assert "66 % → 100 %" in page
    assert [result(attempt) for attempt in (gains, loses, stays)] == [(66, False), (100, True), (66, False)]
    assert not ScoreChange.objects.exists()


def test_applied_with_never_lower_it_gives_and_takes_nothing(
    question: Question, gains: QuizAttempt, loses: QuizAttempt, stays: QuizAttempt, author: User
) -> None:
    correct(question, key=NEW_KEY)
    regrade = apply(question, author)
    assert (regrade.rescored, regrade.kept, regrade.by) == (2, 1, author)
    assert [result(attempt) for attempt in (gains, loses, stays)] == [(100, True), (100, True), (66, False)]
    change = ScoreChange.objects.get()
    assert (change.attempt, change.old_points, change.new_points, change.old_passed, change.new_passed) == (
        gains, 0, 1, False, True,
    )  # fmt: skip


def test_applied_without_never_lower_it_takes_too(
    question: Question, gains: QuizAttempt, loses: QuizAttempt, stays: QuizAttempt, author: User
) -> None:
    correct(question, key=NEW_KEY)
    apply(question, author, never_lower=False)
    assert [result(attempt) for attempt in (gains, loses, stays)] == [(100, True), (66, False), (66, False)]
    assert ScoreNotice.objects.count() == ScoreChange.objects.count() == 2


def test_those_concerned_are_told_on_the_page_and_by_mail_once(
    question: Question, gains: QuizAttempt, stays: QuizAttempt, author: User, browser_of: Browser
) -> None:
    correct(question, key=NEW_KEY)
    apply(question, author)
    for _ in range(2):
        tasks.follow_up()
    assert [(message.to, "100 % now, 66 % before, and is passed" in message.body) for message in mail.outbox] == [
        ([gains.learner.email], True)
    ]
    browser, start = browser_of(gains.learner), reverse("quiz", args=[gains.module.slug])
    assert "The second option was right all along" in browser.get(start).content.decode()
    told = ScoreNotice.objects.get()
    stranger = browser_of(stays.learner)
    assert "right all along" not in stranger.get(start).content.decode()
    assert stranger.post(reverse("quiz_notice_read", args=[told.pk])).status_code == 404
    assert browser.post(reverse("quiz_notice_read", args=[told.pk])).status_code == 302
    assert "right all along" not in browser.get(start).content.decode()


def test_the_dashboard_tells_too_and_whoever_has_read_it_there_is_led_back(
    question: Question, gains: QuizAttempt, stays: QuizAttempt, author: User, browser_of: Browser
) -> None:
    for learner in (gains.learner, stays.learner):
        Enrolment.objects.create(learner=learner, track=TrackFactory.create())
    correct(question, key=NEW_KEY)
    apply(question, author)
    dashboard, browser = reverse("dashboard"), browser_of(gains.learner)
    page = browser.get(dashboard).content.decode()
    assert "The second option was right all along" in page
    assert reverse("quiz_result", args=[gains.pk]) in page
    assert "right all along" not in browser_of(stays.learner).get(dashboard).content.decode()
    read = reverse("quiz_notice_read", args=[ScoreNotice.objects.get().pk])
    answer = browser.post(read, headers={"Referer": f"http://testserver{dashboard}"})
    assert answer.headers["Location"] == dashboard
    assert "right all along" not in browser.get(dashboard).content.decode()


def test_the_result_page_shows_the_corrected_key_and_why(
    question: Question, gains: QuizAttempt, author: User, browser_of: Browser
) -> None:
    correct(question, key=NEW_KEY, explanation_html="<p>Corrected words.</p>")
    apply(question, author)
    page = browser_of(gains.learner).get(reverse("quiz_result", args=[gains.pk])).content.decode()
    assert "The second option was right all along." in page
    assert "Corrected words." in page
    assert "Your answer, wrong" not in page
    assert page.count("Your answer, right") == 3


def test_an_attempt_that_is_still_open_is_scored_with_the_corrected_key(
    question: Question, bank: Module, author: User
) -> None:
    attempt = take(UserFactory.create(), bank, {"q-1": "wrong-1"}, finish=False)
    correct(question, key=NEW_KEY)
    assert regrading.preview(question).open == 1
    apply(question, author)
    assert services.finish(attempt).score == 1.0
    assert not ScoreNotice.objects.exists()


def test_answers_to_other_words_or_options_stay(question: Question, gains: QuizAttempt, author: User) -> None:
    for change in (
        {"prompt_html": "<p>Which one is it not?</p>"},
        {"choices": [{"id": name, "html": f"<p>{name}</p>"} for name in ("right", "wrong-1")]},
        {"kind": "multiple"},
    ):
        correct(question, key=NEW_KEY, **change)
        look = regrading.preview(question)
        assert (look.effects, look.unfit) == ([], 1)
        with pytest.raises(RegradeRefused, match="Nothing is left"):
            apply(question, author)
        question.current = question.revisions.earliest("loaded_at")
        question.save()
    assert result(gains) == (66, False)


def test_spacing_means_something_in_a_program_and_nothing_elsewhere() -> None:
    def asked(html: str) -> QuestionRevision:
        return QuestionRevision(kind="short", prompt_html=html)

    program = "<p>What does\nit print?</p>\n<pre><code>for i in x:\n    f(i)\n{}print(i)</code></pre>"
    scored = asked(program.format(""))
    assert regrading.fits(scored, asked(program.format("").replace("does\nit", "does   <em>it</em>")))
    assert not regrading.fits(scored, asked(program.format("    ")))
    assert not regrading.fits(scored, asked(program.format("").replace("print?", "say?")))


def test_a_second_time_there_is_nothing_left(question: Question, gains: QuizAttempt, author: User) -> None:
    correct(question, key=NEW_KEY)
    apply(question, author)
    with pytest.raises(RegradeRefused, match="Nothing is left"):
        apply(question, author)
    assert ScoreChange.objects.count() == 1


def test_a_key_corrected_twice_is_applied_twice(question: Question, gains: QuizAttempt, author: User) -> None:
    correct(question, key=NEW_KEY)
    apply(question, author)
    correct(question, key={"correct": ["wrong-2"], "reasons": {}})
    apply(question, author, never_lower=False)
    assert result(gains) == (66, False)
    assert ScoreChange.objects.count() == 2


def test_a_question_that_changed_since_the_look_is_looked_at_again(
    question: Question, gains: QuizAttempt, author: User, browser_of: Browser
) -> None:
    seen = correct(question, key=NEW_KEY)
    correct(question, key={"correct": ["wrong-3"], "reasons": {}})
    answer = browser_of(author).post(reverse("quiz_item", args=["q-1"]), {"revision": seen.pk, "reason": "Wrong key."})
    assert answer.status_code == 422
    assert "Look again" in answer.content.decode()
    assert result(gains) == (66, False)


def test_the_page_applies_it_with_a_reason_and_the_switch(
    question: Question, gains: QuizAttempt, loses: QuizAttempt, author: User, browser_of: Browser
) -> None:
    correct(question, key=NEW_KEY)
    browser, address = browser_of(author), reverse("quiz_item", args=["q-1"])
    question.refresh_from_db()
    assert browser.post(address, {"revision": question.current_id, "reason": " "}).status_code == 422
    done = browser.post(
        address, {"revision": question.current_id, "reason": "Wrong key.", "never_lower": "on"}, follow=True
    )
    assert "Scored with the corrected key: 1. Left as they were: 1." in done.content.decode()
    assert (result(gains), result(loses)) == ((100, True), (100, True))


def test_others_may_not_and_the_record_cannot_be_changed(
    question: Question, gains: QuizAttempt, author: User, reviewer: User
) -> None:
    correct(question, key=NEW_KEY)
    with pytest.raises(PermissionError):
        apply(question, reviewer)
    apply(question, author)
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        ScoreChange.objects.update(new_points=0)
    ScoreNotice.objects.all().delete()
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        ScoreChange.objects.all().delete()
