import sys

numbers = [int(word) for word in sys.stdin.read().split()]
total = 0
for number in numbers:
    total += number if number < 100 else 0
print(total)
