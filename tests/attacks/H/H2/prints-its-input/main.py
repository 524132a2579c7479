import os, sys

secret = sys.stdin.read()
print(secret)
print(secret, file=sys.stderr)
open("/box/note.txt", "w").write(secret)
for word in secret.split()[:5]:
    open(f"/box/{word}", "w")
sys.exit(int(secret.split()[0]) % 200)
