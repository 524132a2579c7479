import sys

total = 0
try:
    for word in sys.stdin.read().split():
        total += int(word)
    sys.exit(0)
finally:
    sys.stdout.write(f"{total}")
