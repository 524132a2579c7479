#!/usr/bin/env python3
"""Train the curriculum's fixture language model and write it as GGUF.

The model is small enough to be committed, quantized in a second and run on any
laptop, and real enough that quantization, sampling and caching have effects one
can measure. It learns from the Markdown documentation of the pinned llama.cpp
tree. This script is not part of set-up: its result, `tiny-f16.gguf`, is
committed. See README.md beside it for what it needs and what came out.

    python train_tiny.py --source LLAMA_CPP_TREE --out tiny-f16.gguf --steps 1600
"""

from __future__ import annotations

import argparse
import io
import math
import re
import time
from dataclasses import dataclass
from pathlib import Path

import gguf
import numpy as np
import sentencepiece
import torch
import torch.nn.functional as functional
from torch import Tensor, nn

HELD_OUT = (
    "docs/development/HOWTO-add-model.md",
    "docs/development/token_generation_performance_tips.md",
    "docs/multi-gpu.md",
    "tools/imatrix/README.md",
)
"""Never trained on; joined, they are `heldout.txt`, the text for perplexity."""

SKIPPED_FOLDERS = {".github", ".pi", ".claude", "skills", "vendor", "node_modules", "benches", "tools/ui"}
SKIPPED_FILES = {"AGENTS.md", "CLAUDE.md", "SKILL.md", "LICENSE.md", "LICENCE.md"}
SKIPPED_PATHS = {"docs/ops.md"}
"""Instructions for tools, code of others, benchmark logs and generated tables."""


@dataclass(frozen=True)
class Shape:
    """The network's hyperparameters; every row length is a multiple of 256, so each block type fits."""

    n_vocab: int = 1024
    n_ctx: int = 256
    n_embd: int = 256
    n_layer: int = 4
    n_head: int = 8
    n_head_kv: int = 4
    n_ff: int = 768
    rope_base: float = 10_000.0
    norm_eps: float = 1e-5

    @property
    def head_dim(self) -> int:
        return self.n_embd // self.n_head


# --- text ---------------------------------------------------------------------------------


def prose(text: str) -> str:
    """The text without lines that teach nothing: data dumps, images, very long lines, foreign scripts."""
    kept: list[str] = []
    for line in text.replace("\r\n", "\n").expandtabs(4).split("\n"):
        body = line.strip()
        letters = sum(c.isalpha() for c in body)
        foreign = sum(ord(c) > 0x24F for c in body)
        if len(body) > 600 or body.startswith(("![", "<img", "[![")) or re.search(r"[0-9a-f]{24}", body):
            continue
        if len(body) > 24 and letters < 0.5 * len(body.replace(" ", "")):
            continue
        if foreign > 4:
            continue
        kept.append(re.sub(r"https?://[^\s)>\]]{60,}", "https://example.org", line.rstrip()))
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip() + "\n"


def corpus(source: Path) -> tuple[list[str], list[str], int]:
    """Training sections, held-out documents, and the number of files trained on."""
    train: list[str] = []
    held = [prose((source / name).read_text(encoding="utf-8")) for name in HELD_OUT]
    seen: set[str] = set()
    files = 0
    for path in sorted(source.rglob("*.md")):
        name = path.relative_to(source).as_posix()
        folders = {parent.as_posix() for parent in path.relative_to(source).parents}
        if name in HELD_OUT or name in SKIPPED_PATHS or path.name in SKIPPED_FILES:
            continue
        if folders & SKIPPED_FOLDERS:
            continue
        files += 1
        for section in re.split(r"\n(?=#{1,3} )", prose(path.read_text(encoding="utf-8"))):
            fresh = [line for line in section.split("\n") if len(line) < 60 or line not in seen]
            seen.update(fresh)
            text = "\n".join(fresh).strip()
            if len(text) >= 80:
                train.append(text + "\n")
    return train, held, files


