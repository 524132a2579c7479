"""Reading what the lab page posts."""

from __future__ import annotations

from django import forms
from django.http import HttpRequest

from grader.lab import UploadRejected

FIELD_PREFIX = "file:"


class SubmitForm(forms.Form):
    """The hidden part of the lab's form."""

    key = forms.UUIDField(error_messages={"required": "This form is incomplete. Reload the page; your text is kept."})


class DraftForm(forms.Form):
    """A draft's number: the one last seen, plus one."""

    revision = forms.IntegerField(min_value=1)


def typed_texts(request: HttpRequest) -> dict[str, str]:
    """File name -> text of the editor's fields, with line ends as typed rather than as forms send them."""
    return {
        name.removeprefix(FIELD_PREFIX): str(text).replace("\r\n", "\n")
        for name, text in request.POST.items()
        if name.startswith(FIELD_PREFIX)
    }


def handed_in(request: HttpRequest) -> dict[str, bytes]:
    """File name -> content: the editor's text, replaced by uploaded files of the same name.

    Raises:
        UploadRejected: two uploaded files have one name.
    """
    files = {name: text.encode("utf-8", "replace") for name, text in typed_texts(request).items()}
    uploaded: dict[str, bytes] = {}
    for upload in request.FILES.getlist("upload"):
        name = upload.name or ""
        if name in uploaded:
            raise UploadRejected(f"Two of the uploaded files are called “{name[:64]}”.")
        uploaded[name] = upload.read()
    return {**files, **uploaded}
