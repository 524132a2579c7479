"""Addresses of figures and example programs."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from backend.curriculum import views
from backend.curriculum.library import views as library_views
from backend.curriculum.search import views as search_views


class FileNameConverter(StringConverter):
    """Names that files of the content can have."""

    regex = r"[A-Za-z0-9][A-Za-z0-9_.-]*"


register_converter(FileNameConverter, "file")

urlpatterns = [
    path("library/", library_views.library, name="library"),
    path("glossary/", library_views.glossary, name="glossary"),
    path("papers/", library_views.papers, name="papers"),
    path("papers/<slug:slug>/", library_views.paper, name="paper"),
    path("projects/", library_views.projects, name="projects"),
    path("projects/<slug:slug>/", library_views.project, name="project"),
    path("references/", library_views.references, name="references"),
    path("setup/", library_views.guides, name="guides"),
    path("setup/verify/", library_views.verify_setup, name="verify_setup"),
    path("setup/verify/verify_setup.py", library_views.verify_setup_script, name="verify_setup_script"),
    path("setup/<slug:slug>/", library_views.guide, name="guide"),
    path("search/", search_views.search, name="search"),
    path("search/instant/", search_views.instant, name="search_instant"),
    path("modules/<slug:slug>/figures/<file:name>", views.figure, name="figure"),
    path("modules/<slug:slug>/code/<file:name>", views.example, name="example"),
    path("modules/<slug:slug>/code/<file:name>/download", views.example_download, name="example_download"),
]
