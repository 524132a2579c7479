"""Two attempts beside each other, files to take home, and the best that was reached."""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from backend.accounts.models import Role, User
from backend.curriculum.models import Lab, LabRevision
from backend.labs import selectors, services
from backend.labs.differences import differences
from backend.labs.models import GradeAttempt, Submission
from grader.lab import MAX_FILE_BYTES
from tests.backend.labs.hand import RIGHT, Submit, attempt_of, make_report, make_test
from tests.backend.labs.reports import make_benchmark, make_hidden_failure
from tests.backend.labs.revisions import correct, judge
from tests.backend.labs.several import FILES, load_lab_of
from tests.backend.labs.test_uploads import Tags
from tests.factories import UserFactory

BrowserOf = Callable[[User], Client]
WRONG = RIGHT.replace(b"total += int(word)", b"total -= int(word)")


@pytest.fixture
def browser(learner: User, browser_of: BrowserOf) -> Client:
    """The learner's browser."""
    return browser_of(learner)


def compared(browser: Client, one: Submission, other: Submission | UUID | str | None = None) -> Any:
    """The page of a comparison."""
    query = {} if other is None else {"with": str(getattr(other, "pk", other))}
    return browser.get(reverse("submission_compare", args=[one.pk]), query)


def text_of(response: Any) -> str:
    """The page's words, without tags and with single spaces."""
    return re.sub(r"\s+", " ", re.sub(r"<[^>]*>", " ", response.content.decode()))


def graded(submission: Submission, **changes: Any) -> Submission:
    """Have a report come in."""
    judge(attempt_of(submission), **changes)
    submission.refresh_from_db()
    return submission


# --- comparing -------------------------------------------------------------------------------------------------------


def test_the_lines_that_changed_stand_in_the_order_of_time_whichever_was_asked_for(
    browser: Client, submit: Submit
) -> None:
    older, newer = graded(submit(WRONG), verdict="wrong_answer", score=2.0), graded(submit())
    for one, other in ((older, newer), (newer, older)):
        page = compared(browser, one, other).content.decode()
        removed, added = page.index("-     total -= int(word)"), page.index("+     total += int(word)")
        assert removed < added
        assert "1 line removed, 1 added" in text_of(compared(browser, one, other))


def test_without_a_wish_it_is_the_attempt_before(browser: Client, submit: Submit) -> None:
    first, second, third = submit(WRONG), submit(b"second"), submit(b"third")
    assert compared(browser, third).context["other"] == second
    assert compared(browser, first).context["other"] == third, "the latest, where none was before"


def test_a_single_attempt_has_nothing_beside_it(browser: Client, submit: Submit) -> None:
    assert "Nothing to compare with yet" in text_of(compared(browser, submit()))


def test_tests_stand_side_by_side_with_what_became_of_each(browser: Client, submit: Submit) -> None:
    secret = make_hidden_failure(detail="the hidden input", expected="the hidden output")
    older = graded(submit(WRONG), verdict="partial", score=2.0, tests=[make_test(), secret])
    newer = graded(
        submit(),
        tests=[
            make_test(points=0.0, passed=False, message="Lost."),
            make_test(name="hidden", title="Many", hidden=True),
        ],
    )
    response = compared(browser, newer, older)
    page, words = response.content.decode(), text_of(response)
    assert [test.change for test in response.context["comparison"].tests] == ["worse", "better"]
    assert (page.count('<tr data-state="wrong">'), page.count('<tr data-state="done">')) == (1, 1)
    assert "Lost." in words
    assert "the hidden" not in page


def test_a_test_that_only_one_of_them_had_says_so(browser: Client, submit: Submit) -> None:
    older = graded(submit(WRONG), tests=[make_test(name="gone", title="Was taken out")])
    newer = graded(submit(), tests=[make_test()])
    assert text_of(compared(browser, newer, older)).count("not there") == 2


def test_benchmarks_are_called_different_only_where_their_intervals_are(browser: Client, submit: Submit) -> None:
    def measured(source: bytes, ratio: float) -> Submission:
        row = make_benchmark(ratio=ratio, ratio_low=ratio - 0.02, ratio_high=ratio + 0.02)
        return graded(submit(source), benchmarks=[row])

    slow, middling, near = measured(b"1", 1.1), measured(b"2", 1.3), measured(b"3", 1.33)
    assert "The newer one is better" in text_of(compared(browser, middling, slow))
    assert "Too close to tell apart" in text_of(compared(browser, near, middling))
    rows = compared(browser, near, slow).context["comparison"].benchmarks
    assert rows[0].old_plot.threshold == rows[0].new_plot.threshold, "one scale for both"


