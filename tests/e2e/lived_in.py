"""A site that people have used for a while: every kind of page has something to show."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit
from uuid import uuid4

from allauth.account.models import EmailAddress
from django.urls import reverse
from django.utils import timezone

from backend.accounts.models import Role, User
from backend.certification import services as certification
from backend.certification.models import CertificationRequest
from backend.certification.rules import criteria
from backend.curriculum.models import Lab, Lesson, Module, Question, Track
from backend.interviews.clock import database_time
from backend.interviews.mock import services as mock
from backend.interviews.models import MockSession
from backend.interviews.slots import services as slots
from backend.labs import services as labs
from backend.labs.models import Submission
from backend.labs.services import regrading
from backend.notebook import services as notebook
from backend.notebook.models import Entry, PageReport
from backend.progress import services as progress
from backend.progress.plans.reminders import link_to_stop
from backend.progress.plans.services import make_plan
from backend.quizzes import services as quizzes
from tests.backend.certification.ready import do_the_work
from tests.backend.interviews.cards import give, practise
from tests.backend.labs.hand import attempt_of, make_report
from tests.backend.labs.reports import STATES
from tests.backend.labs.revisions import correct, judge_all
from tests.e2e.person import PASSWORD
from tests.stack import load_tiny_lab

MODULE = "01-foundations"
SOURCE = b"import sys\n\ntotal = 0\nfor word in sys.stdin.read().split():\n    total += int(word)\nprint(total)\n"
_SCRIPT, _OTHER_SCRIPT = "chat-api-5000-users", "warp-reduction-with-tail"


def account(email: str, name: str, **fields: object) -> User:
    """Somebody with a confirmed address."""
    user = User.objects.create_user(email, PASSWORD, display_name=name, **fields)
    EmailAddress.objects.create(user=user, email=email, verified=True, primary=True)
    return user


def furnish() -> tuple[dict[str, str], dict[str, str], dict[str, str]]:
    """Let Ada learn, Alan be certified, Grace review and Root administer, on content that is loaded already.

    Returns:
        Paths by name of their kind of page: for everybody, for Ada, and for Root.
    """
    ada, alan = account("ada@example.org", "Ada"), account("alan@example.org", "Alan")
    grace = account("grace@example.org", "Grace", role=Role.REVIEWER)
    root = account("root@example.org", "Root", role=Role.ADMIN, is_superuser=True)
    module, lesson = Module.objects.get(slug=MODULE), Lesson.objects.filter(slug__startswith="lesson-1.2-").get()
    track = Track.objects.order_by("pk")[0]
    certificate = certification.grant(request=_request(alan, track, grace), by=root)
    return (
        _for_everybody(lesson, track, certificate.get_absolute_url()),
        _reading(ada, lesson, track) | _quiz(ada, module) | _interviews(ada, grace) | _labs(ada),
        _staff(ada, alan, grace, root, lesson),
    )


def _for_everybody(lesson: Lesson, track: Track, certificate: str) -> dict[str, str]:
    plain = ["tracks", "modules", "library", "glossary", "papers", "projects", "references", "guides", "verify_setup"]
    plain += ["account_login", "account_signup", "account_reset_password", "account_reset_password_done"]
    plain += ["account_email_verification_sent", "account_reset_password_from_key_done"]
    return {name: reverse(name) for name in plain} | {
        "welcome": "/",
        "nothing found": reverse("search") + "?q=zzzzqqqq",
        "search": reverse("search") + "?q=llama_decode",
        "paper": reverse("paper", args=["gptq"]),
        "guide": reverse("guide", args=["linux"]),
        "track": track.get_absolute_url(),
        "module": reverse("module", args=[MODULE]),
        "lesson": lesson.get_absolute_url(),
        "example": reverse("example", args=[MODULE, "example_softmax_temperature.py"]),
        "certificate": certificate,
        "lab of a visitor": reverse("lab", args=["lab-1.1-build-and-link"]),
        "no such page": "/nowhere/",
    }


def _reading(ada: User, lesson: Lesson, track: Track) -> dict[str, str]:
    progress.enrol(learner=ada, track=track)
    progress.mark_done(learner=ada, lesson=lesson)
    notebook.put(learner=ada, lesson=lesson, kind=Entry.Kind.NOTE, text="The cache grows by 2 · n_layer · n_embd_kv.")
    notebook.put(learner=ada, lesson=lesson, kind=Entry.Kind.BOOKMARK)
    plain = ["dashboard", "notebook", "certification", "profile", "account_email", "account_change_password"]
    plain += ["account_logout", "plan", "plan_edit"]
    plan = make_plan(
        learner=ada,
        track=track,
        pace="part-time",
        hours_per_week=12,
        weekdays=[0, 2, 5],
        time_zone="Europe/Berlin",
        starts_on=timezone.now().date() - timedelta(days=30),
    )
    return {name: reverse(name) for name in plain} | {
        "home": "/",
        "lesson with notes": lesson.get_absolute_url(),
        "module of a learner": reverse("module", args=[MODULE]),
        "tutorial": Lesson.objects.filter(slug__startswith="tutorial-1.2-").get().get_absolute_url(),
        "evidence_submit": reverse("evidence_submit", args=["capstone-project"]),
        "stop_reminders": urlsplit(link_to_stop(plan)).path,
    }


def _quiz(ada: User, module: Module) -> dict[str, str]:
    done = quizzes.start(ada, module)
    quizzes.finish(done)
    paths = {"quiz_result": reverse("quiz_result", args=[done.pk]), "quiz": reverse("quiz", args=[MODULE])}
    type(done).objects.update(finished_at=database_time() - timedelta(days=2))
    running = quizzes.start(ada, module)
    for response in running.responses.select_related("question__question"):
        kind = response.question.question.kind
        paths[f"quiz_attempt: {kind}"] = f"{reverse('quiz_attempt', args=[running.pk])}?q={response.position}"
    return paths | {"quiz_finish": reverse("quiz_finish", args=[running.pk])}


def _interviews(ada: User, grace: User) -> dict[str, str]:
    first, second = Question.objects.exclude(open=None)[:2]
    rated = practise(ada, first)
    given = give(ada, second)
    for hours in (48, 72):
        slot = slots.offer(
            reviewer=grace,
            starts_at=(database_time() + timedelta(hours=hours)).replace(second=0, microsecond=0),
            minutes=60,
            time_zone="Europe/Berlin",
            place="https://call.example/room",
        )
    slots.book(slot=slot, learner=ada, time_zone="Asia/Tokyo", wish="Batching, please.")
    done = mock.finish(session=mock.start(learner=ada, script=_SCRIPT))
    running = mock.start(learner=ada, script=_OTHER_SCRIPT)
    return {name: reverse(name) for name in ("practice", "practice_questions", "mocks", "live_interviews")} | {
        "practice_answer, rated": reverse("practice_answer", args=[rated.pk]),
        "practice_answer, given": reverse("practice_answer", args=[given.pk]),
        "practice_history": reverse("practice_history", args=[first.slug]),
        "mock_script": reverse("mock_script", args=[_SCRIPT]),
        "mock_session, over": reverse("mock_session", args=[done.pk]),
        "mock_session, running": reverse("mock_session", args=[running.pk]),
    }


def _submission(learner: User, lab: Lab, state: str) -> Submission:
    submission = labs.submit(learner=learner, lab=lab, files={"main.py": SOURCE + f"# {state}\n".encode()}, key=uuid4())
    assert labs.record_report(make_report(attempt_of(submission), **STATES[state])) is None
    return submission


def _labs(ada: User) -> dict[str, str]:
    lab = load_tiny_lab(module=Module.objects.get(slug=MODULE), position=99)
    states = ("benchmark passed", "benchmark failed", "cuda", "held, too close")
    submissions = {state: _submission(ada, lab, state) for state in states}
    paths = {f"submission, {state}": one.get_absolute_url() for state, one in submissions.items()}
    compared = reverse("submission_compare", args=[submissions["benchmark failed"].pk])
    return paths | {"lab": lab.get_absolute_url(), "submission_compare": compared}


def _request(learner: User, track: Track, grace: User) -> CertificationRequest:
    progress.enrol(learner=learner, track=track)
    do_the_work(learner, track)
    for criterion in criteria().criteria:
        if criterion.by_reviewer:
            evidence = certification.put_forward_evidence(
                learner=learner,
                track=track,
                criterion=criterion.id,
                address="https://example.org/work",
                account="Mine.",
            )
            certification.judge_evidence(evidence=evidence, by=grace, met=True, comment="Seen and run.")
    return certification.request_certificate(learner=learner, track=track)


def _staff(ada: User, alan: User, grace: User, root: User, lesson: Lesson) -> dict[str, str]:
    report = notebook.report(reporter=ada, lesson=lesson, kind=PageReport.Kind.values[0], text="The sum is off by one.")
    track = Track.objects.order_by("pk")[1]
    edsger = account("edsger@example.org", "Edsger")
    request = _request(edsger, track, grace)
    progress.enrol(learner=alan, track=track)
    evidence = certification.put_forward_evidence(
        learner=alan, track=track, criterion="capstone-project", address="https://example.org/alan", account="Mine."
    )
    lab = Lab.objects.get(slug="lab-tiny")
    held = Submission.objects.filter(verdict="held")[0]
    correct(lab)
    regrade = regrading.start_regrade(by=root, reason="The third test expected a wrong sum.", lab=lab)
    judge_all(regrade)
    session = MockSession.objects.exclude(finished_at=None)[0]
    names = [criterion["id"] for criterion in session.script["rubric"]]
    mock.score_self(session=session, levels=dict.fromkeys(names, "2"), reasons=dict.fromkeys(names, "I compared."))
    plain = ["quiz_banks", "regrades", "held", "mock_queue", "review_queue", "page_reports", "live_interviews"]
    return {name: reverse(name) for name in plain} | {
        "quiz_items": reverse("quiz_items", args=[MODULE]),
        "quiz_item": reverse("quiz_item", args=[Question.objects.filter(module__slug=MODULE)[0].slug]),
        "regrade": regrade.get_absolute_url(),
        "held_submission": reverse("held_submission", args=[held.pk]),
        "mock_review": reverse("mock_review", args=[session.pk]),
        "page_report": reverse("page_report", args=[report.pk]),
        "review_request": reverse("review_request", args=[request.pk]),
        "review_evidence": reverse("review_evidence", args=[evidence.pk]),
        "submission of somebody": held.get_absolute_url(),
    }
