import os, socket, sys


def answer():
    total = 0
    for word in sys.stdin.read().split():
        total += int(word)
    return total


os.mkfifo("note.txt")
socket.socket(socket.AF_UNIX).bind("other.txt")
os.makedirs("kept/passwd/deeper")
print(answer())
