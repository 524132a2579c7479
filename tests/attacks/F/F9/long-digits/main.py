import sys

for word in sys.stdin.read().split():
    print(f"{float(word) / 2:.1000f}")
