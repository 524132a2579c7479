"""A bank with one question of every kind, and how to answer it."""

from __future__ import annotations

from typing import Any

from backend.quizzes import services
from backend.quizzes.models import QuizAttempt, QuizResponse


def items(*names: str) -> list[dict[str, str]]:
    return [{"id": name, "html": f"<p>{name.title()}</p>"} for name in names]


BANK: list[dict[str, Any]] = [
    {"kind": "single", "choices": items("heap", "stack", "disk"), "key": {"correct": ["heap"], "reasons": {}}},
    {
        "kind": "multiple",
        "choices": items("weights", "cache", "prompt", "clock"),
        "key": {"correct": ["weights", "cache"], "reasons": {"clock": "<p>Clocks need no memory.</p>"}},
    },
    {"kind": "numeric", "choices": [], "key": {"answer": 1536.0, "tolerance": 0.01, "unit": "MiB"}},
    {"kind": "short", "choices": [], "key": {"accepted": ["llama_decode"], "case_sensitive": False}},
    {"kind": "order", "choices": items("load", "tokenize", "decode", "sample")[::-1],
     "key": {"order": ["load", "tokenize", "decode", "sample"]}},
    {
        "kind": "match",
        "choices": {"left": items("k", "v"), "right": items("key", "value")},
        "key": {"pairs": {"k": "key", "v": "value"}},
    },
    {"kind": "output", "choices": [], "key": {"accepted": ["1\n2"], "case_sensitive": True}},
    {"kind": "bug", "choices": items("4", "7", "9"), "key": {"correct": ["7"], "reasons": {}}},
]  # fmt: skip


def at(attempt: QuizAttempt, kind: str) -> QuizResponse:
    """The response to the question of a kind."""
    return attempt.responses.select_related("question__question").get(question__question__kind=kind)


def right_form(response: QuizResponse) -> dict[str, list[str]]:
    """Form fields that answer a question rightly."""
    key, order = response.question.key, response.order
    match response.question.question.kind:
        case "single" | "multiple" | "bug":
            return {"answer": [str(order.index(name) + 1) for name in key["correct"]]}
        case "numeric":
            return {"answer": [f"{key['answer']}"]}
        case "short" | "output":
            return {"answer": [key["accepted"][0]]}
        case "order":
            return {f"place-{shown}": [str(key["order"].index(name) + 1)] for shown, name in enumerate(order, 1)}
        case _:
            return {
                f"pair-{shown}": [str(order.index(key["pairs"][left["id"]]) + 1)]
                for shown, left in enumerate(response.question.choices["left"], 1)
            }


def answer_rightly(attempt: QuizAttempt, count: int | None = None) -> None:
    """Answer the first `count` questions (all, without a count)."""
    for response in attempt.responses.select_related("question__question")[:count]:
        services.answer(attempt, response.position, right_form(response))
