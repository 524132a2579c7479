"""A system-call filter as classic BPF, assembled here so that nothing needs to be installed for it.

The namespaces already keep a program from what it must not reach; the filter takes away the kernel interfaces
through which namespaces have been escaped, and those that let a program watch or disturb others. Calls newer than
the table are answered "not implemented", so that a new kernel opens no new door.
"""

from __future__ import annotations

import errno
import platform
import struct
from dataclasses import dataclass

# name: (x86_64, aarch64); -1 where an architecture lacks the call.
DENIED: dict[str, tuple[int, int]] = {
    "unshare": (272, 97), "setns": (308, 268), "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41),
    "chroot": (161, 51), "move_mount": (429, 429), "open_tree": (428, 428), "fsopen": (430, 430),
    "fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433), "mount_setattr": (442, 442),
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "process_madvise": (440, 440), "kcmp": (312, 272), "pidfd_getfd": (438, 438), "bpf": (321, 280),
    "keyctl": (250, 219), "add_key": (248, 217), "request_key": (249, 218), "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426), "io_uring_register": (427, 427), "userfaultfd": (323, 282),
    "perf_event_open": (298, 241), "kexec_load": (246, 104), "kexec_file_load": (320, 294),
    "init_module": (175, 105), "finit_module": (313, 273), "delete_module": (176, 106), "create_module": (174, -1),
    "query_module": (178, -1), "get_kernel_syms": (177, -1), "open_by_handle_at": (304, 265),
    "name_to_handle_at": (303, 264), "swapon": (167, 224), "swapoff": (168, 225), "reboot": (169, 142),
    "acct": (163, 89), "quotactl": (179, 60), "quotactl_fd": (443, 443), "settimeofday": (164, 170),
    "clock_settime": (227, 112), "clock_adjtime": (305, 266), "adjtimex": (159, 171), "sethostname": (170, 161),
    "setdomainname": (171, 162), "iopl": (172, -1), "ioperm": (173, -1), "syslog": (103, 116), "vhangup": (153, 58),
    "lookup_dcookie": (212, 18), "nfsservctl": (180, 42), "migrate_pages": (256, 238), "move_pages": (279, 239),
    "fanotify_init": (300, 262), "fanotify_mark": (301, 263), "seccomp": (317, 277), "memfd_secret": (447, 447),
    "flock": (73, 32), "inotify_init": (253, -1), "inotify_init1": (294, 26),
    "modify_ldt": (154, -1), "uselib": (134, -1), "ustat": (136, -1), "sysfs": (139, -1), "_sysctl": (156, -1),
}  # fmt: skip

LAST_KNOWN = 450
"""The newest call that was looked at (set_mempolicy_home_node)."""
NAMESPACE_FLAGS = 0x7E020080
"""All CLONE_NEW* flags, time namespaces included."""
ALLOWED_FAMILIES = (1, 2, 10)
"""AF_UNIX, AF_INET, AF_INET6: harmless in an empty network namespace, and programs talk to themselves with them."""
TERMINAL_INJECTION = (0x5412, 0x541C)
"""TIOCSTI and TIOCLINUX type into the terminal of whoever started the program."""
PR_SET_SECCOMP = 22
FILE_SIGNALS = (5, 36, 1024, 1025, 1026)
"""fcntl's F_GETLK, F_OFD_GETLK, F_SETLEASE, F_GETLEASE, F_NOTIFY. Boxes share the system's files read-only, and with
these, as with `flock` and inotify, one box could read from such a file what another does to it."""
RLIMIT_CORE = 4
"""Set before a box starts, to the one value with which the kernel starts no core-dump handler on the host."""


@dataclass(frozen=True)
class Architecture:
    """Numbers of the calls that are judged by their arguments."""

    column: int
    audit: int
    clone: int
    clone3: int
    personality: int
    socket: int
    socketpair: int
    ioctl: int
    prctl: int
    fcntl: int
    setrlimit: int
    prlimit64: int
    x32: bool


ARCHITECTURES = {
    "x86_64": Architecture(0, 0xC000003E, 56, 435, 135, 41, 53, 16, 157, 72, 160, 302, x32=True),
    "aarch64": Architecture(1, 0xC00000B7, 220, 435, 92, 198, 199, 29, 167, 25, 164, 261, x32=False),
}

