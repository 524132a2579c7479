"""What a report says, state by state, and what it never says."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from redis import Redis

from backend.accounts.models import User
from backend.curriculum.models import Lab
from backend.labs import selectors, services
from backend.labs.models import GradeAttempt, Submission
from grader.contract import EventKind, GradeEvent, Stage, events_key
from tests.backend.labs.hand import Submit, attempt_of, make_report, make_test
from tests.backend.labs.reports import STATES, make_benchmark, make_finding, make_hidden_failure, make_kernel
from tests.backend.labs.revisions import correct, judge
from tests.backend.labs.test_pages import say_alive

BrowserOf = Callable[[User], Client]
CANARY = "canary-5f0c1e"


@pytest.fixture
def browser(learner: User, browser_of: BrowserOf) -> Client:
    """The learner's browser."""
    return browser_of(learner)


def reported(submit: Submit, **changes: Any) -> Submission:
    submission = submit()
    assert services.record_report(make_report(attempt_of(submission), **changes)) is None
    submission.refresh_from_db()
    return submission


def words_of(browser: Client, submission: Submission) -> str:
    page = browser.get(submission.get_absolute_url()).content.decode()
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", page)).replace("&#x27;", "'")


@pytest.mark.parametrize(
    ("state", "words"),
    [
        ("benchmark passed", "1.31 times the reference, 95 % interval 1.284 to 1.336; 1 is needed"),
        ("benchmark failed", "Make it faster and submit again"),
        ("benchmark wrong", "An output was wrong while it was measured"),
        ("held, too close", "the interval reaches over what is needed"),
        ("held, too close", "A person decides this one."),
        ("held, implausible", "more than the grader believes without a person having looked"),
        ("waiting for a GPU", "The hardware for this measurement is not there now"),
        ("benchmark not run", "Measured only when every test passes"),
        ("benchmark passed", "You: 62 % of it"),
        ("benchmark passed", "what this machine can do at all: 18.2 GFLOP/s, measured"),
        ("cuda", "32 sectors of 32 bytes for each access of a warp; 4 would do"),
        ("cuda", "4 passes over the banks for each access to shared memory; 1 would do"),
        ("cuda", "64 stored, 0 loaded"),
        ("cuda", "Access out of bounds seen 32 times"),
        ("benchmark not run", "An input of ours that breaks it too"),
        ("benchmark not run", "Not the hidden input: the lab's own generator found this one"),
    ],
)
def test_every_state_is_told_in_words_with_what_happens_next(
    browser: Client, submit: Submit, state: str, words: str
) -> None:
    assert words in words_of(browser, reported(submit, **STATES[state]))


@pytest.mark.parametrize("state", STATES)
def test_pictures_need_no_style_of_their_own_and_have_words(browser: Client, submit: Submit, state: str) -> None:
    page = browser.get(reported(submit, **STATES[state]).get_absolute_url()).content.decode()
    assert not re.search(r"<[^>]+\sstyle=|<style|\son[a-z]+=", page)
    for picture in re.findall(r"<svg class=\"plot-fluid\"[^>]*>", page):
        assert "aria-hidden" in picture or re.search(r'role="img" aria-label="[^"]{20,}"', picture)


def test_every_turn_stands_in_the_table_behind_the_plot_or_in_the_json(browser: Client, submit: Submit) -> None:
    result = make_benchmark(learner_samples=[3.125] * 300, reference_samples=[4.25] * 300, pairs=300)
    submission = reported(submit, benchmarks=[result])
    page = browser.get(submission.get_absolute_url()).content.decode()
    assert page.count('<td class="num">3.125</td>') >= 200
    assert reverse("api:submission", args=[submission.pk]) in page
    report = browser.get(reverse("api:submission", args=[submission.pk])).json()["report"]
    assert report["benchmarks"][0]["learner_samples"] == [3.125] * 300


def test_messages_and_findings_lead_to_lines_that_are_there(browser: Client, submit: Submit) -> None:
    page = browser.get(reported(submit, **STATES["cuda"]).get_absolute_url()).content.decode()
    places = set(re.findall(r'href="[^"]*#(L-main\.py-\d+)" data-file="main.py"', page))
    assert places == {"L-main.py-2", "L-main.py-3", "L-main.py-4"}
    for place in places:
        assert page.count(f'id="{place}"') == 1
    data = re.search(r'<script id="diagnostics" type="application/json">(.*?)</script>', page)
    assert data is not None
    assert {row["line"] for row in json.loads(data[1])} == {2, 3, 4}, "findings stand in the editor's margin too"


