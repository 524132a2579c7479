"""What learners typed and did not submit."""

from __future__ import annotations

from collections.abc import Mapping

from django.db import transaction

from backend.accounts.models import User
from backend.curriculum import selectors as curriculum
from backend.curriculum.models import Lab
from backend.labs.models import Draft
from grader.lab import MAX_FILE_BYTES, UploadRejected

MAX_REVISION = 2**31 - 1


class DraftOutdated(Exception):
    """A newer draft is stored, typed in another tab or on another machine; it was kept."""

    def __init__(self, current: int) -> None:
        super().__init__("A newer draft of this lab was saved elsewhere; it was kept.")
        self.current = current


@transaction.atomic
def save_draft(*, learner: User, lab: Lab, files: Mapping[str, str], revision: int) -> Draft:
    """Keep what was typed, as revision `revision` (the number last seen, plus one).

    Saving the same text under the same number again changes nothing and is no fault.

    Raises:
        UploadRejected: a name that the lab does not have, a file that is too large, or text that is not text.
        DraftOutdated: the stored draft has this number or a higher one.
    """
    wanted = curriculum.lab_bundle(lab.digest).spec.entry.files
    texts = {name: _checked(name, text, wanted) for name, text in files.items()}
    draft, created = Draft.objects.select_for_update().get_or_create(
        learner=learner, lab=lab, defaults={"files": texts, "revision": min(max(1, revision), MAX_REVISION)}
    )
    if created or (draft.revision == revision and draft.files == texts):
        return draft
    if revision <= draft.revision or revision > MAX_REVISION:
        raise DraftOutdated(draft.revision)
    draft.files, draft.revision = {**draft.files, **texts}, revision
    draft.save(update_fields=["files", "revision", "saved_at"])
    return draft


@transaction.atomic
def reset_draft(*, learner: User, lab: Lab) -> None:
    """Go back to the starter. The revision goes up, so that no other tab brings the old text back unasked."""
    starter = curriculum.lab_bundle(lab.digest).starter
    texts = {name: content.decode("utf-8", "replace") for name, content in starter.items()}
    draft, created = Draft.objects.select_for_update().get_or_create(
        learner=learner, lab=lab, defaults={"files": texts}
    )
    if not created:
        draft.files, draft.revision = texts, min(draft.revision + 1, MAX_REVISION)
        draft.save(update_fields=["files", "revision", "saved_at"])


def _checked(name: str, text: str, wanted: list[str]) -> str:
    if name not in wanted:
        raise UploadRejected(f"This lab takes: {', '.join(wanted)}.")
    text = text.replace("\r\n", "\n")
    if "\0" in text:
        raise UploadRejected(f"{name} contains a NUL character; drafts hold text only.")
    if len(text.encode("utf-8", "replace")) > MAX_FILE_BYTES:
        raise UploadRejected(f"{name} is larger than {MAX_FILE_BYTES // 1024} KB.")
    return text.encode("utf-8", "replace").decode()
