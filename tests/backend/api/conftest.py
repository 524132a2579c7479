"""Speaking to the API as a program does."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from backend.accounts.models import User
from backend.curriculum.models import Lab, LabRevision
from grader import lab as lab_format
from tests.backend.labs.conftest import grading_redis, redis_server, submit, tiny_lab
from tests.backend.labs.hand import RIGHT
from tests.factories import LabFactory

__all__ = ["grading_redis", "redis_server", "submit", "tiny_lab"]

CANARY = "canary-7f3a"
"""Stands in everything of the secret lab that no learner may see."""

Post = Callable[..., Any]
BrowserOf = Callable[[User], Client]
QueriesOf = Callable[[Client, str], int]


@pytest.fixture
def queries_of(db: None) -> QueriesOf:
    """How many queries an answer takes, without those of the rate limit, which lie in the cache's table."""

    def count(browser: Client, address: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert browser.get(f"/api/v1/{address}").status_code == 200
        asked = [query["sql"] for query in queries]
        return sum(not sql.startswith(("SAVEPOINT", "RELEASE")) and '"cache"' not in sql for sql in asked)

    return count


@pytest.fixture
def post() -> Post:
    """Posts a hand-in: `post(browser, lab, files={...}, key=...)`; `body` replaces the whole document."""

    def send(browser: Client, slug: str, **parts: Any) -> Any:
        headers, body = parts.pop("headers", {}), parts.pop("body", None)
        document = {"key": str(uuid4()), "files": {"main.py": RIGHT.decode()}, **parts}
        content_type = parts.pop("content_type", "application/json")
        raw = json.dumps(document).encode() if body is None else body
        address = f"/api/v1/labs/{slug}/submissions/"
        # As bytes: the test client's own `post` would read the charset before the API does.
        return browser.generic("POST", address, raw, content_type, headers=headers)

    return send


@pytest.fixture
def secret_lab(db: None, tmp_path: Path) -> Lab:
    """A lab with canaries in its checks, reference, mutants, harness, hints and surplus starter files."""
    folder = tmp_path / "lab-secret"
    parts = {
        "grading.yml": (
            "title: Secret lab\nsummary: A lab whose hidden parts carry canaries.\nlanguage: python\n"
            f"entry: {{files: [main.py], signature: main.py FILE}}\nbuild: {{harness: [{CANARY}.py]}}\n"
            "forbidden: [{symbol: eval, reason: It hides the point.}]\n"
            f"stages:\n  tests:\n    - {{id: shown, title: Shown test, points: 2, hint: {CANARY}}}\n"
            f"    - {{id: hidden, title: Hidden test, points: 3, hidden: true, hint: {CANARY}}}\n"
        ),
        "checks.py": f"# {CANARY}\n",
        "starter/main.py": "# your turn\n",
        f"starter/{CANARY}.txt": CANARY,
        "reference/main.py": f"# {CANARY}\n",
        "mutants/wrong/main.py": f"# {CANARY}\n",
        f"harness/{CANARY}.py": f"# {CANARY}\n",
    }
    for name, text in parts.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    bundle = lab_format.load_lab(folder)
    lab = LabFactory.create(slug="lab-secret", title="Secret lab", language="python", digest=bundle.digest, max_score=5)
    LabRevision.objects.create(lab=lab, digest=bundle.digest, bundle=lab_format.pack(bundle))
    return lab
