"""Grammars, by the pinned engine's own sampler. Runs in a box."""

from __future__ import annotations

import math
import os
from typing import Any

from .reading import Fault


class _Engine:
    """The vocabulary of a small model: the sampler's grammar works on tokens, here one for each byte."""

    def __init__(self) -> None:
        import ctypes

        import llama_cpp

        self.lib = llama_cpp
        self._said: list[str] = []
        self._listener = llama_cpp.llama_log_callback(lambda level, words, data: self._said.append(words.decode()))
        llama_cpp.llama_log_set(self._listener, ctypes.c_void_p(0))
        options = llama_cpp.llama_model_default_params()
        options.vocab_only = True
        model = llama_cpp.llama_model_load_from_file(os.environ["BOX_VOCABULARY"].encode(), options)
        self.vocab = llama_cpp.llama_model_get_vocab(model)
        self.end = llama_cpp.llama_vocab_eos(self.vocab)
        self.token: dict[int, int] = {}
        piece = ctypes.create_string_buffer(8)
        for number in range(llama_cpp.llama_vocab_n_tokens(self.vocab)):
            if llama_cpp.llama_token_to_piece(self.vocab, number, piece, 8, 0, False) == 1:
                self.token.setdefault(piece.raw[0], number)

    def grammar(self, text: str) -> Any:
        """A sampler that allows what the grammar allows."""
        words, sampler = self._told(lambda: self.lib.llama_sampler_init_grammar(self.vocab, text.encode(), b"root"))
        if not sampler:
            raise _grammar_fault(text, words)
        return sampler

    def _told(self, call: Any) -> tuple[str, Any]:
        """What the engine writes to standard error during a call, and what the call gives."""
        import tempfile

        with tempfile.TemporaryFile() as file:
            self._said.clear()
            kept = os.dup(2)
            os.dup2(file.fileno(), 2)
            try:
                given = call()
            finally:
                os.dup2(kept, 2)
                os.close(kept)
            file.seek(0)
            return file.read(200_000).decode(errors="replace") + "".join(self._said), given

    def allows(self, sampler: Any, token: int) -> bool:
        """Whether the sampler leaves a token a chance."""
        one = (self.lib.llama_token_data * 1)(self.lib.llama_token_data(token, 1.0, 0.0))
        row = self.lib.llama_token_data_array(one, 1, -1, False)
        self.lib.llama_sampler_apply(sampler, row)
        return bool(one[0].logit != -math.inf)


def _grammar_fault(text: str, words: str) -> Fault:
    """The engine's words, and the line that they point to by quoting the rest of the file."""
    message = words.split("error parsing grammar: ", 1)[-1]
    head, at, rest = message.partition(" at ")
    if at and head.startswith(("expecting", "unknown", "no vocab")):
        place = next((size for size in range(len(text), 0, -1) if rest.startswith(text[-size:])), 0)
        line = text.count("\n", 0, len(text) - place) + 1
        return Fault(f"{head.strip()} here", line)
    first = message.strip().split("\n")[0] or "The engine refuses this grammar."
    named = first.rsplit("'", 2)
    if "Undefined rule identifier" in first and len(named) == 3:
        spot = text.find(named[1])
        return Fault(first, text.count("\n", 0, spot) + 1 if spot >= 0 else 0)
    return Fault(first, text.count("\n") + 1 if "end of input" in first else 0)


def parse_gbnf(text: str) -> Any:
    """Names of the rules, once the engine has taken the grammar."""
    if not text.strip():
        raise Fault("The grammar is empty.", 1)
    _Engine().grammar(text)
    return [line.split("::=")[0].strip() for line in text.split("\n") if "::=" in line and not line.startswith("#")]


def ask_gbnf(text: str, questions: list[Any]) -> list[Any]:
    """For each string: whether the grammar takes all of it, and if not, the byte at which it stops."""
    engine, answers = _Engine(), []
    for question in questions:
        sampler, rejected_at = engine.grammar(text), -1
        content = str(question).encode()
        for place, byte in enumerate(content):
            if not engine.allows(sampler, engine.token[byte]):
                rejected_at = place
                break
            engine.lib.llama_sampler_accept(sampler, engine.token[byte])
        complete = rejected_at < 0 and engine.allows(sampler, engine.end)
        engine.lib.llama_sampler_free(sampler)
        answers.append({"accepted": complete, "at": len(content) if rejected_at < 0 else rejected_at})
    return answers
