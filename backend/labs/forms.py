"""Reading what the pages of labs and of staff post."""

from __future__ import annotations

from typing import Any

from django import forms
from django.http import HttpRequest

from backend.curriculum.models import Lab
from backend.labs import selectors
from grader.lab import UploadRejected

FIELD_PREFIX = "file:"


class SubmitForm(forms.Form):
    """The hidden part of the lab's form."""

    key = forms.UUIDField(error_messages={"required": "This form is incomplete. Reload the page; your text is kept."})


class DraftForm(forms.Form):
    """A draft's number: the one last seen, plus one."""

    revision = forms.IntegerField(min_value=1)


class RegradeForm(forms.Form):
    """Which submissions are judged again, and why."""

    lab = forms.ModelChoiceField(queryset=Lab.objects.none(), required=False, empty_label="All labs")
    judged_by_grader = forms.ChoiceField(
        label="Judged by the grader revision", required=False,
        help_text="For a grader that was wrong: only what this revision judged.",
    )  # fmt: skip
    outdated_only = forms.BooleanField(
        label="Only what was judged with an earlier revision of its lab", required=False, initial=True,
        help_text="For a lab that was corrected. Does not apply where you choose a grader revision.",
    )  # fmt: skip
    reason = forms.CharField(
        max_length=1000, widget=forms.Textarea(attrs={"rows": 3}),
        help_text="Learners whose result changes read this: what was wrong, in plain words.",
    )  # fmt: skip

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        lab, grader = self.fields["lab"], self.fields["judged_by_grader"]
        assert isinstance(lab, forms.ModelChoiceField)
        assert isinstance(grader, forms.ChoiceField)
        lab.queryset = selectors.labs_with_submissions()
        grader.choices = [("", "Any"), *((name, name) for name in selectors.grader_revisions())]
        for field in (lab, grader, self.fields["reason"]):
            field.widget.attrs["class"] = "input"


class DecisionForm(forms.Form):
    """What a person decides on a held submission."""

    decision = forms.ChoiceField(
        choices=[("accept", "Accept it, with these points"), ("refuse", "Refuse what was held")],
        widget=forms.RadioSelect,
    )
    score = forms.FloatField(label="Points when accepted", min_value=0, required=False)
    reason = forms.CharField(
        max_length=1000, widget=forms.Textarea(attrs={"rows": 3}), help_text="The learner reads this."
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("score", "reason"):
            self.fields[name].widget.attrs["class"] = "input"


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
