import sys

for word in sys.stdin.read().split():
    print("inf")
