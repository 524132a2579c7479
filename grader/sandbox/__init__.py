"""Running learner code. `open_sandbox` gives what works here; see `interface` for what it promises.

Nouns: a *box* is one run's isolated surroundings; a *mount* is a piece of the host shown read-only inside; *limits*
end a run; an *outcome* is what came of it.
"""

from __future__ import annotations

from typing import Literal

from grader.sandbox.bubblewrap import Bubblewrap
from grader.sandbox.interface import (
    Answer,
    Conversation,
    ConversationOver,
    Limit,
    Limits,
    Mount,
    Outcome,
    Sandbox,
    SandboxFault,
    SandboxUnavailable,
    Silence,
)
from grader.sandbox.unprotected import Unprotected

Kind = Literal["auto", "bubblewrap", "none"]


def open_sandbox(kind: Kind = "auto") -> Sandbox:
    """A sandbox of a kind; "auto" takes the best one and never "none".

    Raises:
        SandboxUnavailable: it cannot work here; says why and what to do.
    """
    return Unprotected() if kind == "none" else Bubblewrap()


__all__ = [
    "Answer",
    "Bubblewrap",
    "Conversation",
    "ConversationOver",
    "Kind",
    "Limit",
    "Limits",
    "Mount",
    "Outcome",
    "Sandbox",
    "SandboxFault",
    "SandboxUnavailable",
    "Silence",
    "Unprotected",
    "open_sandbox",
]
