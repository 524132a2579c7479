import os, sys


def answer():
    total = 0
    for word in sys.stdin.read().split():
        total += int(word)
    return total


result = answer()
for name in ("\udcff\udcfe", "a\nb", "$(touch x)", "%s%n", "\u202e", "x" * 255, "-rf", "--", "~", "*"):
    os.mkdir(name)
    with open(os.path.join(name, name), "w") as file:
        file.write(name.encode("utf-8", "surrogateescape").decode("latin-1"))
for name in ("x" * 5000, "a/" * 3000, "nul\0byte"):
    try:
        open(name)
        result = "opened"
    except (OSError, ValueError):
        pass
print(result)
