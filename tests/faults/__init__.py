"""Faults injected into a running stack while submissions flow through it.

A small real stack (PostgreSQL, Redis, the web side's worker with its scheduler, two grading machines) grades one
submission after the other. At moments drawn from a seed something breaks. At the end every submission must have exactly
one verdict, the right one, recorded once, and grading must have gone on within 15 seconds of each fault.

    python -m tests.faults --faults 1000 --seed 7 --stacks 6
"""
