"""From the outcome of one run to one row of the verdict table: what it is worth, in words for the learner."""

from __future__ import annotations

import re
import signal

from grader.casework import CaseContext, Checks, as_run, judge_case
from grader.checks import Case
from grader.contract import Finding, FindingKind, TestResult, Verdict
from grader.cuda_cpu.report import Observed, for_hidden_input
from grader.lab import Lab, TestSpec
from grader.languages import Program
from grader.sandbox import Limit, Outcome
from grader.text import clip

_SIGNALS = {
    signal.SIGSEGV: "segmentation fault: it used memory that is not its own",
    signal.SIGABRT: "aborted: an assertion or an uncaught exception",
    signal.SIGFPE: "arithmetic error, usually a division by zero",
    signal.SIGILL: "illegal instruction",
    signal.SIGBUS: "bus error",
    signal.SIGPIPE: "broken pipe",
    signal.SIGKILL: "killed",
    signal.SIGXFSZ: "it wrote a file larger than the disk limit",
}
_NUMBER = re.compile(r"(?<![\w.])[-+]?\d+(?:[.,]\d+)*(?![\w])")
HIDDEN_NUMBER = "…"
"""Stands for every number in the message of a hidden test: a program could count a hidden input out to its author."""


_UNSPECIFIED = (FindingKind.RACE, FindingKind.UNINITIALISED, FindingKind.UNDEFINED)


def judge(
    lab: Lab,
    checks: Checks,
    test: TestSpec,
    case: Case,
    outcome: Outcome,
    context: CaseContext,
    watched: Observed | None = None,
) -> TestResult:
    """The result of one case, before anything hidden is taken out; `watched` is what watching the case told."""
    run = as_run(outcome, watched)
    verdict, message, hint, expected, seen = Verdict.ACCEPTED, "", "", "", ""
    if run.limit is not None:
        verdict, message = run.limit, _limit_message(lab, outcome, hidden=test.hidden)
    elif run.exit_code < 0:
        verdict, message = Verdict.RUNTIME_ERROR, _signal_message(run.exit_code, hidden=test.hidden)
    else:
        judgement = judge_case(lab, checks, case, run, context)
        message, hint, expected, seen = judgement.message, judgement.hint, judgement.expected, judgement.seen
        if not judgement.passed:
            verdict = judgement.verdict
            if verdict is Verdict.WRONG_ANSWER and run.exit_code != 0 and (error := _traceback_end(run.stderr)):
                verdict = Verdict.RUNTIME_ERROR
                message = (
                    f"The program ended with {error}" if not test.hidden else "The program ended with an exception."
                )
        if judgement.passed and (fault := next((one for one in run.findings if one.severity == "error"), None)):
            # Right by luck: on a device, or another day, the same program gives another answer.
            verdict = Verdict.WRONG_ANSWER if fault.kind in _UNSPECIFIED else Verdict.RUNTIME_ERROR
            message = _fault_message(fault, hidden=test.hidden)
        if test.hidden:
            message = _NUMBER.sub(HIDDEN_NUMBER, message)
    if verdict is not Verdict.ACCEPTED and outcome.process_limit_hit:
        message += f" It asked for more than {lab.spec.limits.processes} processes or threads."
    passed = verdict is Verdict.ACCEPTED
    return TestResult(
        name=test.id,
        title=test.title,
        hidden=test.hidden,
        passed=passed,
        verdict=verdict,
        points=test.points if passed else 0.0,
        max_points=test.points,
        message=clip(message, 500),
        hint=clip("" if passed else hint or test.hint, 2000),
        expected=clip(expected, 8000),
        seen=clip(seen, 8000),
    )


def _fault_message(fault: Finding, *, hidden: bool) -> str:
    shown = for_hidden_input([fault])[0] if hidden else fault
    return shown.message if hidden else f"{shown.file}:{shown.line}: {shown.message}"


def present(
    result: TestResult, test: TestSpec, case: Case, outcome: Outcome, program: Program, seen: Observed | None = None
) -> TestResult:
    """Add what a shown test tells; a hidden test keeps only title, class of failure, gravest finding and hint."""
    seen = seen or Observed()
    if test.hidden:
        found = for_hidden_input(seen.findings)
        gone = {"detail": "", "command": "", "expected": "", "seen": "", "stderr": ""}
        return result.model_copy(update={**gone, "findings": found})
    shown = {
        "findings": list(seen.findings),
        "kernels": list(seen.kernels),
        "wall_seconds": round(outcome.wall_seconds, 4),
        "cpu_seconds": round(outcome.cpu_seconds, 4),
        "memory_bytes": outcome.memory_bytes,
    }
    if result.passed:
        return result.model_copy(update=shown)
    return result.model_copy(
        update={
            **shown,
            "detail": clip(case.note, 8000),
            "command": clip(command_line(program, case), 2000),
            "stderr": clip(outcome.stderr[-6000:], 8000),
        }
    )


def command_line(program: Program, case: Case) -> str:
    """How a learner runs a case by hand."""
    name = program.command[-1].rsplit("/", 1)[-1]
    words = ["./program" if name == "program" else f"python {name}", *(str(argument) for argument in case.args)]
    return " ".join(words)


def _limit_message(lab: Lab, outcome: Outcome, *, hidden: bool) -> str:
    limits = lab.spec.limits
    match outcome.limit:
        case Limit.CPU:
            return f"Stopped after {limits.cpu_seconds:g} s of processor time, the limit."
        case Limit.WALL:
            used = "" if hidden else f"; it had used {outcome.cpu_seconds:.1f} s of processor time"
            return f"Stopped after {limits.wall_seconds:g} s, the limit{used}."
        case Limit.MEMORY:
            return f"Stopped: it needed more than {lab.spec.limits.memory_mb} MiB of memory."
        case _:
            return f"Stopped: it wrote more than {limits.output_kb} KiB of output."


def _signal_message(exit_code: int, *, hidden: bool) -> str:
    try:
        name = signal.Signals(-exit_code)
    except ValueError:
        return "The program was ended by a signal." if hidden else f"The program was ended by signal {-exit_code}."
    words = _SIGNALS.get(name)
    if hidden and words is None:
        return "The program was ended by a signal."
    return f"The program crashed with {name.name}{f' ({words})' if words else ''}."


def _traceback_end(stderr: bytes) -> str:
    """The last line of a Python traceback, "" when there is none."""
    if b"Traceback (most recent call last)" not in stderr:
        return ""
    lines = stderr[-4000:].decode(errors="replace").strip().splitlines()
    return clip(lines[-1], 300) if lines else ""
