import sys

for word in sys.stdin.read().split():
    print(complex(float(word) / 2))
