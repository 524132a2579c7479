import os, socket, sys


def answer():
    total = 0
    for word in sys.stdin.read().split():
        total += int(word)
    return total


escaped = []
PORT = 47811
inet, inet6, unix = socket.AF_INET, socket.AF_INET6, socket.AF_UNIX
targets = [(inet, (host, port)) for host in ("127.0.0.1", "169.254.169.254", "169.254.170.2", "10.0.0.1", "172.17.0.1", "192.168.0.1", "1.1.1.1", "255.255.255.255") for port in (PORT, 53, 80)]
targets += [(inet6, (host, port, 0, 0)) for host in ("::1", "fd00:ec2::254", "ff02::1", "2606:4700:4700::1111") for port in (PORT, 53)]
targets += [(unix, name) for name in ("\0llsys-canary", "/var/tmp/llsys-canary.sock", "/var/run/docker.sock", "/run/dbus/system_bus_socket")]
own = ("127.0.0.1", "::1")
for family, address in targets:
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        try:
            with socket.socket(family, kind) as connection:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
                connection.settimeout(0.2)
                connection.connect(address)
                connection.send(b"x")
                if not (kind == socket.SOCK_DGRAM and address[0] in own):
                    escaped.append(address)
        except OSError:
            pass
for family in range(46):
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM, socket.SOCK_RAW, socket.SOCK_SEQPACKET):
        try:
            socket.socket(family, kind).close()
            if family not in (inet, inet6, unix) or (kind == socket.SOCK_RAW and family != unix):
                escaped.append((family, kind))
        except OSError:
            pass
for family, protocol in ((inet, 1), (inet6, 58)):
    try:
        with socket.socket(family, socket.SOCK_DGRAM, protocol) as ping:
            ping.sendto(b"\x08\0\0\0\0\1\0\1", ("10.0.0.1" if family == inet else "fd00::1", 0))
            escaped.append("ping")
    except OSError:
        pass
try:
    escaped.append(socket.getaddrinfo("example.com", 80))
except OSError:
    pass
devices = [line.split(":")[0].strip() for line in open("/proc/net/dev").readlines()[2:]]
if devices != ["lo"]:
    escaped.append(devices)
routes = open("/proc/net/route").readlines()[1:]
if routes:
    escaped.append(routes)
print(f"escaped: {escaped}" if escaped else answer())