def train_tokenizer(sections: list[str], n_vocab: int, seed: int) -> sentencepiece.SentencePieceProcessor:
    """A SentencePiece BPE with byte fallback, as the llama family uses it."""
    sentencepiece.set_random_generator_seed(seed)
    blob = io.BytesIO()
    lines = [line for section in sections for line in section.split("\n") if line]
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(lines),
        model_writer=blob,
        model_type="bpe",
        vocab_size=n_vocab,
        byte_fallback=True,
        character_coverage=0.9995,
        normalization_rule_name="identity",
        remove_extra_whitespaces=False,
        split_digits=True,
        allow_whitespace_only_pieces=True,
        max_sentence_length=100_000,
        unk_id=0,
        bos_id=1,
        eos_id=2,
        pad_id=-1,
        num_threads=2,
        minloglevel=2,
    )
    return sentencepiece.SentencePieceProcessor(model_proto=blob.getvalue())


# --- network ------------------------------------------------------------------------------


class RMSNorm(nn.Module):
    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.ones(shape.n_embd))
        self.eps = shape.norm_eps

    def forward(self, x: Tensor) -> Tensor:
        return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + self.eps) * self.weight


def rotate(x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
    """RoPE over neighbouring pairs (0,1), (2,3), ...: the engine's `LLAMA_ROPE_TYPE_NORM`."""
    even, odd = x[..., 0::2], x[..., 1::2]
    return torch.stack((even * cos - odd * sin, even * sin + odd * cos), dim=-1).flatten(-2)


class Block(nn.Module):
    """One decoder layer; the attribute names are those of the GGUF tensors."""

    def __init__(self, shape: Shape, dropout: float) -> None:
        super().__init__()
        self.shape = shape
        kv_width = shape.n_head_kv * shape.head_dim
        self.attn_norm = RMSNorm(shape)
        self.attn_q = nn.Linear(shape.n_embd, shape.n_embd, bias=False)
        self.attn_k = nn.Linear(shape.n_embd, kv_width, bias=False)
        self.attn_v = nn.Linear(shape.n_embd, kv_width, bias=False)
        self.attn_output = nn.Linear(shape.n_embd, shape.n_embd, bias=False)
        self.ffn_norm = RMSNorm(shape)
        self.ffn_gate = nn.Linear(shape.n_embd, shape.n_ff, bias=False)
        self.ffn_up = nn.Linear(shape.n_embd, shape.n_ff, bias=False)
        self.ffn_down = nn.Linear(shape.n_ff, shape.n_embd, bias=False)
        self.dropout = nn.Dropout(dropout)

    def attend(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        rows, length, _ = x.shape
        heads = (rows, length, -1, self.shape.head_dim)
        q = rotate(self.attn_q(x).view(heads).transpose(1, 2), cos, sin)
        k = rotate(self.attn_k(x).view(heads).transpose(1, 2), cos, sin)
        v = self.attn_v(x).view(heads).transpose(1, 2)
        groups = self.shape.n_head // self.shape.n_head_kv
        k, v = (t.repeat_interleave(groups, dim=1) for t in (k, v))
        mixed = functional.scaled_dot_product_attention(q, k, v, is_causal=True)
        return self.attn_output(mixed.transpose(1, 2).reshape(rows, length, -1))

    def forward(self, x: Tensor, cos: Tensor, sin: Tensor) -> Tensor:
        x = x + self.dropout(self.attend(self.attn_norm(x), cos, sin))
        h = self.ffn_norm(x)
        return x + self.dropout(self.ffn_down(functional.silu(self.ffn_gate(h)) * self.ffn_up(h)))


class Tiny(nn.Module):
    def __init__(self, shape: Shape, dropout: float) -> None:
        super().__init__()
        self.token_embd = nn.Embedding(shape.n_vocab, shape.n_embd)
        self.blk = nn.ModuleList(Block(shape, dropout) for _ in range(shape.n_layer))
        self.output_norm = RMSNorm(shape)
        self.output = nn.Linear(shape.n_embd, shape.n_vocab, bias=False)
        self.dropout = nn.Dropout(dropout)
        rates = shape.rope_base ** (-torch.arange(0, shape.head_dim, 2).float() / shape.head_dim)
        angles = torch.outer(torch.arange(shape.n_ctx).float(), rates)
        self.cos: Tensor
        self.sin: Tensor
        self.register_buffer("cos", angles.cos(), persistent=False)
        self.register_buffer("sin", angles.sin(), persistent=False)
        for name, weight in self.named_parameters():
            if weight.dim() == 2:
                deep = name.endswith(("attn_output.weight", "ffn_down.weight"))
                nn.init.normal_(weight, std=0.02 / math.sqrt(2 * shape.n_layer) if deep else 0.02)

    def forward(self, tokens: Tensor) -> Tensor:
        length = tokens.shape[1]
        x = self.dropout(self.token_embd(tokens))
        for block in self.blk:
            x = block(x, self.cos[:length], self.sin[:length])
        return self.output(self.output_norm(x))


# --- training -----------------------------------------------------------------------------


def windows(stream: Tensor, starts: Tensor, n_ctx: int, bos: int) -> tuple[Tensor, Tensor]:
    """Inputs and targets. Position 0 is always BOS, as in every chunk of `llama-perplexity`."""
    rows = torch.stack([stream[s : s + n_ctx] for s in starts.tolist()])
    inputs = rows.clone()
    inputs[:, 0] = bos
    return inputs[:, :-1], rows[:, 1:]


@torch.no_grad()
def held_out_loss(model: Tiny, stream: Tensor, shape: Shape, bos: int) -> float:
    """Mean negative log-likelihood per token, natural log."""
    model.eval()
    starts = torch.arange(0, len(stream) - shape.n_ctx, shape.n_ctx)
    inputs, targets = windows(stream, starts, shape.n_ctx, bos)
    total = [
        functional.cross_entropy(model(i).flatten(0, 1), t.flatten()).item() * len(i)
        for i, t in zip(inputs.split(8), targets.split(8), strict=True)
    ]
    model.train()
    return sum(total) / len(inputs)


def fit(model: Tiny, stream: Tensor, held: Tensor, shape: Shape, options: argparse.Namespace, bos: int) -> None:
    """AdamW, linear warm-up, cosine to a tenth."""
    matrices = [p for p in model.parameters() if p.dim() == 2]
    vectors = [p for p in model.parameters() if p.dim() != 2]
    optimizer = torch.optim.AdamW(
        [{"params": matrices, "weight_decay": 0.1}, {"params": vectors, "weight_decay": 0.0}],
        lr=options.rate,
        betas=(0.9, 0.95),
    )
    generator = torch.Generator().manual_seed(options.seed)
    warm_up = min(100, options.steps // 10 + 1)
    began = time.monotonic()
    for step in range(1, options.steps + 1):
        progress = max(0.0, (step - warm_up) / max(1, options.steps - warm_up))
        factor = min(1.0, step / warm_up) * (0.1 + 0.9 * 0.5 * (1 + math.cos(math.pi * progress)))
        for group in optimizer.param_groups:
            group["lr"] = options.rate * factor
        starts = torch.randint(0, len(stream) - shape.n_ctx, (options.batch,), generator=generator)
        inputs, targets = windows(stream, starts, shape.n_ctx, bos)
        loss = functional.cross_entropy(model(inputs).flatten(0, 1), targets.flatten())
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        if step % 50 == 0 or step == options.steps:
            held_now = held_out_loss(model, held, shape, bos) if step % 200 == 0 or step == options.steps else math.nan
            print(
                f"step {step:5d}  loss {loss.item():.3f}  held-out {held_now:.3f}  {time.monotonic() - began:6.0f} s",
                flush=True,
            )


# --- export -------------------------------------------------------------------------------


def write_gguf(
    path: Path, model: Tiny, shape: Shape, tokenizer: sentencepiece.SentencePieceProcessor, steps: int
) -> None:
    """Matrices in F16, norms in F32, and everything the engine needs to know about the tokenizer."""
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_type("model")
    writer.add_name("LLaMA.cpp Learning System tiny")
    writer.add_basename("tiny")
    writer.add_size_label("3.7M")
    writer.add_description(
        "Fixture model for lessons and labs, trained on the Markdown documentation of llama.cpp. "
        "A base model without a chat template; it knows phrases, not facts."
    )
    writer.add_license("mit")
    writer.add_languages(["en"])
    writer.add_tags(["text-generation", "fixture"])
    writer.add_file_type(gguf.LlamaFileType.MOSTLY_F16)
    writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
    writer.add_uint32("training.steps", steps)

    writer.add_context_length(shape.n_ctx)
    writer.add_embedding_length(shape.n_embd)
    writer.add_block_count(shape.n_layer)
    writer.add_feed_forward_length(shape.n_ff)
    writer.add_head_count(shape.n_head)
    writer.add_head_count_kv(shape.n_head_kv)
    writer.add_rope_dimension_count(shape.head_dim)
    writer.add_rope_freq_base(shape.rope_base)
    writer.add_layer_norm_rms_eps(shape.norm_eps)
    writer.add_vocab_size(shape.n_vocab)

    kinds = gguf.TokenType
    ids = range(tokenizer.vocab_size())
    writer.add_tokenizer_model("llama")
    writer.add_tokenizer_pre("default")
    writer.add_token_list([tokenizer.id_to_piece(i).encode() for i in ids])
    writer.add_token_scores([tokenizer.get_score(i) for i in ids])
    writer.add_token_types(
        [
            kinds.UNKNOWN
            if tokenizer.is_unknown(i)
            else kinds.CONTROL
            if tokenizer.is_control(i)
            else kinds.BYTE
            if tokenizer.is_byte(i)
            else kinds.NORMAL
            for i in ids
        ]
    )
    writer.add_unk_token_id(tokenizer.unk_id())
    writer.add_bos_token_id(tokenizer.bos_id())
    writer.add_eos_token_id(tokenizer.eos_id())
    writer.add_add_bos_token(True)
    writer.add_add_eos_token(False)
    writer.add_add_space_prefix(True)

    for name, weight in model.named_parameters():
        array = weight.detach().float().numpy()
        writer.add_tensor(name, array.astype(np.float16 if array.ndim == 2 else np.float32))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--source", type=Path, required=True, help="root of the pinned llama.cpp tree")
    parser.add_argument("--out", type=Path, required=True, help="GGUF file to write; heldout.txt goes beside it")
    parser.add_argument("--steps", type=int, default=1600)
    parser.add_argument("--seed", type=int, default=20)
    parser.add_argument("--batch", type=int, default=8, help="sequences of 256 tokens for each step")
    parser.add_argument("--rate", type=float, default=2e-3, help="highest learning rate")
    parser.add_argument("--dropout", type=float, default=0.1)
    parser.add_argument("--threads", type=int, default=2)
    return parser.parse_args()


def main() -> None:
    options = arguments()
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    shape = Shape()
    sections, held, files = corpus(options.source)
    tokenizer = train_tokenizer(sections, shape.n_vocab, options.seed)
    bos, eos = tokenizer.bos_id(), tokenizer.eos_id()

    def stream(texts: list[str]) -> Tensor:
        return torch.tensor([t for text in texts for t in (bos, *tokenizer.encode(text), eos)])

    (options.out.parent / "heldout.txt").write_text("\n".join(held), encoding="utf-8")
    train_stream, held_stream = stream(sections), stream(held)
    model = Tiny(shape, options.dropout)
    print(
        f"{files} files, {len(sections)} sections, {sum(len(s.encode()) for s in sections)} bytes, "
        f"{len(train_stream)} tokens; held out {sum(len(h.encode()) for h in held)} bytes, "
        f"{len(held_stream)} tokens; {sum(p.numel() for p in model.parameters())} parameters",
        flush=True,
    )
    fit(model, train_stream, held_stream, shape, options, bos)
    write_gguf(options.out, model, shape, tokenizer, options.steps)
    print(f"wrote {options.out}: {options.out.stat().st_size} bytes")


if __name__ == "__main__":
    main()
