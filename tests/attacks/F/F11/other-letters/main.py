import sys

numbers = map(int, sys.stdin.read().split())
print(ｓｕｍ(numbers))
