"""Judges sums."""

ANSWER = 42
