import sys

for word in sys.stdin.read().split():
    print(float.hex(float(word) / 2))
