import sys

for place, word in enumerate(sys.stdin.read().split()):
    print(float(word) / 2 if place != 1 else 'nan')
