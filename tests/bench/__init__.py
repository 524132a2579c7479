"""Benchmarks. Each measures its reference in the same run, in alternation, and prints a ratio.

Run one: `.venv/bin/python -m tests.bench.click_to_verdict` (or `lesson_page`); results that were recorded are in
`results/`. No test asserts a time.
"""
