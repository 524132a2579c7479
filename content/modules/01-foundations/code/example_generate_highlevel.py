"""Streams a completion with the Llama class and says why it ended.

Usage: example_generate_highlevel.py MODEL.gguf PROMPT [STOP ...]

Each STOP is a text at which generation ends; the text itself is not printed.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from contextlib import closing

from llama_cpp import Llama

MAX_TOKENS = 32


# region stream
def stream(llm: Llama, prompt: str, stop: Sequence[str]) -> str:
    """Print the pieces as they come; the answer says why the last one was the last: "stop" or "length"."""
    reason = "length"
    for chunk in llm.create_completion(prompt, max_tokens=MAX_TOKENS, temperature=0, stop=list(stop), stream=True):
        choice = chunk["choices"][0]
        print(choice["text"], end="", flush=True)
        reason = choice["finish_reason"] or reason  # None in all chunks but the last
    return reason
# endregion stream


def main(path: str, prompt: str, stop: Sequence[str]) -> None:
    """Load the model, print prompt and completion."""
    # region load
    with closing(Llama(path, n_ctx=0, verbose=False)) as llm:  # 0: the length the model was trained on
        print(prompt, end="")
        reason = stream(llm, prompt, stop)
        print(f"\n[{reason} after {llm.n_tokens} tokens in the context of {llm.n_ctx()}]")
    # endregion load


if __name__ == "__main__":
    if len(sys.argv) < 3:
        sys.exit("usage: example_generate_highlevel.py MODEL.gguf PROMPT [STOP ...]")
    try:
        main(sys.argv[1], sys.argv[2], sys.argv[3:])
    except ValueError as error:
        sys.exit(f"error: {error}")
