"""The product's main job: from a stranger to a certificate, every step in a browser, nothing mocked."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from allauth.account.models import EmailAddress
from playwright.sync_api import Locator, expect

from backend.accounts.models import Role, User
from tests.e2e.person import PASSWORD, Person
from tests.e2e.small_content import CONTENT

pytestmark = [pytest.mark.e2e, pytest.mark.slow]
MODULE = CONTENT / "modules" / "01-foundations"
CPP_LAB = MODULE / "labs" / "lab-1.1-build-and-link"
PYTHON_LAB = MODULE / "labs" / "lab-1.2-gguf-parser"
LESSONS = sorted(path.stem for path in (MODULE / "docs").glob("lesson-1.[1-6]-*.md"))


def test_a_lab_is_written_in_the_page_graded_against_the_engine_and_counts(person: Callable[..., Person]) -> None:
    ada = person("ada@example.org")
    ada.sign_up()
    ada.press("Choose Full-Stack")
    expect(ada.page.locator("h1")).to_have_text("At which pace?")
    ada.follow("Go on without one")
    expect(ada.page.locator("h1")).to_have_text("Full-Stack")

    ada.open("/labs/lab-1.1-build-and-link/")
    expect(ada.page.locator(".cm-content")).to_contain_text("llama.h")
    ada.write_in_editor("int main() { return oops; }\n")
    ada.page.keyboard.press("Control+Enter")
    ada.expect_verdict("Does not build")
    expect(ada.page.locator("#submission-status")).to_contain_text("oops")

    with ada.page.expect_response("**/draft/"):
        ada.write_in_editor((CPP_LAB / "mutants/fixed-buffer/model_card.cpp").read_text())
    expect(ada.page.locator("[data-editor-status]")).to_contain_text("not submitted")
    ada.page.reload()
    expect(ada.page.locator(".cm-content")).to_contain_text("char value[256]")
    ada.press("Submit")
    ada.expect_verdict("80 of 100 points")
    expect(ada.page.locator("#submission-status")).to_contain_text("snprintf")
    expect(ada.page.locator("#submission-status")).to_contain_text("bubblewrap")

    ada.write_in_editor((CPP_LAB / "reference/model_card.cpp").read_text())
    ada.press("Submit")
    ada.expect_verdict("100 of 100 points")
    ada.page.get_by_label("Show changes against").select_option(index=4)
    expect(ada.page.locator(".cm-deletedChunk")).to_contain_text("oops")
    ada.page.get_by_role("region", name="Your submissions").get_by_role("link", name="Compare").first.click()
    expect(ada.page.locator(".diff-del").first).to_contain_text("char value[256]")
    expect(ada.page.get_by_role("region", name="Tests in both attempts")).to_contain_text("better")
    ada.open("/")
    expect(ada.page.locator(".progress-bar, progress").first).to_be_visible()
    expect(ada.page.get_by_role("main")).to_contain_text("1 of 9")
    expect(ada.page.get_by_role("region", name="Last submissions").locator("tbody tr")).to_have_count(3)


def test_from_stranger_to_certificate(person: Callable[..., Person]) -> None:
    ada = person("ada@example.org")
    ada.sign_up()
    ada.press("Choose Python Developer")
    ada.open("/certification/")
    expect(ada.page.get_by_role("main")).to_contain_text("0 of 8 criteria met")
    expect(ada.page.get_by_role("button", name="Request the certificate")).to_have_count(0)

    for slug in LESSONS:
        ada.read_lesson(f"/lessons/{slug}/")
    ada.open("/certification/")
    expect(ada.page.locator("#modules-complete")).to_have_attribute("data-state", "met")
    expect(ada.page.locator("#quizzes-passed")).not_to_have_attribute("data-state", "met")

    ada.take_quiz("01-foundations")
    expect(ada.page.get_by_role("main")).to_contain_text("100 %")

    ada.open("/labs/lab-1.1-build-and-link/")
    ada.write_in_editor((CPP_LAB / "reference/model_card.cpp").read_text())
    ada.press("Submit")
    ada.expect_verdict("100 of 100 points")
    ada.open("/labs/lab-1.2-gguf-parser/")
    ada.page.locator("#upload").set_input_files(PYTHON_LAB / "reference" / "gguf_parser.py")
    ada.press("Submit")
    ada.expect_verdict("100 of 100 points")

    ada.open("/")
    expect(ada.page.get_by_role("main")).to_contain_text("Everything published on your track is done")
    ada.open("/certification/")
    expect(ada.page.get_by_role("main")).to_contain_text("3 of 8 criteria met")

    judge = staff(person, "grace@example.org", Role.REVIEWER)
    for criterion in ("production-projects", "mock-interview", "capstone-project", "take-home", "portfolio-review"):
        put_forward(ada, criterion)
        judge.open("/review/")
        judge.page.get_by_role("region", name="What waits").get_by_role("link").first.click()
        judge.page.get_by_label("Met", exact=True).check()
        judge.press("Sign the judgement")
    ada.open("/certification/")
    expect(ada.page.get_by_role("main")).to_contain_text("8 of 8 criteria met")
    ada.press("Request the certificate")
    expect(ada.page.get_by_role("main")).to_contain_text("none is set in the profile")
    ada.open("/accounts/profile/")
    ada.page.get_by_label("Name").fill("Ada")
    ada.press("Save")
    ada.open("/certification/")
    ada.press("Request the certificate")
    expect(ada.page.get_by_role("main")).to_contain_text("Your request is with the reviewers")

    admin = staff(person, "root@example.org", Role.ADMIN)
    dossier = open_request(admin)
    expect(dossier).to_contain_text("Lab 1.1")
    admin.page.get_by_label("Reason").fill("The certificate should carry your whole name.")
    admin.press("Return with this reason")

    ada.open("/certification/")
    expect(ada.page.get_by_role("main")).to_contain_text("your whole name")
    ada.open("/accounts/profile/")
    ada.page.get_by_label("Name").fill("Ada Lovelace")
    ada.press("Save")
    ada.open("/certification/")
    ada.press("Request the certificate")
    open_request(admin)
    admin.press("Grant the certificate")

    ada.open("/certification/")
    ada.page.get_by_role("main").get_by_role("link", name="Python Developer").last.click()
    public = person()
    public.page.goto(ada.page.url)
    expect(public.page.locator("h1")).to_have_text("Ada Lovelace")
    expect(public.page.get_by_role("main")).to_contain_text("Valid")
    expect(public.page.get_by_role("main")).not_to_contain_text("ada@example.org")


def staff(person: Callable[..., Person], address: str, role: Role) -> Person:
    """Somebody with a role, signed in."""
    user = User.objects.create_user(address, PASSWORD, role=role, is_superuser=role == Role.ADMIN)
    EmailAddress.objects.create(user=user, email=address, verified=True, primary=True)
    somebody = person(address)
    somebody.sign_in()
    return somebody


def put_forward(learner: Person, criterion: str) -> None:
    """Evidence for a criterion that a person judges."""
    learner.open(f"/certification/evidence/{criterion}/")
    learner.page.get_by_label("Address").fill("https://example.org/ada/work")
    learner.page.get_by_label("Account").fill("Three projects, each with tests and a one-command start.")
    learner.press("Put it forward")
    expect(learner.page.locator(f"#{criterion}")).to_contain_text("With the reviewers")


def open_request(reviewer: Person) -> Locator:
    """The dossier of the oldest request."""
    reviewer.open("/review/?kind=request")
    reviewer.page.get_by_role("region", name="What waits").get_by_role("link").first.click()
    return reviewer.page.get_by_role("main")
