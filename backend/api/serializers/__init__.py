"""What the answers look like, and what a submission has to look like."""

from backend.api.serializers.curriculum import ModuleContentsSerializer, ModuleSerializer, TrackSerializer
from backend.api.serializers.labs import (
    HandInSerializer,
    LabSerializer,
    SubmissionSerializer,
    SubmissionStateSerializer,
)
from backend.api.serializers.progress import NextStepSerializer, ProgressSerializer

__all__ = [
    "HandInSerializer",
    "LabSerializer",
    "ModuleContentsSerializer",
    "ModuleSerializer",
    "NextStepSerializer",
    "ProgressSerializer",
    "SubmissionSerializer",
    "SubmissionStateSerializer",
    "TrackSerializer",
]
