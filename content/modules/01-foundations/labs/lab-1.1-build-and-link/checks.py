"""Draws GGUF models and judges the cards that `model_card` prints of them.

Models are written here byte by byte, so that what a card must say is known from
the draw and not from any reader of the format.
"""

from __future__ import annotations

import json
import math
import random
import struct
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from grader.checks import Case, Context, Judgement, Run, right, wrong
from grader.checks.compare import Malformed, exited, json_of

Card = dict[str, Any]

NUMBERS = ("n_params", "size_bytes", "n_layer", "n_head", "n_head_kv", "n_embd", "n_ctx_train", "n_vocab")
STRINGS = ("arch", "name", "description", "chat_template")
CUT_OFF = (
    "llama_model_meta_val_str is like snprintf: it returns the length it needed. "
    "Compare that with the size of your buffer, and call again with a larger one; "
    "the terminating zero needs a byte more than the length says."
)
HINTS = {
    "arch": "The architecture is the metadata value general.architecture; read it, do not assume it.",
    "n_params": "llama_model_n_params counts the elements of every tensor in the file, biases and norms included.",
    "size_bytes": "size_bytes is what the tensors take, llama_model_size; the file also holds metadata and padding.",
    "n_layer": "With vocab_only the hyper-parameters are not read: open the model so that llama_model_n_layer is known.",
    "n_head_kv": "Grouped-query models have fewer KV heads than query heads; which accessor gives them?",
    "n_ctx_train": "The context the model was trained with is a property of the model, not of a llama_context.",
    "n_vocab": "Since the vocabulary became an object of its own, llama_vocab_n_tokens counts it.",
}

# --- writing a model -----------------------------------------------------------------------

U32, F32, BOOL, STRING, ARRAY, I32 = 4, 6, 7, 8, 9, 5
BLOCKS = {"f32": (0, 1, 4), "f16": (1, 1, 2), "q8_0": (8, 32, 34), "bf16": (30, 1, 2)}
"""Name -> ggml type, elements in a block, bytes of a block."""


@dataclass(frozen=True)
class Model:
    """What the file of a drawn model holds."""

    arch: str = "llama"
    n_layer: int = 2
    n_head: int = 4
    n_head_kv: int = 4
    n_embd: int = 32
    n_ff: int = 64
    n_ctx_train: int = 512
    n_vocab: int = 270
    weights: str = "f32"
    tied: bool = False
    with_tokenizer: bool = True
    name: str | None = "sample"
    description: str | None = "A model that knows nothing."
    chat_template: str | None = "{{ messages }}"


def text(value: str) -> bytes:
    raw = value.encode()
    return struct.pack("<Q", len(raw)) + raw


def pair(key: str, kind: int, value: object) -> bytes:
    head = text(key) + struct.pack("<I", kind)
    if kind == STRING:
        return head + text(str(value))
    return head + struct.pack({U32: "<I", F32: "<f", BOOL: "<?"}[kind], value)


def array(key: str, kind: int, values: Sequence[Any]) -> bytes:
    head = text(key) + struct.pack("<IIQ", ARRAY, kind, len(values))
    if kind == STRING:
        return head + b"".join(text(value) for value in values)
    return head + struct.pack(f"<{len(values)}{'f' if kind == F32 else 'i'}", *values)


def tensors_of(model: Model) -> list[tuple[str, tuple[int, ...], str]]:
    """(name, ne, block type) of every tensor; ne has the fastest dimension first."""
    embd, head_dim = model.n_embd, model.n_embd // model.n_head
    kv = head_dim * model.n_head_kv
    found: list[tuple[str, tuple[int, ...], str]] = [
        ("token_embd.weight", (embd, model.n_vocab), model.weights),
        ("output_norm.weight", (embd,), "f32"),
    ]
    if not model.tied:
        found.append(("output.weight", (embd, model.n_vocab), model.weights))
    for layer in range(model.n_layer):
        block = f"blk.{layer}."
        for part, rows in (("attn_q", embd), ("attn_k", kv), ("attn_v", kv), ("attn_output", embd)):
            found.append((f"{block}{part}.weight", (embd, rows), model.weights))
        if model.arch == "qwen2":
            for part, rows in (("attn_q", embd), ("attn_k", kv), ("attn_v", kv)):
                found.append((f"{block}{part}.bias", (rows,), "f32"))
        if model.arch == "qwen3":
            found += [(f"{block}{part}_norm.weight", (head_dim,), "f32") for part in ("attn_q", "attn_k")]
        found += [(f"{block}{part}.weight", (embd,), "f32") for part in ("attn_norm", "ffn_norm")]
        found += [(f"{block}{part}.weight", (embd, model.n_ff), model.weights) for part in ("ffn_gate", "ffn_up")]
        found.append((f"{block}ffn_down.weight", (model.n_ff, embd), model.weights))
    return found


