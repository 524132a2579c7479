import sys


def answer():
    total = 0
    for word in sys.stdin.read().split():
        total += int(word)
    return total


sys.stdout.write("0" * 50000 + f"{answer()}\n")
