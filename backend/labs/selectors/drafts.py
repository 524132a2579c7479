"""What stands in the editor."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from django.contrib.auth.models import AnonymousUser

from backend.accounts.models import User
from backend.curriculum import selectors as curriculum
from backend.curriculum.models import Lab
from backend.labs.models import Draft


@dataclass(frozen=True, slots=True)
class LabFile:
    """One file of the editor."""

    name: str
    text: str
    starter: str


def draft_of(learner: User | AnonymousUser, lab: Lab) -> Draft | None:
    """What the learner has typed. One query."""
    if not isinstance(learner, User):
        return None
    return Draft.objects.filter(learner=learner, lab=lab).first()


def files_to_edit(lab: Lab, draft: Draft | None, posted: Mapping[str, str]) -> list[LabFile]:
    """The files that the lab asks for, with the text just posted, else the draft's, else the starter's."""
    bundle = curriculum.lab_bundle(lab.digest)
    typed = {**(draft.files if draft is not None else {}), **posted}
    files = []
    for name in bundle.spec.entry.files:
        starter = bundle.starter[name].decode("utf-8", "replace")
        files.append(LabFile(name=name, text=str(typed.get(name, starter)), starter=starter))
    return files