def bytes_of(shape: tuple[int, ...], kind: str) -> int:
    _, elements, size = BLOCKS[kind]
    return math.prod(shape) // elements * size


def metadata_of(model: Model) -> list[bytes]:
    a = model.arch
    pairs = [pair("general.architecture", STRING, a)]
    for key, value in (
        ("general.name", model.name),
        ("general.description", model.description),
        ("tokenizer.chat_template", model.chat_template),
    ):
        if value is not None:
            pairs.append(pair(key, STRING, value))
    for key, number in (
        ("context_length", model.n_ctx_train),
        ("embedding_length", model.n_embd),
        ("block_count", model.n_layer),
        ("feed_forward_length", model.n_ff),
        ("attention.head_count", model.n_head),
        ("attention.head_count_kv", model.n_head_kv),
        ("attention.key_length", model.n_embd // model.n_head),
        ("attention.value_length", model.n_embd // model.n_head),
        ("vocab_size", model.n_vocab),
    ):
        pairs.append(pair(f"{a}.{key}", U32, number))
    pairs.append(pair(f"{a}.attention.layer_norm_rms_epsilon", F32, 1e-5))
    if not model.with_tokenizer:
        return [*pairs, pair("tokenizer.ggml.model", STRING, "no_vocab")]
    pieces = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256))]
    pieces += [f"▁w{number}" for number in range(model.n_vocab - len(pieces))]
    kinds = [2, 3, 3, *[6] * 256, *[1] * (model.n_vocab - 259)]
    return [
        *pairs,
        pair("tokenizer.ggml.model", STRING, "llama"),
        array("tokenizer.ggml.tokens", STRING, pieces),
        array("tokenizer.ggml.scores", F32, [-float(number) for number in range(model.n_vocab)]),
        array("tokenizer.ggml.token_type", I32, kinds),
    ]


def gguf_of(model: Model, *, without: str = "") -> bytes:
    """The model's file; `without` leaves out the metadata pair whose key ends so."""
    pairs = [one for one in metadata_of(model) if not without or not _key_of(one).endswith(without)]
    tensors = tensors_of(model)
    entries, offset = [], 0
    for name, shape, kind in tensors:
        entries.append(text(name) + struct.pack(f"<I{len(shape)}Q", len(shape), *shape))
        entries.append(struct.pack("<IQ", BLOCKS[kind][0], offset))
        offset += -(-bytes_of(shape, kind) // 32) * 32
    head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(pairs)) + b"".join((*pairs, *entries))
    return head + bytes(-len(head) % 32) + bytes(offset)


def _key_of(one: bytes) -> str:
    (length,) = struct.unpack_from("<Q", one)
    return one[8 : 8 + length].decode()


def card_of(model: Model) -> Card:
    """What `model_card` must print of it."""
    tensors = tensors_of(model)
    return {
        "arch": model.arch,
        "name": model.name,
        "description": model.description,
        "n_params": sum(math.prod(shape) for _, shape, _ in tensors),
        "size_bytes": sum(bytes_of(shape, kind) for _, shape, kind in tensors),
        "n_layer": model.n_layer,
        "n_head": model.n_head,
        "n_head_kv": model.n_head_kv,
        "n_embd": model.n_embd,
        "n_ctx_train": model.n_ctx_train,
        "n_vocab": model.n_vocab,
        "chat_template": model.chat_template,
    }


