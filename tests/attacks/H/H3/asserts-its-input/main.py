import sys

numbers = [int(word) for word in sys.stdin.read().split()]
assert numbers == [], f"expected {numbers}"
