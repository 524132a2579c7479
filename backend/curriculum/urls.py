"""Addresses of figures and example programs."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from backend.curriculum import views
from backend.curriculum.search import views as search_views


class FileNameConverter(StringConverter):
    """Names that files of the content can have."""

    regex = r"[A-Za-z0-9][A-Za-z0-9_.-]*"


register_converter(FileNameConverter, "file")

urlpatterns = [
    path("search/", search_views.search, name="search"),
    path("search/instant/", search_views.instant, name="search_instant"),
    path("modules/<slug:slug>/figures/<file:name>", views.figure, name="figure"),
    path("modules/<slug:slug>/code/<file:name>", views.example, name="example"),
    path("modules/<slug:slug>/code/<file:name>/download", views.example_download, name="example_download"),
]
