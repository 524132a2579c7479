"""A lab that is corrected, and workers' reports on what is judged again."""

from __future__ import annotations

import dataclasses
from typing import Any

from backend.curriculum.models import Lab, LabRevision
from backend.labs import services
from backend.labs.models import GradeAttempt, Regrade
from grader import lab as lab_format
from tests.backend.labs.hand import make_report


def correct(lab: Lab, note: str = "# corrected\n", **entry: Any) -> str:
    """Give a lab a new revision, as loading corrected content does; its digest."""
    bundle = lab_format.unpack(bytes(LabRevision.objects.get(digest=lab.digest).bundle), digest=lab.digest)
    files = {**bundle.files, "checks.py": bundle.files["checks.py"] + note.encode()}
    for old, new in entry.items():
        text = files["grading.yml"].decode().replace(f"{old}.py", f"{new}.py")
        files["grading.yml"] = text.encode()
        for folder in ("starter", "reference"):
            files[f"{folder}/{new}.py"] = files.pop(f"{folder}/{old}.py")
    newer = dataclasses.replace(bundle, files=files, digest=lab_format.digest_of(files))
    LabRevision.objects.create(lab=lab, digest=newer.digest, bundle=lab_format.pack(newer))
    Lab.objects.filter(pk=lab.pk).update(digest=newer.digest)
    lab.digest = newer.digest
    return newer.digest


def judge(attempt: GradeAttempt, verdict: str = "accepted", score: float = 5.0, **changes: Any) -> None:
    """Have a worker's report of an attempt come in."""
    assert services.record_report(make_report(attempt, verdict=verdict, score=score, **changes)) is None


def judge_all(regrade: Regrade, verdict: str = "accepted", score: float = 5.0) -> None:
    """Have reports come in for everything that a regrade waits for."""
    for attempt in GradeAttempt.objects.filter(regrade=regrade, state=GradeAttempt.State.QUEUED):
        judge(attempt, verdict, score)
