import signal, sys


def answer():
    total = 0
    for word in sys.stdin.read().split():
        total += int(word)
    return total


result, written = answer(), 0
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
try:
    with open("/box/large", "wb", buffering=0) as file:
        while True:
            written += file.write(b"x" * (1 << 20))
except OSError:
    pass
print(result if written <= 32 << 20 else f"wrote {written}")