_LOAD, _EQ, _GT, _SET, _RET = 0x20, 0x15, 0x25, 0x45, 0x06
_ALLOW, _KILL, _ERRNO = 0x7FFF0000, 0x80000000, 0x00050000
_NR, _ARCH = 0, 4


def _op(code: int, value: int, jump_true: int = 0, jump_false: int = 0) -> bytes:
    return struct.pack("<HBBI", code, jump_true, jump_false, value & 0xFFFFFFFF)


def _fail(number: int) -> bytes:
    return _op(_RET, _ERRNO | number)


def _argument(index: int) -> int:
    """Offset of the low half of an argument (both architectures are little-endian)."""
    return 16 + 8 * index


def _when(number: int, *body: bytes) -> bytes:
    """`body` for one call; it ends by allowing what it did not refuse."""
    return _op(_EQ, number, 0, len(body) + 1) + b"".join(body) + _op(_RET, _ALLOW)


def _unless_one_of(values: tuple[int, ...], refusal: bytes) -> list[bytes]:
    """Refuse unless the loaded argument is one of `values`."""
    count = len(values)
    return [*(_op(_EQ, value, count - position, 0) for position, value in enumerate(values)), refusal]


def _own_limits(refusal: bytes) -> list[bytes]:
    """For prlimit64(process, resource, new, old): refuse other processes, and a new value for core dumps."""
    others = [_op(_LOAD, _argument(0)), _op(_EQ, 0, 1, 0), refusal]
    code = [_op(_LOAD, _argument(1)), _op(_EQ, RLIMIT_CORE, 0, 5), _op(_LOAD, _argument(2)), _op(_EQ, 0, 0, 2)]
    return [*others, *code, _op(_LOAD, _argument(2) + 4), _op(_EQ, 0, 1, 0), refusal]


def program(machine: str | None = None) -> bytes:
    """The filter for an architecture, by default this machine's.

    Raises:
        ValueError: an architecture without a table here.
    """
    name = machine or platform.machine()
    if name not in ARCHITECTURES:
        raise ValueError(f"no system-call table for {name}; known are {', '.join(ARCHITECTURES)}")
    arch = ARCHITECTURES[name]
    denied = _fail(errno.EPERM)
    code = [_op(_LOAD, _ARCH), _op(_EQ, arch.audit, 1, 0), _op(_RET, _KILL), _op(_LOAD, _NR)]
    if arch.x32:
        code += [_op(_SET, 0x40000000, 0, 1), _op(_RET, _KILL)]
    code += [_op(_GT, LAST_KNOWN, 0, 1), _fail(errno.ENOSYS), _op(_EQ, arch.clone3, 0, 1), _fail(errno.ENOSYS)]
    for numbers in DENIED.values():
        if numbers[arch.column] >= 0:
            code += [_op(_EQ, numbers[arch.column], 0, 1), denied]
    code.append(_when(arch.clone, _op(_LOAD, _argument(0)), _op(_SET, NAMESPACE_FLAGS, 0, 1), denied))
    code.append(_when(arch.personality, _op(_LOAD, _argument(0)), *_unless_one_of((0, 0xFFFFFFFF), denied)))
    unknown_family = _fail(errno.EAFNOSUPPORT)
    for call in (arch.socket, arch.socketpair):
        code.append(_when(call, _op(_LOAD, _argument(0)), *_unless_one_of(ALLOWED_FAMILIES, unknown_family)))
    for call, argument, values in (
        (arch.ioctl, 1, TERMINAL_INJECTION),
        (arch.prctl, 0, (PR_SET_SECCOMP,)),
        (arch.fcntl, 1, FILE_SIGNALS),
        (arch.setrlimit, 0, (RLIMIT_CORE,)),
    ):
        refusals = [part for value in values for part in (_op(_EQ, value, 0, 1), denied)]
        code.append(_when(call, _op(_LOAD, _argument(argument)), *refusals))
    code.append(_when(arch.prlimit64, *_own_limits(denied)))
    code.append(_op(_RET, _ALLOW))
    return b"".join(code)
