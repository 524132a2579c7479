import os, time

for _ in range(10):
    if os.fork() == 0:
        end = time.process_time() + 0.5
        while time.process_time() < end:
            pass
        os._exit(0)
while True:
    os.wait()
