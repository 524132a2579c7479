import os
import sys

own = open(__file__).read()
state = open("/proc/self/status").read()
total = len(own) * 0 + len(state) * 0 + os.getpid() * 0
for word in sys.stdin.read().split():
    total += int(word)
print(total)
