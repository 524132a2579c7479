"""Names, paths and options that the glossary gives are those of the pinned engine."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml

from backend.curriculum.faults import Faults
from grader.toolchain.recipe import PROJECT
from tests.content import pages, source_names
from tests.content.source_names import SourceTree

pytestmark = [pytest.mark.slow]
GLOSSARY = PROJECT / "content" / "resources" / "glossary.yml"


def test_every_name_in_a_definition_is_the_engines_own(tree: SourceTree, tmp_path: Path) -> None:
    entries = yaml.safe_load(GLOSSARY.read_text())
    page = tmp_path / "glossary.md"
    page.write_text("\n\n".join(entry["definition"] for entry in entries))
    faults = Faults()
    source_names.check_paths(pages.read(page), tree, faults)
    source_names.check_names(pages.read(page), tree, faults)
    faults.raise_if_any()


def test_every_option_in_a_definition_is_one_of_the_tools(tree: SourceTree) -> None:
    known = "".join((tree.root / name).read_text() for name in ("common/arg.cpp", "tools/quantize/quantize.cpp"))
    known += (tree.root / "tools/llama-bench/llama-bench.cpp").read_text()
    options = set(re.findall(r"(?<![\w-])--[a-z][a-z-]+", GLOSSARY.read_text()))
    assert len(options) >= 5
    assert {option for option in options if f'"{option}"' not in known} == set()
