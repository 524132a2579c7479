import socket
import os, sys


def answer():
    total = 0
    for word in sys.stdin.read().split():
        total += int(word)
    return total


escaped = []
targets = [
    (socket.AF_INET, ("127.0.0.1", 47811)), (socket.AF_INET, ("169.254.169.254", 80)),
    (socket.AF_INET, ("10.0.0.1", 53)), (socket.AF_INET, ("1.1.1.1", 53)), (socket.AF_INET6, ("::1", 47811)),
    (socket.AF_UNIX, "\0llsys-canary"), (socket.AF_UNIX, "/var/run/docker.sock"), (socket.AF_UNIX, "/tmp/llsys-canary.sock"),
]
for family, address in targets:
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        try:
            with socket.socket(family, kind) as connection:
                connection.settimeout(0.2)
                connection.connect(address)
                connection.send(b"x")
                if not (kind == socket.SOCK_DGRAM and address[0] in ("127.0.0.1", "::1")):
                    escaped.append(address)
        except OSError:
            pass
for family in (16, 17, 40, 38):
    try:
        socket.socket(family, socket.SOCK_RAW).close()
        escaped.append(family)
    except OSError:
        pass
devices = [line.split(":")[0].strip() for line in open("/proc/net/dev").readlines()[2:]]
if devices != ["lo"]:
    escaped.append(devices)
print(f"escaped: {escaped}" if escaped else answer())
