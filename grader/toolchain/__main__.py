"""`python -m grader.toolchain`: build the pinned engine and ask about it."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import NoReturn

from grader.toolchain import models
from grader.toolchain.builder import build
from grader.toolchain.cleaning import clean
from grader.toolchain.errors import BuildRunningError, ManifestError, ToolchainError
from grader.toolchain.installed import Toolchain, examine
from grader.toolchain.progress import Progress, Stage, progress
from grader.toolchain.store import ENVIRONMENT_VARIABLE, default_store

DONE, NOT_READY, FAILED, BUSY = 0, 1, 3, 4
_POLL_SECONDS = 0.25
_LINE_EVERY_PERCENT = 5
_EPILOG = f"""\
exit status:
  0    done, or the toolchain is ready
  1    there is no complete toolchain (status, path), or it is damaged (verify)
  2    the command line is wrong
  3    a build failed; the message says why and what to do
  4    another process is building (build --no-wait, clean)
  130  interrupted by SIGINT, 143 by SIGTERM; `build` goes on there the next time

The toolchain lies in .data/toolchain of the project, or in the folder that {ENVIRONMENT_VARIABLE} names.
"""


class _Terminated(BaseException):
    """SIGTERM came; a BaseException so that no step takes it for a failure."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; gives the exit status."""
    options = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = options.command
    signal.signal(signal.SIGTERM, _terminate)
    try:
        return command(options)
    except BuildRunningError as error:
        _complain(str(error))
        return BUSY
    except ToolchainError as error:
        _complain(str(error))
        return FAILED
    except KeyboardInterrupt:
        _complain("Interrupted; building again resumes.")
        return 128 + signal.SIGINT
    except _Terminated:
        _complain("Terminated; building again resumes.")
        return 128 + signal.SIGTERM


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m grader.toolchain",
        description="The pinned engine: llama.cpp built once, from one pinned source distribution, for every lesson, "
        "lab and tool. A build needs a C++ compiler, cmake, ninja or make, 3 GB of free space and the package index.",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, command: Callable[[argparse.Namespace], int], text: str) -> argparse.ArgumentParser:
        added = commands.add_parser(
            name, help=text, description=text, epilog=_EPILOG, formatter_class=argparse.RawDescriptionHelpFormatter
        )
        added.set_defaults(command=command)
        return added

    builder = add("build", _build, "Build the engine and its models, or go on with a build; at once when all is there.")
    builder.add_argument("--no-wait", action="store_true", help="do not wait for another process that builds")
    add("status", _status, "Say how far the engine is.")
    path = add("path", _path, "Print the folder of the engine, or the path of one of its tools or models.")
    path.add_argument("name", nargs="?", help='a tool such as "llama-cli" or a model such as "tiny-q8_0"')
    add("verify", _verify, "Compare every file of the engine with what was built.")
    cleaner = add("clean", _clean, "Remove downloads and everything that is not the engine in use.")
    cleaner.add_argument("--all", action="store_true", help="remove the engine in use, too")
    return parser


def _build(options: argparse.Namespace) -> int:
    with _shown_progress():
        toolchain = build(wait=not options.no_wait)
    _say(f"{toolchain.root}\n{toolchain.manifest.description}")
    return DONE


def _status(options: argparse.Namespace) -> int:
    del options
    state = progress()
    if state.stage is not Stage.READY:
        _say(_line(state))
    if state.error:
        _say(state.error)
    toolchain = _current_or_complain()
    if toolchain is None:
        return NOT_READY
    _say(f"ready: {toolchain.manifest.description}")
    _say(f"engine: {toolchain.root}")
    _say(f"models: {', '.join(models.available(toolchain)) or 'none'}")
    return DONE


def _path(options: argparse.Namespace) -> int:
    toolchain = _current_or_complain()
    if toolchain is None:
        return NOT_READY
    if options.name is None:
        _say(str(toolchain.root))
        return DONE
    tool, model = toolchain.tool(options.name), models.available(toolchain).get(options.name)
    if model is None and ("/" in options.name or not tool.is_file()):
        _complain(f"There is no tool and no model {options.name!r}. Tools are in {toolchain.root / 'bin'}.")
        return NOT_READY
    _say(str(model or tool))
    return DONE


def _verify(options: argparse.Namespace) -> int:
    del options
    toolchain = _current_or_complain()
    if toolchain is None:
        return NOT_READY
    if not models.up_to_date(toolchain.models_dir):
        _complain("The fixture models are not those of the content. Make them: python -m grader.toolchain build")
        return NOT_READY
    _say(f"{len(toolchain.manifest.files)} files are as they were built.")
    return DONE


def _clean(options: argparse.Namespace) -> int:
    freed = clean(default_store(), everything=options.all)
    _say(f"{freed / 1e6:.0f} MB removed.")
    return DONE


def _current_or_complain() -> Toolchain | None:
    try:
        return examine()
    except ManifestError as error:
        _complain(f"{error} Build it: python -m grader.toolchain build")
        return None


@contextmanager
def _shown_progress() -> Iterator[None]:
    """Show how far the build is, be it this process's or the one that is waited for."""
    ended = threading.Event()
    watcher = threading.Thread(target=_watch, args=(ended,), daemon=True)
    watcher.start()
    try:
        yield
    finally:
        ended.set()
        watcher.join()


def _watch(ended: threading.Event) -> None:
    terminal = sys.stderr.isatty()
    shown: tuple[object, ...] = ()
    while not ended.wait(_POLL_SECONDS):
        state = progress()
        if not state.running:
            continue
        if terminal:
            sys.stderr.write(f"\r\x1b[K{_line(state)[:100]}")
        elif (news := (state.stage, state.percent // _LINE_EVERY_PERCENT)) != shown:
            shown = news
            sys.stderr.write(f"{_line(state)}\n")
        sys.stderr.flush()
    if terminal:
        sys.stderr.write("\r\x1b[K")


def _line(state: Progress) -> str:
    if not state.running:
        return f"{state.stage}: {state.detail}"
    counted = f" ({state.done}/{state.total})" if state.total else ""
    return f"{state.percent:3} % {state.stage}{counted}: {state.detail}"


def _terminate(number: int, frame: FrameType | None) -> NoReturn:
    raise _Terminated


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def _complain(text: str) -> None:
    sys.stderr.write(f"{text}\n")


if __name__ == "__main__":
    sys.exit(main())
