"""The loop of simple_generate.cpp through ctypes, for one fixed prompt and a fixed number of tokens.

Usage: example_generate_lowlevel.py MODEL.gguf

Shows how the functions of llama.h are called from Python and how their objects are freed. It is no
general generator: the prompt must fit into one batch, and the model is not asked whether it has finished.
"""

from __future__ import annotations

import ctypes
import sys
from contextlib import ExitStack

import llama_cpp as llama

PROMPT = b"The server"
N_PREDICT = 16
WARN, ERROR = 3, 4  # of enum ggml_log_level, for which llama_cpp has no names


# region log
# A function of the module: as long as the engine may log, Python must not collect it.
@llama.llama_log_callback
def log_problems(level: int, text: bytes, user_data: object) -> None:
    """Pass warnings and errors on, and nothing else."""
    if level in (WARN, ERROR):
        sys.stderr.write(text.decode("utf-8", "replace"))
# endregion log


def piece(vocab: llama.llama_vocab_p, token: int) -> bytes:
    """The bytes of one token; they can end in the middle of a character."""
    buffer = ctypes.create_string_buffer(256)
    n = llama.llama_token_to_piece(vocab, token, buffer, len(buffer), 0, False)
    return buffer.raw[: max(n, 0)]


# region generate
def generate(path: str) -> bytes:
    """What the model says after PROMPT, N_PREDICT tokens of it.

    Raises RuntimeError when the engine refuses the file, the context or a batch.
    """
    with ExitStack() as last_in_first_out:
        model = llama.llama_model_load_from_file(path.encode(), llama.llama_model_default_params())
        if model is None:  # a null pointer arrives as None
            raise RuntimeError(f"cannot load {path}")
        last_in_first_out.callback(llama.llama_model_free, model)
        vocab = llama.llama_model_get_vocab(model)

        params = llama.llama_context_default_params()
        params.n_ctx = 256
        params.n_threads = params.n_threads_batch = 2
        ctx = llama.llama_init_from_model(model, params)
        if ctx is None:
            raise RuntimeError("cannot create a context")
        last_in_first_out.callback(llama.llama_free, ctx)

        sampler = llama.llama_sampler_chain_init(llama.llama_sampler_chain_default_params())
        last_in_first_out.callback(llama.llama_sampler_free, sampler)
        llama.llama_sampler_chain_add(sampler, llama.llama_sampler_init_greedy())  # the chain owns it now

        ids = (llama.llama_token * 16)()
        n = llama.llama_tokenize(vocab, PROMPT, len(PROMPT), ids, len(ids), True, False)
        one = (llama.llama_token * 1)()
        batch = llama.llama_batch_get_one(ids, n)
        text = b""
        for _ in range(N_PREDICT):
            status = llama.llama_decode(ctx, batch)
            if status != 0:
                raise RuntimeError(f"llama_decode returned {status}")
            one[0] = llama.llama_sampler_sample(sampler, ctx, -1)
            text += piece(vocab, one[0])
            batch = llama.llama_batch_get_one(one, 1)  # keeps the address of `one`, not its value
        return text
# endregion generate


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: example_generate_lowlevel.py MODEL.gguf")
    llama.llama_log_set(log_problems, None)
    llama.llama_backend_init()
    try:
        print((PROMPT + generate(sys.argv[1])).decode("utf-8", "replace"))
    except RuntimeError as error:
        sys.exit(f"error: {error}")
