"""A supervisor as a process of its own: `python -m tests.ops.supervised NOTES_FILE CHILDREN_AS_JSON`."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from backend.config.supervisor import Child, Supervisor


def _say(who: str, text: str) -> None:
    print(f"{who}: {text}", flush=True)


if __name__ == "__main__":
    children = [Child(environment=dict(os.environ), **row) for row in json.loads(sys.argv[2])]
    Supervisor(children, say=_say, notes=Path(sys.argv[1])).run()
    print("ended", flush=True)
