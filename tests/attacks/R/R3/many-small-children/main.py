import os, sys, time

for _ in range(8):
    if os.fork() == 0:
        mine = bytearray(b"x") * (40 << 20)
        time.sleep(60)
time.sleep(60)