def test_another_machine_and_another_revision_of_the_lab_are_named(
    browser: Client, submit: Submit, tiny_lab: Lab
) -> None:
    older = graded(submit(WRONG))
    correct(tiny_lab)
    second = submit()
    report = make_report(attempt_of(second))
    report["environment"]["cpu"] = "Another processor"
    assert services.record_report(report) is None
    words = text_of(compared(browser, second, older))
    assert "Judged by different revisions of the lab." in words
    assert "Measured on different machines." in words


def test_a_revision_that_is_gone_and_files_of_other_names_leave_the_page_standing(
    browser: Client, submit: Submit, tiny_lab: Lab
) -> None:
    older = graded(submit(WRONG))
    correct(tiny_lab, main="program")
    LabRevision.objects.filter(digest=older.lab_digest).delete()
    learner = older.learner
    newer = services.submit(learner=learner, lab=tiny_lab, files={"program.py": RIGHT}, key=uuid4())
    words = text_of(compared(browser, newer, older))
    assert "main.py only in the older" in words
    assert "program.py only in the newer" in words
    assert "Neither" not in words, "the older one has a report"


def test_an_attempt_without_a_result_is_compared_by_its_lines(browser: Client, submit: Submit) -> None:
    older, newer = submit(WRONG), submit()
    for _ in range(3):
        services.record_report(make_report(attempt_of(older), verdict="grader_error", score=0.0, tests=[]))
    words = text_of(compared(browser, newer, older))
    assert "does not count" in words
    assert "Neither has a result of tests." in words
    assert "1 line removed, 1 added" in words


@pytest.mark.parametrize("wish", ["", "nobody", "0", "00000000-0000-4000-8000-000000000000", "\0", "' OR 1=1"])
def test_a_wish_for_what_is_not_there_is_not_found(browser: Client, submit: Submit, wish: str) -> None:
    submit(WRONG)
    assert compared(browser, submit(), wish).status_code == (200 if not wish else 404)


def test_nobody_compares_with_what_is_not_theirs(
    browser: Client, submit: Submit, reviewer: User, browser_of: BrowserOf, learner: User
) -> None:
    mine, theirs = submit(), submit(WRONG, learner=UserFactory.create())
    elsewhere = services.submit(learner=learner, lab=load_lab_of(FILES), files=dict.fromkeys(FILES, b""), key=uuid4())
    assert compared(browser, theirs).status_code == 404
    for person in (browser, browser_of(reviewer)):
        for one, other in ((mine, theirs), (mine, elsewhere), (mine, mine)):
            assert compared(person, one, other).status_code == 404
    assert compared(browser_of(reviewer), mine).status_code == 200


CANARY = "<img src=x onerror=alert(1)></pre></script><script>alert(1)</script>"


def test_nothing_in_a_comparison_becomes_markup(browser: Client, submit: Submit, learner: User, tiny_lab: Lab) -> None:
    User.objects.filter(pk=learner.pk).update(display_name=CANARY[:60])
    texts = dict.fromkeys(("title", "message", "hint"), CANARY)
    report = {
        "verdict": "wrong_answer", "score": 1.0, "message": CANARY,
        "tests": [make_test(passed=False, points=0.0, verdict="wrong_answer", **texts)],
        "benchmarks": [make_benchmark(title=CANARY)],
    }  # fmt: skip
    older, newer = graded(submit(CANARY.encode()), **report), graded(submit(CANARY.encode() + b"\n" + RIGHT), **report)
    pages = [compared(browser, newer, older), browser.get(tiny_lab.get_absolute_url())]
    pages.append(browser.get(reverse("lab_history", args=[tiny_lab.slug])))
    for response in pages:
        assert response.status_code == 200
        assert Tags(response.content.decode()).harm() == []
        assert "&lt;img src=x onerror" in response.content.decode()


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (b"\n" * MAX_FILE_BYTES, b"x" * MAX_FILE_BYTES),
        (b"a\nb\n" * (MAX_FILE_BYTES // 4), b"b\na\n" * (MAX_FILE_BYTES // 4)),
        (b"\xff\xfe\0" * 1000, b"\x1b]8;;http://evil\x07" * 500),
        (b"", RIGHT),
        (RIGHT, RIGHT.replace(b"\n", b"\r\n")),
    ],
    ids=["line ends", "swapped", "not text", "nothing", "other line ends"],
)
def test_files_of_any_size_and_kind_are_compared(browser: Client, submit: Submit, old: bytes, new: bytes) -> None:
    older, newer = submit(old), submit(new)
    response = compared(browser, newer, older)
    (file,) = response.context["comparison"].files
    assert (response.status_code, file.state) == (200, "changed")
    assert file.added + file.removed > 0
    assert len(response.content) < 1_000_000
    assert Tags(response.content.decode()).harm() == []


