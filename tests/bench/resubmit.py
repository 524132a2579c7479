"""Handing in unchanged files again, against the first time: from the click on Submit to the verdict in the page.

Each pair is a new learner with a source that was never seen: the first hand-in builds and tests it, the second finds
the verdict. `again` is the way that grades once more, with the built program kept.

Usage: python -m tests.bench.resubmit [LAB] [PAIRS]
"""

from __future__ import annotations

import sys
import time
from typing import Any

from tests.bench.click_to_verdict import Bare, Browser, click
from tests.bench.site import record, site, summary


def main(slug: str = "lab-1.1-build-and-link", pairs: int = 15) -> None:
    """Measure and print."""
    with site() as stack:
        from backend.curriculum.models import Lab
        from tests.factories import UserFactory

        stack.start_web()
        stack.start_backend()
        stack.start_grader()
        lab = Lab.objects.get(slug=slug)
        bare = Bare(slug)
        first, second, again = [], [], []
        for number in range(pairs + 1):
            source, learner = bare.source(number), UserFactory.create()
            first.append(click(stack.url, learner, lab, bare.file_name, source))
            second.append(click(stack.url, learner, lab, bare.file_name, source))
            again.append(grade_again(stack.url, learner))
        # The first pair warms caches, as the first learner of a day does.
        graded = summary(again[1:], first[1:], unit="s")
        record(f"resubmit-{slug}", summary(second[1:], first[1:], unit="s") | {"graded_again": graded})


def grade_again(url: str, learner: Any) -> float:
    """Seconds from the click on "Grade again" until there is a new verdict."""
    from backend.labs.models import GradeAttempt, Submission

    submission = Submission.objects.filter(learner=learner).latest("created_at")
    assert submission.same_as_id is not None, "the second hand-in was graded"
    browser = Browser(url, learner)
    began = time.perf_counter()
    browser.post(f"/submissions/{submission.pk}/again/", {})
    done = GradeAttempt.objects.filter(submission=submission, number=2, state=GradeAttempt.State.FINISHED)
    while not done.exists():
        assert time.perf_counter() - began < 120, "no verdict"
        time.sleep(0.005)
    browser.get(f"/submissions/{submission.pk}/status/")
    return time.perf_counter() - began


if __name__ == "__main__":
    asked = sys.argv[1:]
    main(asked[0] if asked else "lab-1.1-build-and-link", int(asked[1]) if len(asked) > 1 else 15)
