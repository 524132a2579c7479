"""Turns the content folder into rows: renders every text and checks every reference."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import asdict
from functools import partial
from typing import Any

from django.urls import reverse

from backend.curriculum.faults import Faults
from backend.curriculum.loading import programs, tracks
from backend.curriculum.loading.documents import MarkdownFile
from backend.curriculum.loading.lab_folder import LabFolder
from backend.curriculum.loading.library_rows import KnownLesson, LibraryAssembly, addresses
from backend.curriculum.loading.question_rows import QuestionMaker
from backend.curriculum.loading.reading import ContentFolder, ModuleFolder, PageFile
from backend.curriculum.loading.rows import ModuleRows, Rows, Values
from backend.curriculum.loading.schema import LabFront, PageFront
from backend.curriculum.loading.yaml_source import YamlSource
from backend.curriculum.rendering import Anchor, FigureFile, ProgramFile, Rendered, Renderer, SiteMap


def assemble(content: ContentFolder, faults: Faults) -> Rows:
    """Rows of everything. What does not fit together goes to the faults."""
    return _Assembly(content, faults).rows()


def _digest(*parts: str) -> str:
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


class _Assembly:
    def __init__(self, content: ContentFolder, faults: Faults) -> None:
        self._content = content
        self._faults = faults
        site = _site_map(content, faults)
        self._renderer = Renderer(site, faults)
        self._ids: dict[str, frozenset[str]] = {}
        self._anchors: list[Anchor] = []
        self._slugs = self._all_slugs()
        self._page_slugs = {page.entry.slug for module in content.modules for page in module.pages}
        self._all_known = not any(path.endswith("/") for path in content.unreadable)
        self._library = LibraryAssembly(
            content.library, self._renderer, site, _known_lessons(content), self._all_known, faults
        )

    def rows(self) -> Rows:
        rows = Rows(tracks=tracks.make(self._content, self._faults))
        self._renderer.explain(self._library.terms(rows.library))
        for module in self._content.modules:
            rows.modules[module.entry.slug] = self._module(module)
        self._library.pages(rows.library, partial(self._render, must_be_marked=True))
        self._library.references(rows.library)
        self._check_anchors()
        self._check_question_ids(rows)
        return rows

    def _all_slugs(self) -> set[str]:
        found: set[str] = set()
        for module in self._content.modules:
            own = {page.entry.slug for page in module.pages} | {lab.entry.slug for lab in module.labs}
            for slug in sorted(own & found):
                file = f"{module.folder}/outline.yml"
                self._faults.add(file, 1, f"Another module lists {slug} as well.", "Slugs are unique.")
            found |= own
        return found

    def _render(
        self,
        file: MarkdownFile[Any],
        *,
        must_be_marked: bool = False,
    ) -> Rendered:
        rendered = self._renderer.render(
            file.body,
            file=file.file,
            first_line=file.body_line,
            must_be_marked=must_be_marked,
            link_terms=must_be_marked,
        )
        self._ids[file.file] = rendered.ids
        self._anchors += rendered.anchors
        return rendered

    def _requires(self, file: MarkdownFile[PageFront] | MarkdownFile[LabFront], own: str) -> list[str]:
        for at, slug in enumerate(file.front.value.requires):
            if slug == own or (self._all_known and slug not in self._slugs):
                line = file.front.source.line(["requires", at])
                self._faults.add(file.file, line, f"There is no other piece {slug}.", "Correct the slug.")
        return file.front.value.requires

    def _module(self, module: ModuleFolder) -> ModuleRows:
        entry, front = module.entry, module.readme.front.value
        rows = ModuleRows(
            values={
                "number": entry.number,
                "title": entry.title,
                "summary": entry.summary,
                "difficulty": entry.difficulty,
                "hours_low": entry.hours[0],
                "hours_high": entry.hours[1],
                "status": entry.status,
                "topics": entry.topics,
                "promised": dict(entry.promised),
                "outcomes": front.outcomes,
                "self_assessment": front.self_assessment,
                "mini_project": {"title": front.mini_project.title, "summary": front.mini_project.summary},
                "body_html": self._render(module.readme).html,
            },
            sections=[section.title for section in module.outline.value.sections],
        )
        for position, page in enumerate(module.pages, start=1):
            rows.lessons[page.entry.slug] = (self._page(page, position), page.section)
        for position, lab in enumerate(module.labs, start=1):
            rows.labs[lab.entry.slug] = (self._lab(lab, position), lab.graded)
        for program in module.programs:
            rows.examples[program.name] = {
                "language": program.language,
                "summary": program.summary,
                "source": program.text,
                "source_html": program.html,
                "digest": _digest(program.text),
            }
        for drawing in module.figures:
            size = {"width": drawing.width, "height": drawing.height}
            rows.figures[drawing.name] = {"svg": drawing.svg, "digest": _digest(drawing.svg), **size}
        self._questions(module, rows)
        return rows

    def _page(self, page: PageFile, position: int) -> Values:
        values: Values = {
            "kind": page.kind,
            "number": page.entry.number,
            "position": position,
            "title": page.entry.title,
            "summary": "",
            "objectives": [],
            "requires": [],
            "minutes": 0,
            "words": 0,
            "status": "planned",
            "body_html": "",
            "contents": [],
            "digest": "",
            "source_path": "",
        }
        if page.file is None:
            return values
        front, rendered = page.file.front.value, self._render(page.file, must_be_marked=True)
        return values | {
            "title": front.title,
            "summary": front.summary,
            "objectives": front.objectives,
            "requires": self._requires(page.file, page.entry.slug),
            "minutes": front.minutes,
            "words": rendered.words,
            "status": front.status,
            "body_html": rendered.html,
            "contents": [asdict(heading) for heading in rendered.contents],
            "digest": _digest(page.file.body, rendered.included),
            "source_path": page.path,
        }

    def _lab(self, lab: LabFolder, position: int) -> Values:
        values: Values = {
            "number": lab.entry.number,
            "position": position,
            "title": lab.entry.title,
            "summary": "",
            "objectives": [],
            "requires": [],
            "language": lab.entry.language,
            "device": "cpu",
            "minutes": 0,
            "capstone": lab.entry.capstone,
            "status": "in_progress" if lab.started else "planned",
            "instructions_html": "",
            "contents": [],
            "max_score": 0.0,
            "digest": "",
        }
        if lab.instructions is None or lab.graded is None:
            return values
        front, spec, rendered = lab.instructions.front.value, lab.graded.spec, self._render(lab.instructions)
        return values | {
            "title": front.title,
            "summary": front.summary,
            "objectives": front.objectives,
            "requires": self._requires(lab.instructions, lab.entry.slug),
            "device": spec.device,
            "minutes": spec.minutes,
            "status": front.status,
            "instructions_html": rendered.html,
            "contents": [asdict(heading) for heading in rendered.contents],
            "max_score": float(spec.max_score),
            "digest": lab.graded.digest,
        }

    def _questions(self, module: ModuleFolder, rows: ModuleRows) -> None:
        if module.questions is None:
            return
        file, source = module.questions.source.file, module.questions.source
        maker = QuestionMaker(file, self._renderer, self._faults)
        for at, question in enumerate(module.questions.value.root):
            if self._all_known and question.lesson not in self._page_slugs:
                line = source.line([at, "lesson"])
                self._faults.add(file, line, f"There is no lesson {question.lesson}.", "Correct the slug.")
            rows.questions.append(maker.make(question, partial(_line_of, source, at)))

    def _check_question_ids(self, rows: Rows) -> None:
        seen: set[str] = set()
        for module in self._content.modules:
            for at, question in enumerate(rows.modules[module.entry.slug].questions):
                if question.slug in seen and module.questions is not None:
                    source = module.questions.source
                    message = f"The question id {question.slug} is used twice."
                    self._faults.add(source.file, source.line([at, "id"]), message, "Ids are unique in all modules.")
                seen.add(question.slug)

    def _check_anchors(self) -> None:
        for anchor in self._anchors:
            if anchor.fragment not in self._ids.get(anchor.page, frozenset()):
                message = f"{anchor.page} has no heading #{anchor.fragment}."
                cure = "Correct the part after #, or leave it out."
                self._faults.add(anchor.file, anchor.line, message, cure)


def _line_of(source: YamlSource, question: int, *loc: str | int) -> int:
    return source.text_line([question, *loc])


def _known_lessons(content: ContentFolder) -> dict[str, KnownLesson]:
    found: dict[str, KnownLesson] = {}
    for page in (page for module in content.modules for page in module.pages):
        title = page.file.front.value.title if page.file else page.entry.title
        found[page.entry.slug] = KnownLesson(f"{page.entry.number} {title}", reverse("lesson", args=[page.entry.slug]))
    return found


def _site_map(content: ContentFolder, faults: Faults) -> SiteMap:
    site = SiteMap(commit=content.curriculum.value.engine.llama_cpp_commit, unreadable=content.unreadable)
    site.pages.update(addresses(content.library))
    for module in content.modules:
        slug = module.entry.slug
        site.pages[module.readme.file] = reverse("module", args=[slug])
        site.pages.update({page.path: reverse("lesson", args=[page.entry.slug]) for page in module.pages})
        site.pages.update({lab.path: reverse("lab", args=[lab.entry.slug]) for lab in module.labs})
        for drawing in module.figures:
            address = reverse("figure", args=[slug, drawing.name]) + f"?v={_digest(drawing.svg)[:12]}"
            figure = FigureFile(address, drawing.width, drawing.height)
            site.figures[f"{module.folder}/docs/figures/{drawing.name}"] = figure
        for program in module.programs:
            path = f"{module.folder}/code/{program.name}"
            address = reverse("example", args=[slug, program.name])
            site.programs[path] = _program_file(path, program.name, address, program.text, faults)
        site.programs.update(_starters(module.labs, faults))
    return site


def _starters(labs: Iterable[LabFolder], faults: Faults) -> dict[str, ProgramFile]:
    return {
        path: _program_file(path, path.rpartition("/")[2], "", text, faults)
        for lab in labs
        for path, text in lab.starter.items()
    }


def _program_file(path: str, name: str, address: str, text: str, faults: Faults) -> ProgramFile:
    return ProgramFile(name, address, text.rstrip("\n"), programs.read_regions(path, text, faults))
