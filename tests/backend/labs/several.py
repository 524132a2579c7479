"""A lab that asks for several files."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from backend.curriculum.models import Lab, LabRevision
from grader import lab as lab_format
from tests.factories import LabFactory
from tests.stack import TINY_LAB

FILES = {
    "main.cpp": '#include "kernel.cuh"\n\nint main() {\n    launch();\n    return 0;\n}\n',
    "kernel.cuh": "#pragma once\n\nvoid launch();\n",
    "kernel.cu": '#include "kernel.cuh"\n\n__global__ void add(float * x) {\n    x[threadIdx.x] += 1.0f;\n}\n',
}


def load_lab_of(files: Mapping[str, str], *, language: str = "cuda", slug: str = "lab-several", **fields: Any) -> Lab:
    """A ready lab that starts from these files. What it grades by is the tiny lab's; only its pages make sense."""
    tiny = lab_format.load_lab(TINY_LAB)
    spec = tiny.files["grading.yml"].decode()
    spec = spec.replace("files: [main.py]", f"files: [{', '.join(files)}]")
    spec = spec.replace("language: python", f"language: {language}")
    assert all(name in spec for name in files), "the tiny lab's grading.yml has another form than this expects"
    kept = {name: data for name, data in tiny.files.items() if not name.startswith(("starter/", "reference/"))}
    texts = {f"{folder}/{name}": text.encode() for folder in ("starter", "reference") for name, text in files.items()}
    content = {**kept, **texts, "grading.yml": spec.encode()}
    digest = lab_format.digest_of(content)
    bundle = lab_format.Lab(slug=slug, digest=digest, spec=lab_format.read_spec(spec, where=slug), files=content)
    lab = LabFactory.create(
        slug=slug, title="Several files", summary="A lab that asks for several files.", language=language,
        max_score=bundle.spec.max_score, digest=digest, **fields,
    )  # fmt: skip
    LabRevision.objects.create(lab=lab, digest=digest, bundle=lab_format.pack(bundle))
    return lab
