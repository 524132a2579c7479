import os, sys


def answer():
    total = 0
    for word in sys.stdin.read().split():
        total += int(word)
    return total


opened = 0
try:
    while opened < 100000:
        os.open("/dev/null", os.O_RDONLY)
        opened += 1
except OSError:
    pass
print(answer() if opened < 1000 else f"opened {opened}")
