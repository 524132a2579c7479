"""HTTP of the JSON interface: reads from the selectors, hands in by the service that the pages use."""

from __future__ import annotations

import hashlib
import uuid
from http import HTTPStatus
from typing import Any, NoReturn, cast

from django.db.models import QuerySet
from django.http import Http404
from django.shortcuts import get_object_or_404
from django.utils.cache import patch_cache_control
from django.utils.http import parse_etags, quote_etag
from rest_framework.generics import ListAPIView
from rest_framework.permissions import AllowAny
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse
from rest_framework.views import APIView

from backend.accounts.models import User
from backend.api import serializers
from backend.api.pagination import NewestFirst
from backend.curriculum import models
from backend.curriculum import selectors as curriculum
from backend.labs import selectors, services
from backend.labs.models import Submission as SubmissionRow
from backend.progress import selectors as progress


class Modules(APIView):
    """All modules, for everybody."""

    permission_classes = [AllowAny]

    def get(self, request: Request) -> Response:
        """The modules in order."""
        return Response({"results": serializers.ModuleSerializer(curriculum.modules(), many=True).data})


class Module(APIView):
    """One module, for everybody."""

    permission_classes = [AllowAny]

    def get(self, request: Request, slug: str) -> Response:
        """The module with its pieces and how far each is."""
        try:
            contents = curriculum.module_with_contents(slug)
        except models.Module.DoesNotExist:
            raise Http404 from None
        return Response(serializers.ModuleContentsSerializer(contents).data)


class Tracks(APIView):
    """All tracks, for everybody."""

    permission_classes = [AllowAny]

    def get(self, request: Request) -> Response:
        """The tracks in order, with what they take from each module."""
        return Response({"results": [serializers.TrackSerializer(card).data for card in progress.track_cards()]})


def _lab_or_404(slug: str) -> models.Lab:
    try:
        return curriculum.lab(slug)
    except models.Lab.DoesNotExist:
        raise Http404 from None


class Lab(APIView):
    """One lab."""

    def get(self, request: Request, slug: str) -> Response:
        """What a learner may know of it before handing in; nothing of what judges the work."""
        lab, context = _lab_or_404(slug), {}
        if lab.status == models.Status.READY and lab.digest:
            context = {
                "spec": curriculum.lab_bundle(lab.digest).spec,
                "starter": selectors.files_to_edit(lab, None, {}),
            }
        return Response(serializers.LabSerializer(lab, context=context).data)


class LabSubmissions(APIView):
    """Handing in."""

    def post(self, request: Request, slug: str) -> Response:
        """201 with a new submission, 200 with the one that this key stands for already."""
        lab, learner = _lab_or_404(slug), cast(User, request.user)
        hand_in = serializers.HandInSerializer(data=request.data)
        hand_in.is_valid(raise_exception=True)
        key, files = hand_in.validated_data["key"], hand_in.validated_data["files"]
        known = _own(learner).filter(idempotency_key=key).exists()
        submission = services.submit(learner=learner, lab=lab, files=files, key=key)
        return Response(
            _with_state(submission),
            status=HTTPStatus.OK if known else HTTPStatus.CREATED,
            headers={"Location": reverse("api:submission", args=[submission.pk], request=request)},
        )


def _own(learner: User) -> QuerySet[SubmissionRow]:
    """A person's own work only, though reviewers may see more."""
    return selectors.submissions_visible_to(learner).filter(learner=learner)


def _with_state(submission: SubmissionRow) -> dict[str, Any]:
    attempt = selectors.latest_attempt(submission)
    context = {"live": selectors.live_state(submission, attempt), "view": selectors.report_for(submission)}
    return serializers.SubmissionStateSerializer(submission, context=context).data


class Submissions(ListAPIView[SubmissionRow]):
    """A person's own submissions, newest first, by pages."""

    serializer_class = serializers.SubmissionSerializer
    pagination_class = NewestFirst

    def get_queryset(self) -> QuerySet[SubmissionRow]:
        """Own ones, for reviewers too."""
        return _own(cast(User, self.request.user))


class Submission(APIView):
    """One submission; another learner's does not exist."""

    def get(self, request: Request, pk: uuid.UUID) -> Response:
        """Its state, verdict and report; 304 while nothing has changed since the ETag that is sent along."""
        submission = get_object_or_404(selectors.submissions_visible_to(request.user), pk=pk)
        version = selectors.version_of(submission, selectors.latest_attempt(submission))
        etag = quote_etag(hashlib.sha256(f"api:{version}".encode()).hexdigest()[:32])
        if etag in parse_etags(request.headers.get("If-None-Match", "")):
            response = Response(status=HTTPStatus.NOT_MODIFIED)
        else:
            response = Response(_with_state(submission))
        response["ETag"] = etag
        patch_cache_control(response, private=True, no_cache=True)
        return response


class Progress(APIView):
    """How far the person is on the current track."""

    def get(self, request: Request) -> Response:
        """Progress piece by piece, and the next step; both null before a track is chosen."""
        learner = cast(User, request.user)
        enrolment = progress.current_enrolment(learner)
        if enrolment is None:
            return Response({"progress": None, "next_step": None})
        reached = progress.track_progress(learner, enrolment.track)
        step = progress.next_step_in(learner, reached)
        return Response(
            {
                "progress": serializers.ProgressSerializer(reached).data,
                "next_step": serializers.NextStepSerializer(step).data if step else None,
            }
        )


class Unknown(APIView):
    """Any other address below /api/v1/."""

    permission_classes = [AllowAny]

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> NoReturn:
        """404, whoever asks and however."""
        raise Http404