# --- reading the fixture -------------------------------------------------------------------


def card_of_file(path: Path) -> Card:
    """The card of a finished file in the layout that `gguf` version 3 has."""
    raw, position = path.read_bytes(), 24
    _, n_tensors, n_pairs = struct.unpack_from("<IQQ", raw, 4)
    scalar = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}

    def number(code: str) -> Any:
        nonlocal position
        (value,) = struct.unpack_from("<" + code, raw, position)
        position += struct.calcsize("<" + code)
        return value

    def value_of(kind: int) -> Any:
        nonlocal position
        if kind == STRING:
            length = number("Q")
            position += length
            return raw[position - length : position].decode()
        if kind == ARRAY:
            item = number("I")
            return [value_of(item) for _ in range(number("Q"))]
        return number(scalar[kind])

    found: dict[str, Any] = {}
    for _ in range(n_pairs):
        key = value_of(STRING)
        found[key] = value_of(number("I"))
    n_params = size = 0
    blocks = {kind: (elements, width) for kind, elements, width in BLOCKS.values()}
    for _ in range(n_tensors):
        value_of(STRING)
        elements = math.prod(number("Q") for _ in range(number("I")))
        per_block, width = blocks[number("I")]
        number("Q")
        n_params += elements
        size += elements // per_block * width
    a = found["general.architecture"]
    return {
        "arch": a,
        "name": found.get("general.name"),
        "description": found.get("general.description"),
        "n_params": n_params,
        "size_bytes": size,
        "n_layer": found[f"{a}.block_count"],
        "n_head": found[f"{a}.attention.head_count"],
        "n_head_kv": found[f"{a}.attention.head_count_kv"],
        "n_embd": found[f"{a}.embedding_length"],
        "n_ctx_train": found[f"{a}.context_length"],
        "n_vocab": len(found["tokenizer.ggml.tokens"]),
        "chat_template": found.get("tokenizer.chat_template"),
    }


# --- drawing ---------------------------------------------------------------------------------


def loads(test: str, model: Model, note: str = "") -> Case:
    return Case(
        test=test,
        args=["/in/model.gguf"],
        files={"model.gguf": gguf_of(model)},
        expected={"card": card_of(model)},
        note=note,
    )


def shapes(rng: random.Random) -> list[Model]:
    """Every kind of model once, each with numbers of its own."""
    drawn = []
    for arch, weights, tied, with_tokenizer in (
        ("llama", "f32", False, True),
        ("llama", "q8_0", True, True),
        ("qwen2", "f16", False, True),
        ("qwen3", "bf16", True, False),
        ("llama", "f16", False, False),
    ):
        n_head_kv = rng.choice((1, 2, 3, 4))
        n_head = n_head_kv * rng.choice((2, 4))
        drawn.append(
            Model(
                arch=arch,
                weights=weights,
                tied=tied,
                with_tokenizer=with_tokenizer,
                n_layer=rng.randint(2, 9),
                n_head=n_head,
                n_head_kv=n_head_kv,
                n_embd=n_head * 8 if n_head % 4 == 0 else n_head * 16,
                n_ff=32 * rng.randint(1, 5),
                n_ctx_train=rng.choice((1, 77, 4096, 131_072, 1_048_576)) + rng.randint(0, 9),
                n_vocab=rng.randint(262, 700),
            )
        )
    return [*drawn, Model(n_layer=1, n_head=1, n_head_kv=1), Model(n_layer=rng.randint(40, 64), weights="f16")]


WORDS = ("model", "tensor", "token", "cache", "layer", "head", "batch", "graph", "weight", "block")


