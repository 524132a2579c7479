"""Metrics of one whole run on one case: highest memory use, size of a file, perplexity of a model that was produced."""

from __future__ import annotations

import re
from collections.abc import Callable

from grader.benchmark.duel import Measurement
from grader.benchmark.side import TurnFailed
from grader.casework import VERDICT_OF_LIMIT, Bench, CaseContext, Checks, GraderFault, ToolLimit, as_run, judge_case
from grader.checks import Case
from grader.contract import Verdict
from grader.lab import BenchmarkSpec
from grader.languages import Program
from grader.sandbox import Outcome
from grader.sandbox.interface import MIB

REPEATS = {"peak_memory": 5, "file_size": 1, "perplexity": 1}
TRIES = 5
"""The engine's log is written by a thread, and its last lines are sometimes lost when it ends."""
_PERPLEXITY = re.compile(rb"Final estimate: PPL = ([0-9.]+)")
_NO_PERPLEXITY = (b"Unexpected negative standard deviation of log(prob)", b"]nan,")
"""What the engine says of a model whose probabilities are no numbers, or all the same."""

Amount = Callable[[Case, Outcome], float]


def measure_single(
    bench: Bench, checks: Checks, spec: BenchmarkSpec, context: CaseContext, learner: Program, reference: Program
) -> Measurement:
    """Run both on the lab's `benchmark_case`, a new case for every repetition.

    Raises:
        GraderFault: the lab has no such case, or the reference fails it.
    """
    amount = _amount_of(spec, context)
    found = Measurement()
    try:
        for _ in range(REPEATS[spec.metric]):
            case = _case(bench, checks, spec, context)
            try:
                ours = _run(bench, checks, context, reference, case, amount)
            except TurnFailed as failure:
                raise GraderFault(f"the reference solution fails its benchmark: {failure}") from failure
            found.reference.append(ours)
            found.learner.append(_run(bench, checks, context, learner, case, amount))
            found.work.append(0.0)
            found.items.append(1)
    except TurnFailed as failure:
        found.failure = failure
        return found
    ordered = sorted(found.ratios)
    found.decided = ordered[len(ordered) // 2] >= spec.threshold
    return found


def _case(bench: Bench, checks: Checks, spec: BenchmarkSpec, context: CaseContext) -> Case:
    if checks.benchmark_case is None:
        raise GraderFault(f"{bench.lab.slug}: checks.py has no benchmark_case, which {spec.id} needs")
    try:
        return checks.benchmark_case(context, spec)
    except Exception as error:
        raise GraderFault(f"benchmark_case() of {bench.lab.slug} failed: {type(error).__name__}: {error}") from error


def _run(bench: Bench, checks: Checks, context: CaseContext, program: Program, case: Case, amount: Amount) -> float:
    outcome = bench.run_case(program, case)
    if outcome.limit is not None:
        raise TurnFailed(VERDICT_OF_LIMIT[outcome.limit], f"The measured run ended at its {outcome.limit.value} limit.")
    judgement = judge_case(bench.lab, checks, case, as_run(outcome), context)
    if not judgement.passed:
        raise TurnFailed(judgement.verdict, f"The measured run gave a wrong output: {judgement.message}")
    return amount(case, outcome)


def _amount_of(spec: BenchmarkSpec, context: CaseContext) -> Amount:
    match spec.metric:
        case "peak_memory":
            return lambda case, outcome: _memory(outcome)
        case "file_size":
            return lambda case, outcome: len(_file(case, outcome)) / 1024
        case _:
            return lambda case, outcome: _perplexity(context, case, _file(case, outcome))


def _memory(outcome: Outcome) -> float:
    if outcome.memory_bytes <= 0:
        raise GraderFault("this machine does not count the memory of a box (no control groups)")
    return outcome.memory_bytes / MIB


def _file(case: Case, outcome: Outcome) -> bytes:
    """The first of the case's output files."""
    if not case.files_out:
        raise GraderFault("benchmark_case() names no files_out to be measured")
    content = outcome.files.get(case.files_out[0], b"")
    if not content:
        raise TurnFailed(Verdict.WRONG_ANSWER, f"The measured run left no file {case.files_out[0]}.")
    return content


def _perplexity(context: CaseContext, case: Case, model: bytes) -> float:
    """Of a model on the case's `expected` text, by the pinned engine's own tool, in a box."""
    text = case.expected
    if not isinstance(text, bytes):
        raise GraderFault("benchmark_case() of a perplexity benchmark must have the text, as bytes, in `expected`")
    files = {"model.gguf": model, "text.txt": text}
    # One thread: several would wait for each other by spinning, which takes many times longer on a busy machine.
    args = ["-m", "/in/model.gguf", "-f", "/in/text.txt", "--no-warmup", "-t", "1"]
    for _ in range(TRIES):
        try:
            run = context.tool("llama-perplexity", args, files=files)
        except ToolLimit as limit:
            said = "The engine needs more time or memory for the perplexity of this model than there is."
            raise TurnFailed(Verdict.TIME_LIMIT, said) from limit
        match = _PERPLEXITY.search(run.stdout + run.stderr)
        if match is not None:
            return float(match[1])
        if run.exit_code != 0 or any(words in run.stdout + run.stderr for words in _NO_PERPLEXITY):
            raise TurnFailed(Verdict.WRONG_ANSWER, "The engine cannot compute the perplexity of the model.")
    raise GraderFault(f"llama-perplexity ended well {TRIES} times and did not say its estimate")
