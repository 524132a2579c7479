import sys

numbers = map(int, sys.stdin.read().split())
print(vars(sys.modules["built" + "ins"])["su" + "m"](numbers))