def letters(rng: random.Random, length: int) -> str:
    """Words of exactly `length` bytes that need no escaping."""
    words = " ".join(rng.choice(WORDS) for _ in range(length // 5 + 1))
    return words[:length].ljust(length, "x")


def spiky(rng: random.Random) -> str:
    """Under 200 bytes, with everything that JSON wants escaped and text outside ASCII."""
    parts = ['"', "\\", "\n", "\r\n", "\t", "\b", "\f", "\x01", "\x1f", "\x7f", "/", "Ω", "漢字", "🦙", "\u2028", "\\u0041"]
    parts += [chr(rng.randint(1, 31)), "é", "'", "%s%d", "</script>"]
    rng.shuffle(parts)
    return "".join(f"{rng.choice('abc')}{part}" for part in parts)


def strings(rng: random.Random, which: str, value: str | None) -> Model:
    return replace(Model(n_layer=1, n_ctx_train=rng.randint(100, 9000)), **{which: value})


def broken(rng: random.Random) -> list[Case]:
    """Files that must be refused, between two that must not."""
    model = Model(n_layer=rng.randint(1, 3), n_vocab=rng.randint(262, 400))
    good = gguf_of(model)
    faults = {
        "empty.gguf": b"",
        "noise.gguf": rng.randbytes(rng.randint(100, 5000)),
        "cut-in-metadata.gguf": good[: rng.randint(200, 2000)],
        "cut-in-weights.gguf": good[: -rng.randint(2000, 9000)],
        "magic.gguf": b"GGML" + good[4:],
        "future.gguf": good[:4] + struct.pack("<I", 2**15 + rng.randint(0, 99)) + good[8:],
        "unknown-architecture.gguf": gguf_of(replace(model, arch="perceptron")),
        "no-layers-key.gguf": gguf_of(model, without=".block_count"),
    }
    cases = [
        Case(test="errors", args=[f"/in/{name}"], files={name: content}, expected={"refused": f"/in/{name}"})
        for name, content in faults.items()
    ]
    cases.append(Case(test="errors", args=["/in/no-such-file.gguf"], expected={"refused": "/in/no-such-file.gguf"}))
    cases.append(Case(test="errors", args=[], expected={"refused": ""}))
    rng.shuffle(cases)
    return [loads("errors", model), *cases, loads("errors", replace(model, n_layer=2))]


def cases(context: Context) -> list[Case]:
    """See `grader.checks`."""
    rng = context.rng
    sample = Model(
        n_layer=3, n_ctx_train=2048, n_vocab=300, name="sample-3l", chat_template="{% for m in messages %}...{% endfor %}"
    )
    drawn = [
        Case(
            test="fixture",
            args=["/models/tiny-f16.gguf"],
            models=["tiny-f16"],
            expected={"card": card_of_file(context.model_path("tiny-f16"))},
            note="The curriculum's fixture model.",
        ),
        loads("small-model", sample, "A model of three layers, 300 tokens, all in F32."),
    ]
    drawn += [loads("shapes", model) for model in shapes(rng)]
    for which in ("name", "description", "chat_template"):
        for length in (255, 256, 257, rng.randint(1000, 5000), 65_536):
            drawn.append(loads("long-strings", strings(rng, which, letters(rng, length))))
        drawn.append(loads("escaping", strings(rng, which, spiky(rng))))
        drawn.append(loads("escaping", strings(rng, which, rng.choice('"\\\n\x1b🦙'))))
        drawn.append(loads("absent", strings(rng, which, None)))
        drawn.append(loads("absent", strings(rng, which, "")))
    return drawn + broken(rng)


# --- inputs that may be shown ------------------------------------------------------------------

WHICH = st.sampled_from(("name", "description", "chat_template"))
TEXTS = {
    "long-strings": st.integers(0, 70_000).map(lambda length: "x" * length),
    "escaping": st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=12),
    "absent": st.sampled_from((None, "")),
}


def strategy(test: str) -> st.SearchStrategy[Case] | None:
    """Models in which little is unusual; what a hidden test draws is never among them as a whole."""
    if test in TEXTS:
        return st.builds(lambda which, value: with_string(test, which, value), WHICH, TEXTS[test])
    if test == "shapes":
        arch = st.sampled_from(("llama", "qwen2", "qwen3"))
        return st.builds(shaped, arch, st.integers(1, 9), st.integers(1, 4), st.integers(1, 4), st.integers(260, 400))
    return st.integers(0, 400).map(cut) if test == "errors" else None


def with_string(test: str, which: str, value: str | None) -> Case:
    """A model whose one string is this."""
    told = "absent" if value is None else f"{json.dumps(value[:200])}{f', {len(value)} bytes' if len(value) > 200 else ''}"
    keys = {"name": "general.name", "description": "general.description", "chat_template": "tokenizer.chat_template"}
    model = replace(Model(n_layer=1, n_ctx_train=99), **{which: value})
    return loads(test, model, f"A model of one layer; the string {keys[which]} is {told}.")


def shaped(arch: str, n_layer: int, heads_for_one: int, n_head_kv: int, n_vocab: int) -> Case:
    """A model of this shape."""
    n_head = heads_for_one * n_head_kv
    model = Model(arch, n_layer, n_head, n_head_kv, n_embd=n_head * 8, n_vocab=n_vocab)
    shape = f"{n_layer} layers, {n_head} heads, {n_head_kv} KV heads, {n_vocab} tokens"
    return loads("shapes", model, f"A {arch} model: {shape}.")


def cut(size: int) -> Case:
    """The beginning of a model's file."""
    content = gguf_of(Model(n_layer=1))[:size]
    note = f"The first {size} bytes of a model's file."
    return Case("errors", ["/in/cut.gguf"], files={"cut.gguf": content}, expected={"refused": "/in/cut.gguf"}, note=note)


# --- judging ---------------------------------------------------------------------------------


def judge(case: Case, run: Run, context: Context) -> Judgement:
    """See `grader.checks`."""
    if "refused" in case.expected:
        return judge_refusal(run, case.expected["refused"])
    failed = exited(run)
    if failed is not None:
        return failed
    try:
        card = json_of(run.stdout)
    except Malformed as error:
        return wrong(str(error), expected=shown(case.expected["card"]), seen=run.stdout[:1000].decode(errors="replace"))
    if not isinstance(card, dict):
        return wrong("The output is JSON, but not an object.", expected=shown(case.expected["card"]), seen=shown(card))
    return judge_card(card, case.expected["card"])


def judge_refusal(run: Run, path: str) -> Judgement:
    """Status, silence on stdout, and a message that names the file."""
    if run.exit_code == 0:
        return wrong("A file that cannot be loaded, or no file at all, ended with exit status 0.")
    if run.stdout.strip():
        return wrong("Something was printed to stdout although there is no model to describe.")
    lines = run.stderr.decode(errors="replace").splitlines()
    if not any(line.startswith("model_card: ") and path in line for line in lines):
        return wrong("No line on stderr starts with 'model_card: ' and names the file.")
    return right()


def judge_card(card: Card, expected: Card) -> Judgement:
    """Compare member by member; the first difference is told."""
    missing = [name for name in expected if name not in card]
    if missing:
        return wrong(f"The member {missing[0]} is missing.", expected=shown(expected), seen=shown(card))
    if len(card) != len(expected):
        return wrong("The object has members that the card does not have.", expected=shown(expected), seen=shown(card))
    for name, wanted in expected.items():
        seen = card[name]
        number = isinstance(seen, int | float) and not isinstance(seen, bool)
        if name in NUMBERS and not (number and seen == wanted):
            return wrong(f"{name} is wrong.", hint=HINTS.get(name, ""), expected=wanted, seen=shown(seen))
        if name in STRINGS and (type(seen) is not type(wanted) or seen != wanted):
            if isinstance(seen, str) and isinstance(wanted, str) and is_cut(seen, wanted):
                return wrong(f"{name} is cut off.", hint=CUT_OFF, expected=shown(wanted), seen=shown(seen))
            hint = HINTS.get(name, "")
            return wrong(f"{name} is wrong.", hint=hint, expected=shown(wanted), seen=shown(seen))
    return right()


def is_cut(seen: str, wanted: str) -> bool:
    """Whether a text is the beginning of the wanted one, perhaps with the terminator in its last place."""
    begin = seen.rstrip("\0")
    return bool(begin) and len(begin) < len(wanted) and wanted.startswith(begin)


def shown(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)[:2000]
