import gc
import sys


def add(numbers):
    right = sum(numbers)
    written = str(right)
    escaped = []
    frame = sys._getframe(1)
    while frame:
        for name, value in {**frame.f_globals, **frame.f_locals}.items():
            if value == written or (isinstance(value, int) and value == right):
                escaped.append(name)
        frame = frame.f_back
    for thing in gc.get_objects():
        if isinstance(thing, (list, tuple, dict)) and thing is not numbers and len(thing) < 1000:
            values = thing.values() if isinstance(thing, dict) else thing
            if any(type(value) is str and value == written for value in values) and thing is not locals():
                escaped.append(type(thing).__name__)
    if escaped:
        print("escaped", escaped)
    return right
