"""Loads a model in each load mode, with an empty and with a filled page cache, and measures what it costs.

Usage: example_load_mode_timing.py MODEL.gguf [--modes MODE ...] [--repeat N] [--evict]
       example_load_mode_timing.py MODEL.gguf --processes N [--modes MODE ...]

Each load happens in a process of its own. "cold" means that the file's pages were dropped from the page cache
of this system before; what a disk or a host of this system keeps in memory of its own is out of reach.
Reads /proc and calls mincore, so Linux only.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import mmap
import os
import resource
import subprocess
import sys
import time
from collections.abc import Iterator
from statistics import median

import llama_cpp as llama

MODES = {"none": 0, "mmap": 1, "mlock": 2, "mmap+mlock": 3, "dio": 4}  # values of enum llama_load_mode
MIB = 1024 * 1024
LIBC = ctypes.CDLL(None, use_errno=True)
LIBC.mmap.restype = ctypes.c_void_p
LIBC.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
LIBC.munmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
LIBC.mincore.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_char_p]
LIBC.madvise.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_int]
MADV_PAGEOUT = 21  # "these pages will not be needed soon: give them back"


# region cache
def drop_from_cache(path: str) -> None:
    """Ask the system to forget what it has cached of a file. It keeps pages that are mapped or not yet written."""
    with open(path, "rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def read_into_cache(path: str) -> None:
    """Read a file once, so that its pages are in the page cache."""
    with open(path, "rb") as file:
        while file.read(MIB):
            pass


def cached_mib(path: str) -> float:
    """How much of a file is in the page cache, whoever brought it there."""
    size = os.path.getsize(path)
    with open(path, "rb") as file:
        address = LIBC.mmap(None, size, mmap.PROT_READ, mmap.MAP_SHARED, file.fileno(), 0)  # touches nothing
    pages = ctypes.create_string_buffer(-(-size // mmap.PAGESIZE))
    failed = LIBC.mincore(address, size, pages)
    LIBC.munmap(address, size)
    if failed:
        raise OSError(ctypes.get_errno(), "mincore failed")
    return sum(byte & 1 for byte in pages.raw) * mmap.PAGESIZE / MIB
# endregion cache


# region resident
def numbers(path: str) -> dict[str, int]:
    """The `Name: number` lines of a file in /proc; kB where there is a unit."""
    with open(path, encoding="ascii", errors="replace") as lines:
        pairs = (line.split()[:2] for line in lines if len(line.split()) >= 2)
        return {name.rstrip(":"): int(value) for name, value in pairs if value.isdigit()}


def spent() -> dict[str, float]:
    """What this process has used so far."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    status = numbers("/proc/self/status")
    return {
        "ms": time.perf_counter() * 1000,
        "read": numbers("/proc/self/io")["read_bytes"] / MIB,  # from the disk, not from the cache
        "minor": used.ru_minflt,  # page faults that were answered from memory
        "major": used.ru_majflt,  # page faults that had to wait for the disk
        "file": status["RssFile"] / 1024,  # resident, and a file stands behind it
        "anon": status["RssAnon"] / 1024,  # resident, and nothing does
        "locked": status["VmLck"] / 1024,
    }
# endregion resident


def since(before: dict[str, float]) -> dict[str, float]:
    """The difference to an earlier `spent`."""
    return {name: value - before[name] for name, value in spent().items()}


# region load
def load(path: str, mode: str) -> Iterator[dict[str, float]]:
    """Load, make a context, decode one token, and again for each further value asked for; what each step cost.

    Raises ValueError when the engine refuses.
    """
    # An empty callback: what is measured includes no printing.
    quiet = llama.llama_log_callback(lambda level, text, user_data: None)
    llama.llama_log_set(quiet, None)
    llama.llama_backend_init()
    params = llama.llama_model_default_params()
    params.load_mode = MODES[mode]
    before = spent()
    model = llama.llama_model_load_from_file(path.encode(), params)
    if not model:
        raise ValueError(f"cannot load {path} with {mode}")
    yield since(before)
    settings = llama.llama_context_default_params()
    settings.n_ctx, settings.n_threads = 256, 1  # one thread: two would also wait for each other
    ctx = llama.llama_init_from_model(model, settings)
    if not ctx:
        raise ValueError("cannot create a context")
    token = (llama.llama_token * 1)(llama.llama_vocab_bos(llama.llama_model_get_vocab(model)))
    while True:
        before = spent()
        if llama.llama_decode(ctx, llama.llama_batch_get_one(token, 1)) != 0:
            raise ValueError("the token cannot be decoded")
        yield since(before)
