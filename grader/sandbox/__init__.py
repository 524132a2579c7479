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
from grader.sandbox.yielding import Yielding

Kind = Literal["auto", "bubblewrap", "docker", "none"]
KINDS: tuple[Kind, ...] = ("auto", "bubblewrap", "docker", "none")


def open_sandbox(kind: Kind = "auto") -> Sandbox:
    """A sandbox of a kind; "auto" takes bubblewrap, which is quicker, or else Docker, and never "none".

    Raises:
        SandboxUnavailable: it cannot work here; says why and what to do.
    """
    match kind:
        case "none":
            return Unprotected()
        case "docker":
            return _open_docker()
        case "bubblewrap":
            return Bubblewrap()
    try:
        return Bubblewrap()
    except SandboxUnavailable as without_docker:
        try:
            return _open_docker()
        except SandboxUnavailable as error:
            raise SandboxUnavailable(f"{without_docker} Docker would do as well, but: {error}") from error


def _open_docker() -> Sandbox:
    # Docker's library is only loaded where it is used.
    from grader.sandbox.docker import Docker

    return Docker()


__all__ = [
    "KINDS",
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
    "Yielding",
    "open_sandbox",
]
