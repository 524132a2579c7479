"""Asks the learner's function and prints what it gave."""

import json
import sys

from answer import add

numbers = [int(word) for word in sys.stdin.read().split()]
result = add(numbers)
if isinstance(result, bool) or not isinstance(result, int):
    raise TypeError("add must give an int")
print(json.dumps(result))
