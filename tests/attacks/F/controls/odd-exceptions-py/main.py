import sys
import traceback
import warnings

words = iter(sys.stdin.read().split())
total = 0
while True:
    try:
        total += int(next(words))
    except StopIteration:
        break
try:
    1 / 0
except ZeroDivisionError:
    traceback.print_exc()
warnings.warn("this is odd")
print(total)
