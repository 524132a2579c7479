"""Prints the sum. The function sum() is not used."""
import sys

row = {"sum": 0, "checksum": 1}
for word in sys.stdin.read().split():
    row["sum"] += int(word)  # no sum() here
print(getattr(sys.stdout, "name") and row["sum"])
