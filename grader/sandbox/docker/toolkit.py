"""Whether NVIDIA's container toolkit on this machine is one whose hooks a container cannot turn against the host.

The hooks run on the host with root's rights while a container starts. CVE-2024-0132 (a race while mounting, fixed in
1.16.2) and CVE-2025-23266 (a library path from the image, fixed in 1.17.8) let a container take them over.
"""

from __future__ import annotations

import re
import shutil
import subprocess

FIXED = (1, 17, 8)
_VERSION = re.compile(r"version (\d+)\.(\d+)\.(\d+)")
_CURE = f"Install version {'.'.join(map(str, FIXED))} or newer, or leave GRADER_DOCKER_GPUS empty."


def problem(said: str) -> str:
    """Why GPUs must not be given to containers here, from what `nvidia-ctk --version` said; "" when they may."""
    match = _VERSION.search(said)
    if match is None:
        return f"The version of NVIDIA's container toolkit cannot be told (nvidia-ctk --version). {_CURE}"
    version = tuple(int(part[:6]) for part in match.groups())
    if version < FIXED:
        return (
            f"NVIDIA's container toolkit {'.'.join(match.groups())} has hooks that a container can take over. {_CURE}"
        )
    return ""


def installed() -> str:
    """What `nvidia-ctk --version` says; "" where there is none, or it does not answer."""
    program = shutil.which("nvidia-ctk")
    if program is None:
        return ""
    try:
        return subprocess.run([program, "--version"], capture_output=True, text=True, timeout=10, check=False).stdout
    except (OSError, subprocess.SubprocessError):
        return ""
