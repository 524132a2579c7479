"""From the click on Submit to the verdict in the page, against bare g++ and bare runs of the same program.

The reference compiles the same file with the same flags and runs it on the same number of inputs, drawn the same way,
one after the other, with no sandbox, no queue and no judge. Each pair uses a source that was never compiled before.

Usage: python -m tests.bench.click_to_verdict [LAB] [PAIRS]

The grading machine takes its settings from the environment: GRADER_SANDBOX=docker, with GRADER_DOCKER_HOST and
GRADER_DOCKER_IMAGE, measures that path (`sh deploy/setup/docker.sh start` prints both).
"""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any
from uuid import uuid4

from tests.bench.site import record, site, summary

ROOT = Path(__file__).resolve().parents[2]


def main(slug: str = "lab-1.1-build-and-link", pairs: int = 20) -> None:
    """Measure and print."""
    with site() as stack:
        from backend.curriculum.models import Lab
        from tests.factories import UserFactory

        stack.start_web()
        stack.start_backend()
        stack.start_grader()
        lab = Lab.objects.get(slug=slug)
        bare = Bare(slug)
        measured, reference = [], []
        for number in range(pairs + 2):
            source, learner = bare.source(number), UserFactory.create()
            reference.append(bare.seconds(source))
            measured.append(click(stack.url, learner, lab, bare.file_name, source))
        # The first two pairs warm caches and the precompiled header, as the first learner of a day does.
        phases = last_phases(learner)
        box = "-docker" if os.environ.get("GRADER_SANDBOX") == "docker" else ""
        record(f"click_to_verdict-{slug}{box}", summary(measured[2:], reference[2:], unit="s") | {"phases": phases})


def last_phases(learner: Any) -> dict[str, float]:
    """Where the time of the last submission went, in seconds."""
    from backend.labs.models import GradeAttempt

    attempt = GradeAttempt.objects.filter(submission__learner=learner).order_by("-finished_at").first()
    assert attempt is not None
    assert attempt.report is not None
    return {name: round(seconds, 3) for name, seconds in attempt.report["phases"].items()}


def click(url: str, learner: Any, lab: Any, file_name: str, source: str) -> float:
    """Seconds from the POST until the page shows the verdict to whoever asks at the right moment.

    The moment is taken from the database, so that asking does not compete with grading for the processor.
    """
    from backend.labs.models import Submission

    browser = Browser(url, learner)
    key = uuid4()
    began = time.perf_counter()
    browser.post(f"/labs/{lab.slug}/submit/", {"key": str(key), f"file:{file_name}": source})
    submission = Submission.objects.filter(learner=learner, idempotency_key=key)
    while not submission.exclude(verdict="").exists():
        assert time.perf_counter() - began < 120, "no verdict"
        time.sleep(0.005)
    page = browser.get(f"/submissions/{submission.get().pk}/status/")
    spent = time.perf_counter() - began
    assert "verdict-line-accepted" in page, page
    return spent


class Browser:
    """A signed-in HTTP client over one session cookie."""

    def __init__(self, url: str, user: Any) -> None:
        from django.test import Client

        client = Client()
        client.force_login(user, backend="allauth.account.auth_backends.AuthenticationBackend")
        self._url = url
        self._cookies = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())

    def get(self, path: str) -> str:
        """A page."""
        return self._ask(path, None, {})

    def post(self, path: str, fields: dict[str, str]) -> str:
        """A form."""
        from urllib.parse import urlencode

        token = "a" * 32
        self._cookies = re.sub(r"; csrftoken=\w+", "", self._cookies) + f"; csrftoken={token}"
        body = urlencode(fields | {"csrfmiddlewaretoken": token}).encode()
        return self._ask(path, body, {"HX-Request": "true", "Referer": self._url})

    def _ask(self, path: str, body: bytes | None, headers: dict[str, str]) -> str:
        import urllib.request

        request = urllib.request.Request(self._url + path, data=body, headers={"Cookie": self._cookies, **headers})
        with urllib.request.urlopen(request, timeout=30) as response:
            content: bytes = response.read()
            return content.decode()


class Bare:
    """The same program without a grader: g++ and the runs."""

    def __init__(self, slug: str) -> None:
        from grader import lab as labs
        from grader.casework import Bench, CaseContext, References, draw_cases, load_checks
        from grader.languages.cpp import compile_flags, link_flags
        from grader.sandbox import open_sandbox
        from grader.toolchain import current

        (folder,) = (ROOT / "content").glob(f"modules/*/labs/{slug}")
        self.lab = labs.load_lab(folder)
        (self.file_name,) = self.lab.spec.entry.files
        toolchain = current()
        assert toolchain is not None, "build the engine first: python -m grader.toolchain build"
        self._engine = toolchain.root
        self._models = toolchain.models_dir
        bench = Bench(self.lab, toolchain, open_sandbox("bubblewrap"))
        context = CaseContext(bench, random.Random(1), References(bench))
        drawn = draw_cases(self.lab, load_checks(self.lab), context)
        self._cases = [case for cases in drawn.values() for case in cases]
        flags = [*compile_flags(self.lab.spec), f"-I{self._engine}/include"]
        self._flags = [*flags, *(flag.replace("/engine/", f"{self._engine}/") for flag in link_flags(self.lab.spec))]

    def source(self, number: int) -> str:
        """The reference solution, as a file that was never compiled before."""
        return f"// {number} {uuid4()}\n{self.lab.reference[self.file_name].decode()}"

    def seconds(self, source: str) -> float:
        """Compile once and run every case; only g++ and the program are timed."""
        with tempfile.TemporaryDirectory() as name:
            folder = Path(name)
            (folder / self.file_name).write_text(source)
            compiler = ["g++", *self._flags]
            sources = compiler[:1] + [flag for flag in compiler[1:] if not flag.startswith("-l")]
            libraries = [flag for flag in compiler if flag.startswith("-l")]
            program = folder / "program"
            began = time.perf_counter()
            subprocess.run([*sources, "-o", program, folder / self.file_name, *libraries], check=True)
            spent = time.perf_counter() - began
            for number, case in enumerate(self._cases):
                spent += self._run(program, folder / str(number), case)
            return spent

    def _run(self, program: Path, folder: Path, case: Any) -> float:
        for path, content in case.files.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(content)
        folder.mkdir(exist_ok=True)
        places = {"/in/": f"{folder}/", "/models/": f"{self._models}/"}
        words = [str(word) for word in case.args]
        for box, host in places.items():
            words = [word.replace(box, host, 1) if word.startswith(box) else word for word in words]
        began = time.perf_counter()
        subprocess.run(
            [program, *words], input=case.stdin, capture_output=True, check=False, env={"PATH": os.environ["PATH"]}
        )
        return time.perf_counter() - began


if __name__ == "__main__":
    asked = sys.argv[1:]
    main(asked[0] if asked else "lab-1.1-build-and-link", int(asked[1]) if len(asked) > 1 else 20)
