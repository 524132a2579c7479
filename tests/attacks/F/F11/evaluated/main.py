import sys

numbers = map(int, sys.stdin.read().split())
print(eval("mus"[::-1])(numbers))
