"""Shows what temperature does to one real probability distribution.

Usage: example_softmax_temperature.py MODEL.gguf PROMPT

Decodes the prompt once, takes the logits of its last token, and prints the most
likely next tokens with their probability at several temperatures.
"""

from __future__ import annotations

import sys

import llama_cpp as llama
import numpy as np
from numpy.typing import NDArray

TEMPERATURES = (0.5, 1.0, 1.5)
ROWS = 6


# region softmax
def softmax(logits: NDArray[np.float64], temperature: float) -> NDArray[np.float64]:
    """Probabilities of all tokens; the maximum is subtracted so that exp() cannot overflow."""
    scaled = logits / temperature
    weights = np.exp(scaled - scaled.max())
    return np.asarray(weights / weights.sum())
# endregion softmax


@llama.llama_log_callback
def _quiet(level: int, text: bytes, user_data: object) -> None:
    """Keep the loader's log lines out of the table."""


# region logits
def next_token_logits(path: str, prompt: str) -> tuple[list[int], list[str], NDArray[np.float64]]:
    """Token ids of the prompt, the text of every vocabulary entry, and the last token's logits.

    Raises ValueError when the file is no usable model or the prompt does not fit.
    """
    llama.llama_backend_init()
    model = llama.llama_model_load_from_file(path.encode(), llama.llama_model_default_params())
    if not model:
        raise ValueError(f"cannot load {path}")
    vocab = llama.llama_model_get_vocab(model)
    text = prompt.encode()
    ids = (llama.llama_token * (len(text) + 2))()
    n = llama.llama_tokenize(vocab, text, len(text), ids, len(ids), True, False)
    params = llama.llama_context_default_params()
    params.n_ctx = params.n_batch = max(n, 1)  # the whole prompt in one call
    ctx = llama.llama_init_from_model(model, params)
    if not ctx or n < 1 or llama.llama_decode(ctx, llama.llama_batch_get_one(ids, n)) != 0:
        raise ValueError("the prompt cannot be decoded")
    n_vocab = llama.llama_vocab_n_tokens(vocab)
    row = llama.llama_get_logits_ith(ctx, -1)  # a pointer into the context's own buffer
    logits = np.ctypeslib.as_array(row, shape=(n_vocab,)).astype(np.float64)  # so copy it
    pieces = [llama.llama_vocab_get_text(vocab, i).decode("utf-8", "replace") for i in range(n_vocab)]
    llama.llama_free(ctx)
    llama.llama_model_free(model)
    return list(ids[:n]), pieces, logits
# endregion logits


def main(path: str, prompt: str) -> None:
    """Print the prompt's token ids and the table."""
    ids, pieces, logits = next_token_logits(path, prompt)
    columns = [softmax(logits, t) for t in TEMPERATURES]
    print(f"prompt ids {ids}; {len(logits)} logits")
    print("token            logit" + "".join(f"   T={t:.1f}" for t in TEMPERATURES))
    for i in np.argsort(-logits)[:ROWS]:
        print(f"{pieces[i]:14s} {logits[i]:7.2f}" + "".join(f" {p[i]:7.3f}" for p in columns))
    print("all the others        " + "".join(f" {1 - np.sort(p)[-ROWS:].sum():7.3f}" for p in columns))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("usage: example_softmax_temperature.py MODEL.gguf PROMPT")
    llama.llama_log_set(_quiet, None)
    try:
        main(sys.argv[1], sys.argv[2])
    except ValueError as error:
        sys.exit(f"error: {error}")
