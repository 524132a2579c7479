import sys

text = sys.stdin.read()
print(text if len(text) % 2 else 0)
