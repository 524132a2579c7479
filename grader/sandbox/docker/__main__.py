"""`python -m grader.sandbox.docker`: build the image that submissions see, or say what the engine offers."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence

from grader.sandbox.docker.engine import build_image, connect
from grader.sandbox.docker.settings import Settings
from grader.sandbox.interface import SandboxUnavailable


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; gives the exit status: 0 done, 3 it cannot work here."""
    parser = argparse.ArgumentParser(prog="python -m grader.sandbox.docker", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    build = commands.add_parser("build-image", help="build the image that submissions see as their machine")
    build.add_argument("--kind", choices=("cpu", "cuda"), default="cpu", help="cuda: with nvcc, for GPU machines")
    build.add_argument("--base", default="", metavar="IMAGE", help="Debian or Ubuntu image to build on")
    build.add_argument("--tag", default="", metavar="NAME", help="name of the image (default: llsys-box:KIND)")
    commands.add_parser("show", help="say what is isolated here, by a real container")
    options = parser.parse_args(arguments)
    try:
        if options.command == "build-image":
            tag = options.tag or f"llsys-box:{options.kind}"
            for line in build_image(
                connect(Settings.from_environment().host), kind=options.kind, tag=tag, base=options.base
            ):
                print(line, flush=True)  # noqa: T201 - a command line
            print(f"Built {tag}. Name it in GRADER_DOCKER_IMAGE unless it is the default.")  # noqa: T201
            return 0
        from grader.sandbox.docker.sandbox import Docker

        with Docker(Settings.from_environment()) as sandbox:
            print("\n".join(sandbox.isolation()))  # noqa: T201
        return 0
    except (SandboxUnavailable, ValueError) as error:
        print(error, file=sys.stderr)  # noqa: T201
        return 3


if __name__ == "__main__":
    sys.exit(main())
