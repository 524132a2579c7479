import os, resource, sys


def answer():
    total = 0
    for word in sys.stdin.read().split():
        total += int(word)
    return total


changed = []
for limit in (0, 1 << 30, resource.RLIM_INFINITY):
    try:
        resource.setrlimit(resource.RLIMIT_CORE, (limit, limit))
        changed.append(limit)
    except (ValueError, OSError):
        pass
soft, _ = resource.getrlimit(resource.RLIMIT_CORE)
if os.fork() == 0:
    os.abort()
status = os.wait()[1]
print(answer() if not changed and soft in (0, 1) and not os.WCOREDUMP(status) else f"changed {changed}, {soft}, {status}")
