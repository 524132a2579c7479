"""Markdown of the content -> HTML of the site, once, when the content is loaded."""

from backend.curriculum.rendering.page import Anchor, Heading, Rendered, Renderer
from backend.curriculum.rendering.site_map import FigureFile, ProgramFile, SiteMap
from backend.curriculum.rendering.terms import GlossaryEntry

__all__ = ["Anchor", "FigureFile", "GlossaryEntry", "Heading", "ProgramFile", "Rendered", "Renderer", "SiteMap"]
