import atexit
import sys

total = 0
atexit.register(lambda: print(total))
for word in sys.stdin:
    for number in word.split():
        total += int(number)
