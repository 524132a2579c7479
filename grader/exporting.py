"""The shown tests of a lab of functions as a pytest file, for a learner's own machine.

They come from the same cases that grading draws, with a fixed seed; hidden tests never leave the grader.
"""

from __future__ import annotations

import json
import random
from pathlib import Path

from grader.casework import Bench, CaseContext, References, draw_cases, load_checks
from grader.checks.functions import calls_of, encode_call
from grader.languages import inside

VALUES = "lab_values.py"
CASES = "lab_cases.json"
_TEST = '''"""Shown tests of {slug}: {title}

Put this folder's files beside {file} and run `python -m pytest`. Inputs were drawn with seed {seed}.
"""

import importlib
import json
import math
from pathlib import Path

import lab_values
import pytest

ROWS = json.loads(Path(__file__).with_name("{cases}").read_text())
{module} = importlib.import_module("{module}")


def same(seen, expected, row):
    """Numbers within the lab's tolerance, everything else exactly; lists, tuples and dicts item by item."""
    if hasattr(expected, "dtype"):
        import numpy as np

        assert isinstance(seen, np.ndarray), "an array was expected"
        assert seen.shape == expected.shape, "the array has another shape"
        assert seen.dtype == expected.dtype, "the array has another dtype"
        np.testing.assert_allclose(seen, expected, rtol=row["relative"], atol=row["absolute"])
    elif isinstance(expected, float) and math.isfinite(expected):
        assert seen == pytest.approx(expected, rel=row["relative"], abs=row["absolute"])
    elif isinstance(expected, (list, tuple)):
        assert type(seen) is type(expected)
        assert len(seen) == len(expected)
        for one, other in zip(seen, expected):
            same(one, other, row)
    elif isinstance(expected, dict):
        assert seen.keys() == expected.keys()
        for key in expected:
            same(seen[key], expected[key], row)
    else:
        assert seen == expected or (seen != seen and expected != expected)


@pytest.mark.parametrize("row", ROWS, ids=[row["test"] + ": " + row["function"] for row in ROWS])
def test_shown(row):
    function = getattr({module}, row["function"])
    arguments = [lab_values.decode(value) for value in row["args"]]
    named = {{name: lab_values.decode(value) for name, value in row["kwargs"].items()}}
    if row["raises"]:
        with pytest.raises(Exception) as caught:
            function(*arguments, **named)
        assert row["raises"] in [kind.__name__ for kind in type(caught.value).__mro__]
    else:
        seen = function(*arguments, **named)
        if "expected" in row:
            same(seen, lab_values.decode(row["expected"]), row)
'''


class NothingToExport(ValueError):
    """The lab has no shown tests of functions; the message says what to do instead."""


def export(bench: Bench, folder: Path, *, seed: int) -> list[Path]:
    """Write the pytest file and what it needs into `folder`; gives the paths.

    Raises:
        NothingToExport: the lab's learners write a program, or every test is hidden.
        GraderFault: the lab's `cases` failed.
    """
    lab = bench.lab
    rng = random.Random(f"{seed}/cases")  # noqa: S311 - repeatable on purpose
    cases = draw_cases(lab, load_checks(lab), CaseContext(bench, rng, References(bench)))
    shown = [test.id for test in lab.spec.stages.tests if not test.hidden]
    rows = [{"test": name, **encode_call(call)} for name in shown for case in cases[name] for call in calls_of(case)]
    if not lab.spec.entry.functions or not rows:
        raise NothingToExport(
            f"{lab.slug} has no shown tests of functions. Grade your files instead: "
            f"python -m grader run --lab {lab.slug} --submission DIR"
        )
    file = lab.spec.entry.files[0]
    module = file.removesuffix(".py")
    text = _TEST.format(slug=lab.slug, title=lab.spec.title, file=file, seed=seed, cases=CASES, module=module)
    made = {
        f"test_{module}.py": text.encode(),
        CASES: (json.dumps(rows, indent=1) + "\n").encode(),
        VALUES: Path(inside.__file__).with_name("values.py").read_bytes(),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in made.items():
        (folder / name).write_bytes(content)
    return [folder / name for name in made]
