"""Figures and example programs."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.cache import get_conditional_response
from django.views.decorators.http import require_safe

from backend.curriculum import selectors
from backend.curriculum.models import Example, Figure

_FIGURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; sandbox"
_LANGUAGES = {"python": "Python", "cpp": "C++", "c": "C", "cuda": "CUDA C++", "bash": "Shell", "cmake": "CMake"}
_A_YEAR = 365 * 24 * 3600


@require_safe
def figure(request: HttpRequest, slug: str, name: str) -> HttpResponseBase:
    """A figure that was there when the content was loaded. Its address in pages names its revision."""
    try:
        drawing = selectors.figure(slug, name)
    except Figure.DoesNotExist as error:
        raise Http404("There is no such figure.") from error
    response = HttpResponse(drawing.svg, content_type="image/svg+xml; charset=utf-8")
    etag = f'"{drawing.digest}"'
    current = request.GET.get("v") == drawing.digest[:12]
    response["ETag"] = etag
    response["Cache-Control"] = f"public, max-age={_A_YEAR}, immutable" if current else "public, no-cache"
    response["Content-Security-Policy"] = _FIGURE_POLICY
    response["X-Content-Type-Options"] = "nosniff"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    return get_conditional_response(request, etag=etag, response=response) or response


def _example_or_404(slug: str, name: str) -> Example:
    try:
        return selectors.example(slug, name)
    except Example.DoesNotExist as error:
        raise Http404("There is no such program.") from error


@require_safe
def example(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """A program to read, copy and download."""
    program = _example_or_404(slug, name)
    context = {
        "example": program,
        "language": _LANGUAGES.get(program.language, program.language),
        "lines": len(program.source.splitlines()),
    }
    return render(request, "curriculum/example.html", context)


@require_safe
def example_download(request: HttpRequest, slug: str, name: str) -> HttpResponse:
    """A program as a file."""
    program = _example_or_404(slug, name)
    response = HttpResponse(program.source, content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{program.name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
