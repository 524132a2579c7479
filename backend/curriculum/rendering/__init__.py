"""Markdown of the content -> HTML of the site, once, when the content is loaded."""

from backend.curriculum.rendering.page import Anchor, Heading, Rendered, Renderer
from backend.curriculum.rendering.site_map import FigureFile, ProgramFile, SiteMap

__all__ = ["Anchor", "FigureFile", "Heading", "ProgramFile", "Rendered", "Renderer", "SiteMap"]
