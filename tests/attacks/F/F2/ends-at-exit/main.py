import atexit, os, sys

atexit.register(os._exit, 0)
print(0)
sys.exit(3)
