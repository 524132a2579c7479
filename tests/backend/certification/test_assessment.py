"""Each criterion: met exactly when it should be, and what is missing is named."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from backend.accounts.models import User
from backend.certification import services
from backend.certification.assessment import Finding, assess
from backend.certification.errors import AlreadyMet, EvidenceWaiting, NoSuchCriterion, TooEarly
from backend.certification.models import Evidence
from backend.curriculum.models import Lab, Status, Track, TrackModule
from backend.progress.models import Completion
from tests.backend.certification.ready import JUDGED, do_the_work, put_forward, submit, take_quiz
from tests.factories import LabFactory, LessonFactory


def finding(learner: User, track: Track, criterion: str) -> Finding:
    found = assess(learner, track, timezone.now()).finding(criterion)
    assert found is not None
    return found


def part_of(track: Track) -> TrackModule:
    return track.modules.get()


def test_nothing_done_meets_nothing_and_names_everything(learner: User, track: Track) -> None:
    assessment = assess(learner, track, timezone.now())
    assert (assessment.met, assessment.all_met, len(assessment.findings)) == (0, False, 8)
    lessons = assessment.finding("modules-complete")
    assert lessons is not None
    assert {item.url for item in lessons.missing} == {page.get_absolute_url() for page in part_of(track).lessons.all()}


def test_the_work_meets_what_the_system_judges(learner: User, track: Track) -> None:
    do_the_work(learner, track)
    assessment = assess(learner, track, timezone.now())
    assert [item.criterion.id for item in assessment.findings if item.met] == [
        "modules-complete", "quizzes-passed", "labs-accepted",
    ]  # fmt: skip


def test_what_is_not_published_is_missing_and_listed_as_such(learner: User, track: Track) -> None:
    do_the_work(learner, track)
    part = part_of(track)
    part.lessons.add(LessonFactory.create(module=part.module, status=Status.PLANNED, title="Still to come"))
    part.labs.add(LabFactory.create(module=part.module, status=Status.PLANNED))
    for criterion in ("modules-complete", "labs-accepted"):
        found = finding(learner, track, criterion)
        assert not found.met
        assert (len(found.published), len(found.unpublished)) == (0, 1)
        assert found.unpublished[0].url == ""


def test_a_lab_that_only_a_gpu_can_grade_never_blocks(learner: User, track: Track) -> None:
    do_the_work(learner, track)
    part = part_of(track)
    part.labs.add(LabFactory.create(module=part.module, device="gpu", title="Warp shuffle"))
    found = finding(learner, track, "labs-accepted")
    assert found.met
    assert "Warp shuffle" in found.not_blocking[0].text


@pytest.mark.parametrize("verdict", ["partial", "held", "wrong_answer", "grader_error", "rejected"])
def test_only_an_accepted_submission_counts(learner: User, track: Track, verdict: str) -> None:
    do_the_work(learner, track)
    lab: Lab = LabFactory.create(module=part_of(track).module)
    part_of(track).labs.add(lab)
    submit(learner, lab, verdict)
    assert not finding(learner, track, "labs-accepted").met
    submit(learner, lab)
    assert finding(learner, track, "labs-accepted").met


@pytest.mark.parametrize(("score", "met"), [(0.6999, False), (0.7, True), (1.0, True)])
def test_the_best_attempt_at_a_quiz_counts(learner: User, track: Track, score: float, met: bool) -> None:
    take_quiz(learner, part_of(track).module_id, score)
    take_quiz(learner, part_of(track).module_id, 0.1)
    assert finding(learner, track, "quizzes-passed").met is met


def test_single_borrowed_lessons_bring_no_quiz(learner: User, track: Track) -> None:
    TrackModule.objects.filter(track=track).update(scope="bridge")
    assert finding(learner, track, "quizzes-passed").met


def test_another_learners_work_counts_for_nothing(learner: User, reviewer: User, track: Track) -> None:
    do_the_work(reviewer, track)
    put_forward(reviewer, track, "take-home")
    assessment = assess(learner, track, timezone.now())
    assert assessment.met == 0
    assert assessment.finding("take-home").tries == ()  # type: ignore[union-attr]


def test_taking_a_completion_back_unmeets_the_criterion(learner: User, track: Track) -> None:
    do_the_work(learner, track)
    completion = Completion.objects.filter(learner=learner).first()
    assert completion is not None
    completion.delete()
    assert not finding(learner, track, "modules-complete").met


@pytest.mark.parametrize("criterion", JUDGED)
def test_what_people_judge_goes_from_evidence_to_met(
    learner: User, reviewer: User, track: Track, criterion: str
) -> None:
    evidence = put_forward(learner, track, criterion)
    waiting = finding(learner, track, criterion)
    assert (waiting.met, waiting.waiting, waiting.open_for_evidence) == (False, True, False)
    with pytest.raises(EvidenceWaiting):
        put_forward(learner, track, criterion)
    services.judge_evidence(evidence=evidence, by=reviewer, met=True, comment="")
    assert finding(learner, track, criterion).met
    with pytest.raises(AlreadyMet):
        put_forward(learner, track, criterion)


def test_after_not_met_the_next_try_waits_and_the_earlier_one_is_kept(
    learner: User, reviewer: User, track: Track
) -> None:
    first = put_forward(learner, track, "take-home")
    services.judge_evidence(evidence=first, by=reviewer, met=False, comment="No tests.")
    with pytest.raises(TooEarly) as refusal:
        put_forward(learner, track, "take-home")
    assert timedelta(days=6, hours=23) < refusal.value.until - timezone.now() <= timedelta(days=7)
    Evidence.objects.filter(pk=first.pk).update(judged_at=timezone.now() - timedelta(days=7, seconds=1))
    second = put_forward(learner, track, "take-home")
    tries = finding(learner, track, "take-home").tries
    assert [(row.pk, row.state) for row in tries] == [(second.pk, "waiting"), (first.pk, "not_met")]


@pytest.mark.parametrize("criterion", ["modules-complete", "no-such"])
def test_evidence_is_taken_only_for_what_people_judge(learner: User, track: Track, criterion: str) -> None:
    with pytest.raises(NoSuchCriterion):
        put_forward(learner, track, criterion)
