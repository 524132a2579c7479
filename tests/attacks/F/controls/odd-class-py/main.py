import sys


class Total:
    def __init__(self, value=0):
        self.value = value

    def __add__(self, other):
        return Total(self.value + int(other))

    def __eq__(self, other):
        return True

    def __str__(self):
        return str(self.value)


total = Total()
for word in sys.stdin.read().split():
    total = total + word
print(total)
