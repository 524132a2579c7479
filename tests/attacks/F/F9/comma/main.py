import sys

for word in sys.stdin.read().split():
    print(f"{float(word) / 2:.6f}".replace(".", ","))