@pytest.mark.parametrize("file", ["/", "a b.py", "", "<b>.py"])
def test_a_message_about_no_file_of_the_learner_is_no_link(browser: Client, submit: Submit, file: str) -> None:
    tests = [make_test(passed=False, points=0.0, verdict="runtime_error", findings=[make_finding(file=file)])]
    page = browser.get(reported(submit, verdict="runtime_error", score=0.0, tests=tests).get_absolute_url())
    assert "data-line" not in page.content.decode()


def test_nothing_of_a_hidden_input_is_ever_shown_even_if_a_grader_sent_it(
    browser: Client, browser_of: BrowserOf, submit: Submit, admin: User, tiny_lab: Lab, grading_redis: Redis
) -> None:
    leak = dict.fromkeys(("detail", "command", "expected", "seen", "stderr"), CANARY)
    hidden = make_hidden_failure(**leak, kernels=[make_kernel(kernel=CANARY)])
    submission = reported(submit, verdict="held", score=2.0, tests=[make_test(), hidden])
    running = submit()
    GradeAttempt.objects.filter(submission=running).update(state=GradeAttempt.State.RUNNING)
    event = GradeEvent.model_validate(
        {"kind": EventKind.TEST, "at": 0, "stage": Stage.TESTING, "index": 1, "total": 2, "test": hidden}
    )
    grading_redis.xadd(events_key(attempt_of(running).pk), {"event": event.model_dump_json()})
    staff = browser_of(admin)
    answers = [
        *(browser.get(one.get_absolute_url()) for one in (submission, running, tiny_lab)),
        *(browser.get(reverse("submission_status", args=[one.pk])) for one in (submission, running)),
        *(browser.get(reverse("api:submission", args=[one.pk])) for one in (submission, running)),
        staff.get(submission.get_absolute_url()),
        staff.get(reverse("held_submission", args=[submission.pk])),
    ]
    assert all(answer.status_code == 200 for answer in answers)
    assert "Adds many numbers" in answers[0].content.decode()
    assert all(CANARY not in answer.content.decode() for answer in answers)


def test_a_shown_failure_comes_with_the_command_that_repeats_it(browser: Client, submit: Submit) -> None:
    page = words_of(browser, reported(submit, **STATES["cuda"], seed=77))
    assert page.count("python -m grader run --lab lab-tiny --submission . --seed 77") == 2


def test_a_result_by_another_revision_names_both(browser: Client, submit: Submit, admin: User, tiny_lab: Lab) -> None:
    submission = reported(submit, verdict="wrong_answer", score=0.0)
    old, new = tiny_lab.digest, correct(tiny_lab)
    services.rejudge(submission, by=admin, corrected=True)
    judge(attempt_of(submission))
    page = words_of(browser, submission)
    assert new[:12] in page
    assert f"handed in for {old[:12]}" in page
    assert "Wrong answer, 0 of 5 points, became Accepted, 5 of 5 points." in page


def test_without_a_machine_with_a_gpu_the_page_says_so_with_the_place(
    browser: Client, submit: Submit, tiny_lab: Lab
) -> None:
    first, second = submit(), submit()
    GradeAttempt.objects.update(queue="gpu")
    page = words_of(browser, second)
    assert first.pk != second.pk
    assert "Queued: 2 of 2" in page
    assert "No grading machine with a GPU is running" in page
    assert "Your submission is stored and will be graded as soon as that changes." in page


def test_a_queued_submission_says_when_it_is_likely_to_start(
    submit: Submit, browser: Client, grading_redis: Redis
) -> None:
    submission = submit()
    attempt = selectors.latest_attempt(submission)
    live = selectors.live_state(submission, attempt)
    said = [
        dataclasses.replace(live, obstacle="", starts_in=seconds).start_note for seconds in (None, 0.0, 40.0, 200.0)
    ]
    assert said == ["", "It starts in a moment.", "It starts in about 40 s.", "It starts in about 3 min."]
    say_alive(grading_redis)
    page = words_of(browser, submission)
    assert "No grading machine" not in page
    assert "It starts in" in page
