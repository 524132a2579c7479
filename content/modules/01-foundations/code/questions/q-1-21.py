"""Question q-1-21: finds the one line whose correction makes the size of the KV cache right.

Every line that is an option is replaced by the best a reader could propose for it; the answer is the line whose
replacement alone makes the function right for every model below.
"""

from __future__ import annotations

from pathlib import Path

import yaml

REPLACEMENTS = {
    "2": "    head_size = n_embd // n_head_kv",
    "3": "    cells = n_ctx // 2",
    "4": "    row = n_head_kv * head_size",
    "5": "    return n_layer * cells * row * value_bytes",
}
# (arguments, bytes): the fixture model as the engine reports it, one with equal head counts, one with 32 and 8 heads.
KNOWN = [
    ((4, 8, 4, 256, 256, 2), 524_288),
    ((4, 8, 8, 256, 256, 2), 1_048_576),
    ((32, 32, 8, 4096, 8192, 2), 2**30),
]


def works(program: str) -> bool:
    """Whether the function gives the known sizes."""
    names: dict[str, object] = {}
    exec(program, names)
    return all(names["kv_bytes"](*arguments) == size for arguments, size in KNOWN)  # type: ignore[operator]


questions = yaml.safe_load(Path("questions.yml").read_text(encoding="utf-8"))
lines = next(one for one in questions if one["id"] == "q-1-21")["program"].splitlines()
assert not works("\n".join(lines)), "the program of the question must be wrong as it stands"
for number, replacement in REPLACEMENTS.items():
    changed = list(lines)
    changed[int(number) - 1] = replacement
    if works("\n".join(changed)):
        print(number)
