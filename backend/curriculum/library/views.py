"""Pages of the library."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods, require_safe

from backend.curriculum.library import selectors, setup_report
from backend.curriculum.library.models import LibraryPage

Kind = LibraryPage.Kind
_LONGEST_FILTER = 80
_SCRIPT = "resources/setup-guides/verify_setup.py"


@require_safe
def library(request: HttpRequest) -> HttpResponse:
    """What the library holds."""
    return render(request, "curriculum/library/library.html", {"holdings": selectors.holdings()})


@require_safe
def glossary(request: HttpRequest) -> HttpResponse:
    """All terms, or those that a filter leaves."""
    wanted = request.GET.get("q", "")[:_LONGEST_FILTER]
    letters = selectors.glossary(wanted)
    context = {"letters": letters, "wanted": wanted, "number": sum(len(letter.terms) for letter in letters)}
    return render(request, "curriculum/library/glossary.html", context)


@require_safe
def papers(request: HttpRequest) -> HttpResponse:
    """The papers, or those of one shelf."""
    shelf = request.GET.get("shelf", "")
    shelf = shelf if shelf in selectors.SHELVES else ""
    context = {"papers": selectors.pages(Kind.PAPER, shelf=shelf), "shelf": shelf, "shelves": selectors.SHELVES}
    return render(request, "curriculum/library/papers.html", context)


@require_safe
def projects(request: HttpRequest) -> HttpResponse:
    """The projects, and the mini-projects that close the modules."""
    context = {"projects": selectors.pages(Kind.PROJECT), "modules": selectors.mini_projects()}
    return render(request, "curriculum/library/projects.html", context)


@require_safe
def guides(request: HttpRequest) -> HttpResponse:
    """The setup guides."""
    return render(request, "curriculum/library/guides.html", {"guides": selectors.pages(Kind.GUIDE)})


@require_safe
def references(request: HttpRequest) -> HttpResponse:
    """What to read elsewhere, or one section of it."""
    sections = selectors.reference_sections()
    wanted = request.GET.get("section", "")
    wanted = wanted if wanted in sections else ""
    context = {"sections": sections, "wanted": wanted, "shown": selectors.references(wanted)}
    return render(request, "curriculum/library/references.html", context)


@require_safe
def paper(request: HttpRequest, slug: str) -> HttpResponse:
    """A paper's summary."""
    return _page(request, Kind.PAPER, slug)


@require_safe
def project(request: HttpRequest, slug: str) -> HttpResponse:
    """A project's brief."""
    return _page(request, Kind.PROJECT, slug)


@require_safe
def guide(request: HttpRequest, slug: str) -> HttpResponse:
    """A setup guide."""
    return _page(request, Kind.GUIDE, slug)


def _page(request: HttpRequest, kind: LibraryPage.Kind, slug: str) -> HttpResponse:
    try:
        found = selectors.page(kind, slug)
    except LibraryPage.DoesNotExist as error:
        raise Http404(f"There is no such {kind.label.lower()}.") from error
    context: dict[str, Any] = {"page": found, "list": f"{kind.value}s", "shelf": selectors.SHELVES.get(found.shelf, "")}
    return render(request, "curriculum/library/page.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def verify_setup(request: HttpRequest) -> HttpResponse:
    """Where to get the script, and what its report means. Nothing that is pasted is stored."""
    context: dict[str, Any] = {}
    status = HTTPStatus.OK
    if request.method == "POST":
        context["pasted"] = request.POST.get("report", "")[: setup_report.LONGEST]
        try:
            context["report"] = setup_report.read(context["pasted"])
        except setup_report.NotAReport as error:
            context["problem"] = str(error)
            status = HTTPStatus.BAD_REQUEST
    return render(request, "curriculum/library/verify_setup.html", context, status=status)


@require_safe
def verify_setup_script(request: HttpRequest) -> HttpResponse:
    """The script, as a file."""
    script = Path(settings.CONTENT_DIR) / _SCRIPT
    if not script.is_file():
        raise Http404("This site has no script.")
    response = HttpResponse(script.read_bytes(), content_type="text/x-python; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{script.name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
