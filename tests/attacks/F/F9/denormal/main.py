import sys

for word in sys.stdin.read().split():
    print("5e-324")
