"""Question q-1-08: finds the one line whose correction makes the generation loop work.

Every line that is an option is replaced by the best a reader could propose for it; the answer is the line whose
replacement alone makes the program right.
"""

from __future__ import annotations

from pathlib import Path

import yaml

REPLACEMENTS = {
    "3": "    for start in range(0, len(tokens) - 1, engine.n_batch):",
    "7": "        token = answer[-1] if answer else engine.pick()",
    "11": "        pass",
    "12": "        engine.decode([token])",
}


class Engine:
    """A model whose next id is the sum of all ids of a text that it has seen once, and nothing of a longer one."""

    n_batch, eog = 4, -1

    def __init__(self) -> None:
        self.context: list[int] = []

    def decode(self, ids: list[int]) -> None:
        """Append to the context, at most n_batch ids at a time."""
        if len(ids) > self.n_batch:
            raise ValueError("more tokens than n_batch")
        self.context += ids

    def pick(self) -> int:
        """The next id, which depends on everything in the context."""
        return sum(place * one for place, one in enumerate(self.context, start=1)) % 97


def works(program: str) -> bool:
    """Whether the loop gives what the model says of each text so far."""
    names: dict[str, object] = {}
    exec(program, names)
    for prompt in ([5], [1, 2, 3], [7, 1, 8, 2, 8, 1]):
        text = list(prompt)
        for _ in range(6):
            text.append(sum(place * one for place, one in enumerate(text, start=1)) % 97)
        try:
            answer = names["generate"](Engine(), prompt, 6)  # type: ignore[operator]
        except ValueError:
            return False
        if answer != text[len(prompt) :]:
            return False
    return True


questions = yaml.safe_load(Path("questions.yml").read_text(encoding="utf-8"))
lines = next(one for one in questions if one["id"] == "q-1-08")["program"].splitlines()
assert not works("\n".join(lines)), "the program of the question must be wrong as it stands"
for number, replacement in REPLACEMENTS.items():
    changed = list(lines)
    changed[int(number) - 1] = replacement
    if works("\n".join(changed)):
        print(number)
