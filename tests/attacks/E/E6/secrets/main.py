import os, sys


def answer():
    total = 0
    for word in sys.stdin.read().split():
        total += int(word)
    return total


escaped = []
texts = [repr(dict(os.environ))]
for folder in os.listdir("/proc"):
    if folder.isdigit():
        for name in ("environ", "cmdline", "auxv", "status", "task/" + folder + "/environ"):
            try:
                texts.append(open(f"/proc/{folder}/{name}", errors="replace").read())
            except OSError:
                pass
for text in texts:
    if "canary-secret" in text or "LLSYS" in text or "--ro-bind" in text or "DATABASE" in text:
        escaped.append(text[:200])
allowed = {"PATH", "HOME", "TMPDIR", "LANG", "PWD", "LLAMA_CPP_LIB_PATH", "GGML_NO_BACKTRACE", "PYTHONDONTWRITEBYTECODE", "PYTHONHASHSEED", "OPENBLAS_NUM_THREADS"}
escaped += [name for name in os.environ if name not in allowed and name not in ("LC_CTYPE", "HOSTNAME", "LD_LIBRARY_PATH")]
print(f"escaped: {escaped}" if escaped else answer())
