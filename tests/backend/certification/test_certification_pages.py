"""The way from the checklist to a public certificate, in a browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from html import unescape
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from backend.accounts.models import Role, User
from backend.certification import services
from backend.certification.models import Certificate, CertificationRequest, Evidence
from backend.curriculum.models import ContentState, Status, Track
from tests.backend.certification.ready import do_the_work, enrol, make_ready, put_forward, small_track
from tests.factories import LessonFactory, UserFactory

Browser = Callable[[User], Client]
_HOSTILE = "<img src=x onerror=alert(1)>"


def text_of(response: Any) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", unescape(response.content.decode())).split())


@pytest.fixture
def enrolled(learner: User, track: Track) -> User:
    enrol(learner, track)
    return learner


@pytest.fixture
def asked(ready: User, track: Track) -> CertificationRequest:
    return services.request_certificate(learner=ready, track=track)


def test_without_a_track_the_page_leads_to_one(learner: User, browser_of: Browser) -> None:
    page = browser_of(learner).get(reverse("certification"))
    assert "Choose a track first" in text_of(page)
    assert browser_of(learner).post(reverse("certification_request")).status_code == 404


def test_the_checklist_says_what_is_met_and_exactly_what_is_missing(
    enrolled: User, track: Track, browser_of: Browser
) -> None:
    do_the_work(enrolled, track)
    part = track.modules.get()
    ready_lesson = LessonFactory.create(module=part.module, title="Fresh")
    part.lessons.add(ready_lesson, LessonFactory.create(module=part.module, status=Status.PLANNED, title="Later"))
    page = browser_of(enrolled).get(reverse("certification"))
    shown = text_of(page)
    assert "2 of 8 criteria met" in shown
    assert "2 of 4 lessons done" in shown
    assert f'href="{ready_lesson.get_absolute_url()}"' in page.content.decode()
    assert "Not yet published (1)" in shown
    assert "Later" in shown
    assert reverse("evidence_submit", args=["take-home"]) in page.content.decode()
    assert "Request the certificate" not in shown


def test_a_request_that_is_not_due_changes_nothing_and_says_why(enrolled: User, browser_of: Browser) -> None:
    answer = browser_of(enrolled).post(reverse("certification_request"), follow=True)
    assert "Not met yet: Every module of your track is complete" in text_of(answer)
    assert not CertificationRequest.objects.exists()


def test_evidence_goes_to_the_reviewers_and_its_judgement_comes_back(
    enrolled: User, reviewer: User, browser_of: Browser
) -> None:
    address = reverse("evidence_submit", args=["take-home"])
    form = {"address": "example.org/work", "account": "Found the leak."}
    assert browser_of(enrolled).post(address, form).url == reverse("certification")  # type: ignore[attr-defined]
    evidence = Evidence.objects.get()
    assert evidence.address == "https://example.org/work"
    assert "With the reviewers" in text_of(browser_of(enrolled).get(reverse("certification")))
    judge = browser_of(reviewer)
    assert "The take-home assignment" in text_of(judge.get(reverse("review_queue")))
    shown = text_of(judge.get(evidence.get_absolute_url()))
    assert "Found the leak." in shown
    assert "At least 70 of 100 points" in shown
    refused = judge.post(evidence.get_absolute_url(), {"decision": "not_met", "comment": ""})
    assert refused.status_code == 422
    assert "Say what is missing" in text_of(refused)
    judge.post(evidence.get_absolute_url(), {"decision": "not_met", "comment": "No memo."})
    back = text_of(browser_of(enrolled).get(reverse("certification")))
    assert "No memo." in back
    assert "The next try can be put forward from" in back
    again = browser_of(enrolled).post(address, form)
    assert again.status_code == 422
    assert "The next try can be put forward from" in text_of(again)
    assert Evidence.objects.count() == 1


@pytest.mark.parametrize("address", ["javascript:alert(1)", "data:text/html,x", "ftp://example.org/", "not an address"])
def test_only_web_addresses_are_taken(enrolled: User, browser_of: Browser, address: str) -> None:
    answer = browser_of(enrolled).post(
        reverse("evidence_submit", args=["take-home"]), {"address": address, "account": "Mine."}
    )
    assert answer.status_code == 422
    assert "Enter a valid URL" in text_of(answer)
    assert not Evidence.objects.exists()


@pytest.mark.parametrize("criterion", ["modules-complete", "no-such"])
def test_no_evidence_page_for_what_the_system_judges(enrolled: User, browser_of: Browser, criterion: str) -> None:
    assert browser_of(enrolled).get(reverse("evidence_submit", args=[criterion])).status_code == 404


def test_from_request_to_public_certificate(ready: User, reviewer: User, browser_of: Browser, client: Client) -> None:
    assert "Every criterion is met" in text_of(browser_of(ready).get(reverse("certification")))
    browser_of(ready).post(reverse("certification_request"))
    asked = CertificationRequest.objects.get()
    assert "Your request is with the reviewers" in text_of(browser_of(ready).get(reverse("certification")))
    judge = browser_of(reviewer)
    assert asked.get_absolute_url() in judge.get(reverse("review_queue")).content.decode()
    dossier = text_of(judge.get(asked.get_absolute_url()))
    assert "2 of 2 labs accepted" in dossier
    assert "Seen and run." in dossier
    judge.post(asked.get_absolute_url(), {"action": "grant"})
    judge.post(asked.get_absolute_url(), {"action": "grant"})
    certificate = Certificate.objects.get()
    assert certificate.get_absolute_url() in browser_of(ready).get(reverse("certification")).content.decode()
    page = client.get(certificate.get_absolute_url())
    shown = text_of(page)
    assert "Ada Ready" in shown
    assert "Valid" in shown
    assert "At least 70 % in the quiz of every module" in shown
    assert page.headers["X-Robots-Tag"] == "noindex"
    assert '<meta name="robots" content="noindex">' in page.content.decode()


def test_a_certificate_shows_nothing_else_about_the_person(
    asked: CertificationRequest, ready: User, reviewer: User, client: Client
) -> None:
    certificate = services.grant(request=asked, by=reviewer)
    shown = client.get(certificate.get_absolute_url()).content.decode()
    for private in (ready.email, reviewer.name, "What I did.", "Seen and run.", "example.org/work", str(asked.pk)):
        assert private not in shown
    for submission in ready.submissions.all():
        assert str(submission.pk) not in shown


def test_a_returned_request_shows_its_reason_and_can_be_made_again(
    asked: CertificationRequest, ready: User, reviewer: User, browser_of: Browser
) -> None:
    judge = browser_of(reviewer)
    refused = judge.post(asked.get_absolute_url(), {"action": "return", "reason": " "})
    assert refused.status_code == 422
    judge.post(asked.get_absolute_url(), {"action": "return", "reason": "The walk-through is missing."})
    shown = text_of(browser_of(ready).get(reverse("certification")))
    assert "The walk-through is missing." in shown
    assert "Request the certificate" in shown
    late = judge.post(asked.get_absolute_url(), {"action": "grant"}, follow=True)
    assert "This was decided meanwhile: returned" in text_of(late)
    assert not Certificate.objects.exists()


def test_a_learner_withdraws(asked: CertificationRequest, ready: User, browser_of: Browser) -> None:
    browser_of(ready).post(reverse("request_withdraw", args=[asked.pk]))
    asked.refresh_from_db()
    assert asked.state == "withdrawn"
    assert "Withdrawn" in text_of(browser_of(ready).get(reverse("certification")))


def test_a_revoked_certificate_stays_and_says_so_without_the_reason(
    asked: CertificationRequest, ready: User, reviewer: User, admin: User, browser_of: Browser, client: Client
) -> None:
    certificate = services.grant(request=asked, by=reviewer)
    answer = browser_of(reviewer).post(
        asked.get_absolute_url(), {"action": "revoke", "revocation_reason": "Copied."}, follow=True
    )
    assert "Only an administrator may do this." in text_of(answer)
    browser_of(admin).post(asked.get_absolute_url(), {"action": "revoke", "revocation_reason": "Copied."})
    shown = text_of(client.get(certificate.get_absolute_url()))
    assert "Revoked on" in shown
    assert "Valid" not in shown
    assert "Copied." not in shown
    assert "Copied." in text_of(browser_of(ready).get(reverse("certification")))


def test_revoking_what_was_never_granted_is_a_404(
    asked: CertificationRequest, admin: User, browser_of: Browser
) -> None:
    form = {"action": "revoke", "revocation_reason": "Copied."}
    assert browser_of(admin).post(asked.get_absolute_url(), form).status_code == 404


def test_an_unknown_action_changes_nothing(asked: CertificationRequest, admin: User, browser_of: Browser) -> None:
    assert browser_of(admin).post(asked.get_absolute_url(), {"action": "approve"}).status_code == 422
    asked.refresh_from_db()
    assert asked.state == "open"


def test_the_queue_lists_the_oldest_first_and_filters(reviewer: User, track: Track, browser_of: Browser) -> None:
    other = small_track()
    young, old = UserFactory.create(display_name="Young"), UserFactory.create(display_name="Old")
    put_forward(young, track, "take-home")
    waiting = put_forward(old, other, "mock-interview")
    Evidence.objects.filter(pk=waiting.pk).update(submitted_at=timezone.now() - timedelta(days=3))
    browser = browser_of(reviewer)
    shown = text_of(browser.get(reverse("review_queue")))
    assert shown.index("Old") < shown.index("Young")
    assert "3 days" in shown
    only = text_of(browser.get(reverse("review_queue"), {"track": track.slug}))
    assert "Young" in only
    assert "Old" not in only
    assert "Nothing waits that fits" in text_of(browser.get(reverse("review_queue"), {"kind": "request"}))
    assert browser.get(reverse("review_queue"), {"kind": "\0", "track": "x' OR 1=1"}).status_code == 200


def test_an_empty_queue_says_what_will_come(reviewer: User, browser_of: Browser) -> None:
    assert "Nothing waits" in text_of(browser_of(reviewer).get(reverse("review_queue")))


def test_hostile_text_is_shown_as_text_everywhere(
    track: Track, reviewer: User, admin: User, browser_of: Browser, client: Client
) -> None:
    learner = UserFactory.create(display_name=_HOSTILE)
    enrol(learner, track)
    do_the_work(learner, track)
    for criterion in ("production-projects", "mock-interview", "capstone-project", "take-home", "portfolio-review"):
        evidence = services.put_forward_evidence(
            learner=learner, track=track, criterion=criterion, address="", account=_HOSTILE
        )
        assert _HOSTILE not in browser_of(reviewer).get(evidence.get_absolute_url()).content.decode()
        services.judge_evidence(evidence=evidence, by=reviewer, met=True, comment=_HOSTILE)
    asked = services.request_certificate(learner=learner, track=track)
    pages = [(reviewer, reverse("review_queue")), (reviewer, asked.get_absolute_url())]
    for person, address in pages:
        assert _HOSTILE not in browser_of(person).get(address).content.decode()
    services.return_request(request=asked, by=reviewer, reason=_HOSTILE)
    asked = services.request_certificate(learner=learner, track=track)
    certificate = services.grant(request=asked, by=reviewer)
    services.revoke(certificate=certificate, by=admin, reason=_HOSTILE)
    for person, address in (
        (learner, reverse("certification")), (learner, reverse("evidence_submit", args=["take-home"])),
        (admin, asked.get_absolute_url()), (learner, certificate.get_absolute_url()),
    ):  # fmt: skip
        assert _HOSTILE not in browser_of(person).get(address).content.decode()


def _matrix(owner: User, reviewer: User, track: Track) -> list[tuple[str, str, dict[str, Any], set[str]]]:
    """Method, address, form, and the roles of strangers that may go there."""
    evidence = put_forward(owner, track, "take-home") if not owner.evidence.exists() else owner.evidence.first()
    assert evidence is not None
    asked = CertificationRequest.objects.get(learner=owner)
    reviewing = {"reviewer", "admin"}
    grant, reason = {"action": "grant"}, {"action": "return", "reason": "No."}
    judgement = {"decision": "met", "comment": ""}
    return [
        ("get", reverse("review_queue"), {}, reviewing),
        ("get", evidence.get_absolute_url(), {}, reviewing),
        ("get", asked.get_absolute_url(), {}, reviewing),
        ("post", reverse("request_withdraw", args=[asked.pk]), {}, set()),
        ("post", evidence.get_absolute_url(), judgement, reviewing),
        ("post", asked.get_absolute_url(), reason, reviewing),
        ("post", asked.get_absolute_url(), grant, reviewing),
        ("get", reverse("review_evidence", args=[uuid4()]), {}, set()),
        ("get", reverse("review_request", args=[uuid4()]), {}, set()),
        ("get", reverse("certificate", args=[uuid4()]), {}, set()),
    ]


@pytest.mark.parametrize("role", Role.values)
def test_every_role_reaches_what_it_may_and_nothing_else(
    asked: CertificationRequest, ready: User, reviewer: User, track: Track, browser_of: Browser, role: str
) -> None:
    browser = browser_of(UserFactory.create(role=role))
    for method, address, form, allowed in _matrix(ready, reviewer, track):
        status = getattr(browser, method)(address, form).status_code
        if role in allowed:
            assert status in {200, 302}, (method, address)
        else:
            assert status == 404, (method, address)
    asked.refresh_from_db()
    assert (asked.state == "open") == (role not in {"reviewer", "admin"})


@pytest.mark.parametrize("role", [Role.REVIEWER, Role.ADMIN])
def test_a_reviewers_own_work_is_not_theirs_to_see_for_review(
    reviewer: User, track: Track, browser_of: Browser, role: str
) -> None:
    judge = UserFactory.create(role=role)
    enrol(judge, track)
    make_ready(judge, track, reviewer)
    asked = services.request_certificate(learner=judge, track=track)
    browser = browser_of(judge)
    assert asked.get_absolute_url() not in browser.get(reverse("review_queue")).content.decode()
    for row in Evidence.objects.filter(learner=judge):
        assert browser.get(row.get_absolute_url()).status_code == 404
        assert browser.post(row.get_absolute_url(), {"decision": "met"}).status_code == 404
    for form in ({"action": "grant"}, {"action": "return", "reason": "No."}):
        assert browser.post(asked.get_absolute_url(), form).status_code == 404
    asked.refresh_from_db()
    assert asked.state == "open"


def test_signed_out_people_reach_only_certificates(
    asked: CertificationRequest, reviewer: User, ready: User, track: Track, client: Client
) -> None:
    for method, address, form, _ in _matrix(ready, reviewer, track):
        answer = getattr(client, method)(address, form)
        if "/certificates/" in address:
            assert answer.status_code == 404
        else:
            assert answer.url.startswith(reverse("account_login"))
    for name in ("certification", "certification_request"):
        assert client.post(reverse(name)).status_code in {302, 405}
    certificate = services.grant(request=asked, by=reviewer)
    assert client.get(certificate.get_absolute_url()).status_code == 200


def test_a_demoted_reviewer_is_out_at_once(asked: CertificationRequest, browser_of: Browser) -> None:
    judge = UserFactory.create(role=Role.REVIEWER)
    browser = browser_of(judge)
    assert browser.get(asked.get_absolute_url()).status_code == 200
    User.objects.filter(pk=judge.pk).update(role=Role.LEARNER)
    assert browser.get(asked.get_absolute_url()).status_code == 404
    assert browser.post(asked.get_absolute_url(), {"action": "grant"}).status_code == 404


def test_posts_without_a_token_are_refused(asked: CertificationRequest, ready: User, reviewer: User) -> None:
    for person, address in (
        (ready, reverse("certification_request")), (ready, reverse("request_withdraw", args=[asked.pk])),
        (ready, reverse("evidence_submit", args=["take-home"])), (reviewer, asked.get_absolute_url()),
        (reviewer, Evidence.objects.filter(learner=ready)[0].get_absolute_url()),
    ):  # fmt: skip
        browser = Client(enforce_csrf_checks=True)
        browser.force_login(person, backend="allauth.account.auth_backends.AuthenticationBackend")
        assert browser.post(address, {"action": "grant"}).status_code == 403


@pytest.mark.parametrize("size", [1, 10])
def test_pages_take_a_fixed_number_of_queries(
    reviewer: User, browser_of: Browser, django_assert_max_num_queries: Callable[..., Any], size: int
) -> None:
    track, learner = small_track(modules=size, each=size), UserFactory.create()
    enrol(learner, track)
    make_ready(learner, track, reviewer)
    for _ in range(size):
        services.return_request(
            request=services.request_certificate(learner=learner, track=track), by=reviewer, reason="No."
        )
    asked = services.request_certificate(learner=learner, track=track)
    for person in UserFactory.create_batch(size):
        waiting = put_forward(person, track, "take-home")
    certificate_request = services.request_certificate(learner=learner, track=track)
    ContentState.objects.create(digest="c" * 64)
    browser_of(learner).get(reverse("certification"))
    for person, address, most in (
        (learner, reverse("certification"), 9),
        (reviewer, reverse("review_queue"), 8),
        (reviewer, waiting.get_absolute_url(), 8),
        (reviewer, asked.get_absolute_url(), 8),
    ):
        browser = browser_of(person)
        with django_assert_max_num_queries(most):
            assert browser.get(address).status_code == 200
    certificate = services.grant(request=certificate_request, by=reviewer)
    with django_assert_max_num_queries(3):
        assert Client().get(certificate.get_absolute_url()).status_code == 200
