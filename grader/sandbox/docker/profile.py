"""Docker's seccomp profile, made from the one table in `grader.sandbox.seccomp`.

It bounds the agent and everything it starts. The program itself gets, from the agent, exactly the filter that it has
under bubblewrap as well: that one also refuses what has no name yet, and calls of other architectures.
"""

from __future__ import annotations

import errno
import json

from grader.sandbox import seccomp

_ERRNO, _ALLOW = "SCMP_ACT_ERRNO", "SCMP_ACT_ALLOW"


def profile() -> str:
    """The profile as Docker's API takes it."""
    denied = sorted(seccomp.DENIED)
    rules: list[dict[str, object]] = [
        {"names": denied, "action": _ERRNO, "errnoRet": errno.EPERM},
        # libc then uses clone, whose flags can be looked at.
        {"names": ["clone3"], "action": _ERRNO, "errnoRet": errno.ENOSYS},
    ]
    for bit in range(32):
        flag = 1 << bit
        if seccomp.NAMESPACE_FLAGS & flag:
            test = {"index": 0, "value": flag, "valueTwo": flag, "op": "SCMP_CMP_MASKED_EQ"}
            rules.append({"names": ["clone"], "action": _ERRNO, "errnoRet": errno.EPERM, "args": [test]})
    return json.dumps({"defaultAction": _ALLOW, "syscalls": rules})
