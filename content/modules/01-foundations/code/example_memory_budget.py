"""Measures what the engine allocates for a model and a context, and how much of it becomes resident memory.

Usage: example_memory_budget.py MODEL.gguf [--ctx N ...] [--ubatch N] [--cache TYPE] [--no-flash]

Each context is measured in a process of its own, so that memory which an earlier one has returned, and the
allocator has kept, does not hide what the next one needs. Resident memory is read from /proc, so Linux only.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys

import llama_cpp as llama

BUFFER = re.compile(r"(\S+)\s+(model|KV|compute|output) buffer size\s*=\s*([\d.]+) MiB")
KINDS = ("model", "KV", "compute", "output")
CACHE_TYPES = {"f32": 0, "f16": 1, "q4_0": 2, "q8_0": 8}  # values of ggml_type


# region resident
def anonymous_mib() -> float:
    """Resident memory of this process that no file stands behind: what only this process can give back."""
    with open("/proc/self/status", encoding="ascii") as status:
        for line in status:
            if line.startswith("RssAnon:"):
                return int(line.split()[1]) / 1024
    raise OSError("this kernel does not report RssAnon")
# endregion resident


# region measure
def measure(path: str, n_ctx: int, n_ubatch: int, cache: str, flash: bool) -> dict[str, float]:
    """Load, create a context, decode one full batch; sizes as the log states them, in MiB, and what became resident.

    Raises ValueError when the model or the context cannot be had.
    """
    lines: list[str] = []
    listen = llama.llama_log_callback(lambda level, text, user_data: lines.append(text.decode("utf-8", "replace")))
    llama.llama_log_set(listen, None)
    llama.llama_backend_init()
    model = llama.llama_model_load_from_file(path.encode(), llama.llama_model_default_params())
    if not model:
        raise ValueError(f"cannot load {path}")
    params = llama.llama_context_default_params()
    params.n_ctx, params.n_ubatch = n_ctx, n_ubatch
    params.n_batch = max(params.n_batch, n_ubatch)
    params.type_k = params.type_v = CACHE_TYPES[cache]
    params.flash_attn_type = int(flash)
    before = anonymous_mib()
    ctx = llama.llama_init_from_model(model, params)
    if not ctx:
        raise ValueError(f"cannot create a context of {n_ctx}")
    created = anonymous_mib()
    n = min(n_ubatch, n_ctx)
    tokens = (llama.llama_token * n)(*[3 + i % 256 for i in range(n)])
    if llama.llama_decode(ctx, llama.llama_batch_get_one(tokens, n)) != 0:
        raise ValueError("the batch cannot be decoded")
    used = anonymous_mib()
    found = dict.fromkeys(KINDS, 0.0)
    for _, kind, size in BUFFER.findall("".join(lines)):
        found[kind] += float(size)  # one line per device or kind of memory
    found |= {"cells": llama.llama_n_ctx(ctx), "created": created - before, "used": used - before}
    llama.llama_free(ctx)
    llama.llama_model_free(model)
    return found
# endregion measure


def main(options: argparse.Namespace) -> None:
    """Print a row for each context."""
    print("   n_ctx   cells    model       KV  compute   output | resident: created  and used")
    for n_ctx in options.ctx:
        command = [sys.executable, __file__, options.model, "--ctx", str(n_ctx), "--child"]
        command += ["--ubatch", str(options.ubatch), "--cache", options.cache]
        command += [] if options.flash else ["--no-flash"]
        child = subprocess.run(command, capture_output=True, text=True, check=False)
        if child.returncode != 0:
            sys.exit(child.stderr.strip().splitlines()[-1] if child.stderr.strip() else "error: the child ended early")
        row = json.loads(child.stdout)
        sizes = "".join(f"{row[kind]:9.2f}" for kind in KINDS)
        print(f"{n_ctx:8}{row['cells']:8}{sizes} | {row['created']:17.1f}{row['used']:10.1f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Measures what the engine allocates. Sizes in MiB.")
    parser.add_argument("model")
    parser.add_argument("--ctx", type=int, nargs="+", default=[256, 1024, 4096])
    parser.add_argument("--ubatch", type=int, default=512)
    parser.add_argument("--cache", choices=CACHE_TYPES, default="f16")
    parser.add_argument("--no-flash", dest="flash", action="store_false")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    try:
        if chosen.child:
            print(json.dumps(measure(chosen.model, chosen.ctx[0], chosen.ubatch, chosen.cache, chosen.flash)))
        else:
            main(chosen)
    except (OSError, ValueError) as error:
        sys.exit(f"error: {error}")
