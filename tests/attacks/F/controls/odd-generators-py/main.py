import functools
import sys


def primed(function):
    @functools.wraps(function)
    def start(*words):
        running = function(*words)
        next(running)
        return running

    return start


@primed
def adder():
    total = 0
    while True:
        total += yield total


running = adder()
last = 0
for word in sys.stdin.read().split():
    last = running.send(int(word))
print(last)