def test_a_change_beyond_what_is_shown_is_not_called_equality(browser: Client, submit: Submit) -> None:
    older, newer = submit(b"#\n" * 100_000), submit(b"#\n" * 100_000 + b"changed\n")
    assert "differs only beyond what is shown here" in text_of(compared(browser, newer, older))


def test_what_is_unchanged_is_left_out_except_near_a_change() -> None:
    old = [f"line {number}" for number in range(1, 41)]
    new = [*old[:19], "another", *old[20:]]
    rows = differences(old, new)
    assert [(row.sign, row.text) for row in rows] == [
        (" ", "16 unchanged lines"), (" ", "line 17"), (" ", "line 18"), (" ", "line 19"), ("-", "line 20"),
        ("+", "another"), (" ", "line 21"), (" ", "line 22"), (" ", "line 23"), (" ", "17 unchanged lines"),
    ]  # fmt: skip
    assert (rows[4].old, rows[4].new, rows[5].old, rows[5].new) == (20, 0, 0, 20)
    assert differences(old, old) == []


def test_a_comparison_asks_the_database_eight_times_at_most(
    browser: Client, submit: Submit, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    for number in range(12):
        newest = graded(submit(f"{number}".encode()), benchmarks=[make_benchmark()])
    oldest = Submission.objects.order_by("created_at")[0]
    with django_assert_max_num_queries(8):
        assert compared(browser, newest, oldest).status_code == 200


# --- taking files home -----------------------------------------------------------------------------------------------


def unzipped(response: Any) -> dict[str, bytes]:
    """The files of an archive."""
    assert response["Content-Disposition"].startswith("attachment; ")
    assert response["Content-Type"] == "application/octet-stream"
    with zipfile.ZipFile(io.BytesIO(response.content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_all_files_of_a_submission_come_as_they_were_handed_in(browser: Client, learner: User) -> None:
    files = {name: text.encode() + b"\xff\0\r\n" for name, text in FILES.items()}
    submission = services.submit(learner=learner, lab=load_lab_of(FILES), files=files, key=uuid4())
    assert unzipped(browser.get(reverse("submission_zip", args=[submission.pk]))) == files


def test_the_editor_gets_the_text_of_an_attempt(browser: Client, submit: Submit) -> None:
    response = browser.get(reverse("submission_sources", args=[submit(b"\xff</script>\n").pk]))
    assert response["Content-Type"] == "application/json"
    assert response.json() == {"files": {"main.py": "\N{REPLACEMENT CHARACTER}</script>\n"}}


def test_what_is_typed_comes_back_as_a_file_or_as_a_zip(browser: Client, tiny_lab: Lab) -> None:
    one = browser.post(reverse("lab_download", args=[tiny_lab.slug]), {"file:main.py": "typed\r\n"})
    assert (one.content, one["Content-Disposition"]) == (b"typed\n", 'attachment; filename="main.py"')
    several = load_lab_of(FILES)
    typed = {"file:main.cpp": "typed", "file:../../evil": "no", "file:<b>": "no"}
    answer = browser.post(reverse("lab_download", args=[several.slug]), typed)
    assert unzipped(answer) == {name: text.encode() for name, text in FILES.items()} | {"main.cpp": b"typed"}


def test_nothing_is_given_back_for_what_no_lab_is(browser: Client, client: Client, tiny_lab: Lab) -> None:
    assert browser.post(reverse("lab_download", args=["no-such-lab"])).status_code == 404
    assert browser.get(reverse("lab_download", args=[tiny_lab.slug])).status_code == 405
    assert client.post(reverse("lab_download", args=[tiny_lab.slug])).status_code == 302
    Lab.objects.update(status="planned", digest="")
    assert browser.post(reverse("lab_download", args=[tiny_lab.slug])).status_code == 404


def test_downloads_and_sources_of_others_do_not_exist(submit: Submit, browser_of: BrowserOf) -> None:
    theirs = submit()
    names = ("submission_zip", "submission_sources", "submission_compare")
    for role, status in ((Role.LEARNER, 404), (Role.AUTHOR, 404), (Role.REVIEWER, 200)):
        browser = browser_of(UserFactory.create(role=role))
        assert [browser.get(reverse(name, args=[theirs.pk])).status_code for name in names] == [status] * 3


# --- the best, and what the editor is given --------------------------------------------------------------------------


def with_ratio(submission: Submission, ratio: float, **changes: Any) -> Submission:
    """A report with one benchmark of this ratio."""
    row = make_benchmark(ratio=ratio, ratio_low=ratio - 0.02, ratio_high=ratio + 0.02)
    return graded(submission, benchmarks=[row], **changes)


def test_the_best_is_accepted_before_anything_and_then_the_fastest(submit: Submit, learner: User) -> None:
    assert selectors.personal_best(learner, submit(b"0").lab) is None
    with_ratio(submit(b"1"), 9.0, verdict="partial", score=4.9)
    fastest = with_ratio(submit(b"2"), 1.6)
    slower = with_ratio(submit(b"3"), 1.2)
    with_ratio(submit(b"4"), 12.0, verdict="held", score=5.0)
    with_ratio(submit(b"5", learner=UserFactory.create()), 8.0)
    best = selectors.personal_best(learner, slower.lab)
    assert best is not None
    assert best.submission == fastest
    assert [str(row) for row in best.measured] == [
        "Matrix product, 512 x 512: 1.6 times the reference (95 % interval 1.58–1.62)"
    ]


def test_a_ratio_that_does_not_count_makes_nobody_the_best(submit: Submit, learner: User) -> None:
    right = with_ratio(submit(b"1"), 1.2)
    wrong = make_benchmark("wrong", ratio=7.0, ratio_low=6.9, ratio_high=7.1)
    graded(submit(b"2"), benchmarks=[wrong])
    best = selectors.personal_best(learner, right.lab)
    assert best is not None
    assert best.submission == right


def test_a_trial_of_a_regrade_is_nobodys_best(submit: Submit, learner: User) -> None:
    submission = with_ratio(submit(), 1.2)
    attempt = attempt_of(submission)
    report = {**attempt.report, "benchmarks": [make_benchmark(ratio=5.0)]}  # type: ignore[dict-item]
    GradeAttempt.objects.create(
        submission=submission, number=2, trial=True, state="finished", lab_digest=attempt.lab_digest, report=report
    )
    best = selectors.personal_best(learner, submission.lab)
    assert best is not None
    assert best.measured[0].ratio == 1.2


def test_the_lab_page_names_the_best_and_marks_it(browser: Client, submit: Submit, tiny_lab: Lab) -> None:
    best = with_ratio(submit(b"1"), 1.6)
    with_ratio(submit(b"2"), 1.2)
    for address in (tiny_lab.get_absolute_url(), reverse("lab_history", args=[tiny_lab.slug])):
        response = browser.get(address)
        words = text_of(response)
        assert "Your best: 5 of 5 points ; Matrix product, 512 x 512: 1.6 times the reference" in words
        row = re.search(
            rf'<tr data-sources="{best.get_absolute_url()}sources/">.*?</tr>', response.content.decode(), re.S
        )
        assert row is not None
        assert '<span class="tag">Best</span>' in row[0]


def test_the_lab_page_of_several_files_shows_each_with_its_starter(
    browser: Client, learner: User, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    lab = load_lab_of(FILES)
    for number in range(3):
        files = {name: str(number).encode() for name in FILES}
        graded(services.submit(learner=learner, lab=lab, files=files, key=uuid4()), benchmarks=[make_benchmark()])
    browser.get(lab.get_absolute_url())  # the process keeps the lab's bundle from now on
    with django_assert_max_num_queries(8):
        page = browser.get(lab.get_absolute_url()).content.decode()
    for number, name in enumerate(FILES, start=1):
        assert f'name="file:{name}"' in page
        assert f'<script id="starter-{number}" type="application/json">' in page


def test_an_upload_beside_typed_files_replaces_that_one_only(browser: Client) -> None:
    lab = load_lab_of(FILES)
    fields = {f"file:{name}": text for name, text in FILES.items()}
    upload = SimpleUploadedFile("kernel.cu", b"uploaded")
    response = browser.post(reverse("lab_submit", args=[lab.slug]), {**fields, "key": str(uuid4()), "upload": upload})
    assert response.status_code == 302
    stored = selectors.files_of(Submission.objects.get())
    assert stored == {name: text.encode() for name, text in FILES.items()} | {"kernel.cu": b"uploaded"}
