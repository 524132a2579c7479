import sys

for word in sys.stdin.read().split():
    print(float(word) / 2 * 1.0001)
