import queue
import sys
import threading

words = queue.SimpleQueue()
totals = []


def work():
    total = 0
    while (word := words.get()) is not None:
        total += int(word)
    totals.append(total)


threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads:
    thread.start()
for word in sys.stdin.read().split():
    words.put(word)
for _ in threads:
    words.put(None)
for thread in threads:
    thread.join()
print(totals[0] + totals[1] + totals[2] + totals[3])
