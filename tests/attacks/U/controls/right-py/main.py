import sys


def answer():
    total = 0
    for word in sys.stdin.read().split():
        total += int(word)
    return total


print(answer())
