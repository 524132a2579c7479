import sys

for word in sys.stdin.read().split()[:-1]:
    print(float(word) / 2)