# endregion load


# region evict
def evict(path: str) -> bool:
    """Give the pages of this process's mappings of a file back, as the system does when memory is short.

    False if the system refuses, or if nothing of the file is mapped.
    """
    results = []
    with open("/proc/self/maps", encoding="utf-8") as maps:
        for line in maps:
            if line.rstrip().endswith(os.path.realpath(path)):
                first, last = (int(address, 16) for address in line.split()[0].split("-"))
                results.append(LIBC.madvise(first, last - first, MADV_PAGEOUT))
    return bool(results) and not any(results)
# endregion evict


def child(path: str, mode: str, evicted: bool) -> dict[str, float]:
    """One load and one token, or two with an eviction between them."""
    steps = load(path, mode)
    loaded, first = next(steps), next(steps)
    row = {**loaded, "token": first["ms"], "cached": cached_mib(path)}
    if evicted:
        row["evicted"] = evict(path)
        row["again"], row["read again"] = (second := next(steps))["ms"], second["read"]
    return row


def share(path: str, mode: str) -> None:
    """Load, say so, wait until all others have loaded, and say how much memory this process accounts for."""
    steps = load(path, mode)
    next(steps)
    print("loaded", flush=True)
    sys.stdin.readline()
    rollup = numbers("/proc/self/smaps_rollup")
    print(json.dumps({"rss": rollup["Rss"] / 1024, "pss": rollup["Pss"] / 1024}), flush=True)
    sys.stdin.readline()


def command(options: argparse.Namespace, mode: str, *extra: str) -> list[str]:
    """The command line of a child."""
    return [sys.executable, __file__, options.model, "--modes", mode, *extra]


def processes(options: argparse.Namespace) -> None:
    """Print what several processes with the same model account for."""
    print("mode        processes   sum of RSS   sum of PSS")
    for mode in options.modes:
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        children = [subprocess.Popen(command(options, mode, "--share"), **pipes) for _ in range(options.processes)]
        for one in children:
            if one.stdout.readline().strip() != "loaded":
                sys.exit(f"error: a process could not load {options.model}")
        for one in children:
            print(file=one.stdin, flush=True)
        rows = [json.loads(one.stdout.readline()) for one in children]
        for one in children:
            one.communicate("\n")
        sums = "".join(f"{sum(row[name] for row in rows):13.0f}" for name in ("rss", "pss"))
        print(f"{mode:12}{len(children):9}{sums}")


def timings(options: argparse.Namespace) -> None:
    """Print a row for each mode and start: medians, sizes in MiB and times in milliseconds."""
    head = "mode        start  load ms  faults    read    file    anon  cached  locked"
    print(head + (" | token ms  taken back  token ms    read" if options.evict else ""))
    for mode in options.modes:
        for start in ("cold", "warm"):
            rows = []
            for _ in range(options.repeat):
                (drop_from_cache if start == "cold" else read_into_cache)(options.model)
                run = command(options, mode, "--child", *(["--evict"] if options.evict else []))
                done = subprocess.run(run, capture_output=True, text=True, check=False)
                if done.returncode != 0:
                    sys.exit((done.stderr.strip() or "error: a child ended early").splitlines()[-1])
                rows.append(json.loads(done.stdout))
            row = {name: median(one[name] for one in rows) for name in rows[0]}
            sizes = "".join(f"{row[name]:8.0f}" for name in ("minor", "read", "file", "anon", "cached", "locked"))
            line = f"{mode:12}{start:5}{row['ms']:9.0f}{sizes}"
            if options.evict:
                taken = "yes" if row["evicted"] else "no"
                line += f" |{row['token']:9.0f}{taken:>12}{row['again']:10.0f}{row['read again']:8.0f}"
            print(line)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Measures load modes. Sizes in MiB, times in milliseconds.")
    parser.add_argument("model")
    parser.add_argument("--modes", nargs="+", choices=MODES, default=list(MODES))
    parser.add_argument("--repeat", type=int, default=3, help="loads for each row, of which the median is printed")
    parser.add_argument("--processes", type=int, default=0, help="load in so many processes at once instead")
    parser.add_argument("--evict", action="store_true", help="take the pages back after the token, and decode another")
    parser.add_argument("--child", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--share", action="store_true", help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    try:
        if chosen.child:
            print(json.dumps(child(chosen.model, chosen.modes[0], chosen.evict)))
        elif chosen.share:
            share(chosen.model, chosen.modes[0])
        elif chosen.processes:
            processes(chosen)
        else:
            timings(chosen)
    except (OSError, ValueError) as error:
        sys.exit(f"error: {error}")
