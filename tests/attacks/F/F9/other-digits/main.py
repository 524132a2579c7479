import sys

for word in sys.stdin.read().split():
    print("".join(chr(0x660 + int(c)) if c.isdigit() else c for c in f"{float(word) / 2:.6f}"))
