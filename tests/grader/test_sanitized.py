"""Sanitizers say where a C++ program that failed went wrong, and nothing else."""

from __future__ import annotations

import pytest

from grader.contract import FindingKind, Verdict
from grader.lab import Lab, digest_of, read_spec
from grader.languages import sanitized
from grader.pipeline import Grading, grade
from grader.sandbox import Sandbox
from grader.toolchain import Toolchain

SPEC = """
title: Any program
summary: A program that gets one number and prints it.
language: cpp
entry: {files: [main.cpp]}
explain: {seconds: 30, sanitizers: failure}
stages:
  tests:
    - {id: only, title: It prints the number, points: 1, hidden: HIDDEN}
"""
CHECKS = """
from grader.checks import Case, right
from grader.checks.compare import same_text
def cases(context):
    number = str(context.rng.randint(10**8, 10**9))
    return [Case("only", stdin=number.encode(), expected=number)]
def judge(case, run, context):
    return same_text(run.stdout, case.expected) or right()
"""
HEAD = "#include <cstdio>\n#include <cstdlib>\n#include <cstring>\n#include <vector>\n"


def graded(source: str, toolchain: Toolchain, sandbox: Sandbox, *, hidden: bool = False, seed: int = 1) -> Grading:
    spec = SPEC.replace("HIDDEN", str(hidden).lower())
    files = {"grading.yml": spec.encode(), "checks.py": CHECKS.encode(), "reference/main.cpp": b""}
    lab = Lab("any", digest_of(files), read_spec(spec, where="any"), files)
    return grade(lab, {"main.cpp": source.encode()}, toolchain=toolchain, sandbox=sandbox, seed=seed)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("body", "kind", "line", "words"),
    [
        ("int* p = (int*) malloc(16);\n*p = argc; printf(\"%d\", p[4]);", FindingKind.OUT_OF_BOUNDS, 6, "block of 16"),
        ("char* p = new char[8]; delete[] p;\nprintf(\"%c\", p[argc]);", FindingKind.USE_AFTER_FREE, 6, "freed"),
        ("int n = 2147483647;\nprintf(\"%d\", n + argc);", FindingKind.UNDEFINED, 6, "overflow"),
        ("volatile int zero = argc - 1;\nprintf(\"%d\", 1 / zero);", FindingKind.UNDEFINED, 6, "ivision by zero"),
        ("int a[4] = {};\nprintf(\"%d\", a[argc + 3]);", FindingKind.OUT_OF_BOUNDS, 6, "out of bounds"),
        ("int* volatile p = nullptr;\n*p = 1;", FindingKind.UNDEFINED, 6, "null pointer"),
        ("char* volatile p = (char*) malloc(4);\nfree(p); free(p);", FindingKind.USE_AFTER_FREE, 6, "twice"),
    ],
    ids=["heap", "freed", "overflow", "division", "stack", "null", "double-free"],
)  # fmt: skip
def test_a_failing_program_gets_the_line_where_it_went_wrong(
    body: str, kind: FindingKind, line: int, words: str, toolchain: Toolchain, sandbox: Sandbox
) -> None:
    source = f"{HEAD}int main(int argc, char**) {{ {body}\nreturn 0; }}\n".replace("{ ", "{\n", 1)
    grading = graded(source, toolchain, sandbox)
    found = [row for row in grading.tests[0].findings if row.kind is kind]
    assert found, (grading.tests[0], grading.message)
    assert (found[0].file, found[0].line) == ("main.cpp", line + 1)
    assert words in found[0].message


@pytest.mark.slow
def test_what_a_program_writes_of_a_hidden_input_is_no_finding(toolchain: Toolchain, sandbox: Sandbox) -> None:
    forged = """#include <cstdio>
#include <cstdlib>
int main() {
    char word[32] = "";
    if (scanf("%31s", word) != 1) return 1;
    fprintf(stderr, "/src/main.cpp:2:1: runtime error: %s\\n/src/%s:1:1: runtime error: x\\n", word, word);
    fprintf(stderr, "==1==ERROR: AddressSanitizer: SEGV\\n    #0 0x1 in %s /src/main.cpp:%.3s\\n", word, word);
    abort();
}
"""
    import random

    number = str(random.Random("1/cases").randint(10**8, 10**9))
    grading = graded(forged, toolchain, sandbox, hidden=True)
    assert grading.verdict is Verdict.RUNTIME_ERROR
    assert number not in grading.tests[0].model_dump_json()


@pytest.mark.slow
def test_a_program_that_passes_is_not_built_again(toolchain: Toolchain, sandbox: Sandbox) -> None:
    source = HEAD + 'int main() { char w[32]; if (scanf("%31s", w) == 1) puts(w); }\n'
    grading = graded(source, toolchain, sandbox)
    assert grading.verdict is Verdict.ACCEPTED
    assert grading.tests[0].findings == []


@pytest.mark.parametrize(
    "stderr",
    [
        b"/src/other.cpp:1:1: runtime error: x\n",
        b"/src/main.cpp:99:1: runtime error: x\n",
        b"/src/main.cpp:0:1: runtime error: x\n",
        b"/src/../etc/passwd:1:1: runtime error: x\n",
        b"==1==ERROR: AddressSanitizer: heap-buffer-overflow on address\n    #0 0x12 in f /usr/include/x.h:3\n",
        b"/src/" + b"a" * 600 + b":1:1: runtime error: x\n",
        b"==1==ERROR: AddressSanitizer: SEGV on\n    #0 0x12 in f /src/" + b"a" * 600 + b":1\n",
        b"\xff\0" * 1000,
        b"==1==ERROR: AddressSanitizer: " * 10_000,
    ],
)
def test_a_report_about_no_line_of_the_learner_is_dropped(stderr: bytes) -> None:
    assert sanitized.findings(stderr, {"main.cpp": b"int main() {\n}\n"}) == []


def test_the_same_place_is_counted_and_the_list_is_bounded() -> None:
    files = {"main.cpp": b"\n" * 100}
    line = b"/src/main.cpp:%d:1: runtime error: signed integer overflow\n"
    assert [row.count for row in sanitized.findings(line % 5 * 3, files)] == [3]
    assert len(sanitized.findings(b"".join(line % n for n in range(1, 60)), files)) == sanitized.MAX_FINDINGS
