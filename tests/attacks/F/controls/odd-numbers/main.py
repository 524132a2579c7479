import sys

for place, word in enumerate(sys.stdin.read().split()):
    value = float(word) / 2
    print([repr(value), f"{value:.9e}", f"{value:+.7f}", f"{value:020.8f}", f"{value:.8E}"][place % 5], end=[" ", "\n", "\t", "\r\n"][place % 4])
