"""Runs CUDA C++ on a processor: for right answers, and for seeing what every thread of a kernel does with memory.

Nouns: the *translator* turns `.cu` files into C++ without moving a line; the *headers* give C++ CUDA's words; the
*runtime* runs threads as fibers; the *traced* build sees every access of a kernel and leaves a *trace* behind, from
which `report` makes findings and profiles. docs/cuda-without-a-gpu.md says what is and is not promised.
"""

from __future__ import annotations

from pathlib import Path

INCLUDE = Path(__file__).parent / "include"
RUNTIME = Path(__file__).parent / "runtime"
