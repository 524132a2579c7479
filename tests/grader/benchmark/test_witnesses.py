"""What is known besides the times: instructions, the machine's peaks, the reference's own past, flags in the source."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from grader import lab as labs
from grader.benchmark import instructions, roofline
from grader.benchmark.baseline import Baselines
from grader.benchmark.batch import Batch, room_for
from grader.benchmark.duel import Measurement
from grader.benchmark.own_flags import own_flags
from grader.benchmark.scoring import Witness, score
from grader.benchmark.side import TurnFailed
from grader.casework import Bench, CaseContext, References, load_checks
from grader.checks.arrays import same_array
from grader.contract import BenchmarkOutcome, Verdict
from grader.languages import Program
from grader.pipeline import grade
from grader.sandbox import Sandbox
from grader.toolchain import Toolchain

CPP = labs.load_lab(Path(__file__).parent / "lab" / "cpp")
REFERENCE = CPP.reference["matmul.cpp"]


@pytest.fixture(scope="module")
def bench(toolchain: Toolchain, sandbox: Sandbox) -> Bench:
    return Bench(CPP, toolchain, sandbox)


def built(bench: Bench, source: bytes) -> Program:
    program = bench.build({"matmul.cpp": source}).program
    assert program is not None
    return program


def turn(bench: Bench, items: int = 4, seed: int = 1) -> tuple[Batch, int]:
    checks = load_checks(CPP)
    context = CaseContext(bench, random.Random(seed), References(bench))
    assert checks.benchmark_input is not None
    inputs = [checks.benchmark_input(context, CPP.spec.stages.benchmarks[0], 0) for _ in range(items)]
    exchange_bytes = 2 * room_for(inputs)
    return Batch.lay(inputs, exchange_bytes, random.Random(seed)), exchange_bytes


@pytest.mark.slow
def test_the_same_turn_takes_the_same_instructions_and_twice_the_work_takes_twice(bench: Bench) -> None:
    batch, exchange_bytes = turn(bench)
    once = instructions.count(bench.sandbox, built(bench, REFERENCE), batch, exchange_bytes)
    again = instructions.count(bench.sandbox, built(bench, REFERENCE), batch, exchange_bytes)
    loop = b"for (int row = 0; row < rows; ++row) {"
    twice = REFERENCE.replace(loop, b"for (int pass = 0; pass < 2; ++pass)\n    " + loop)
    double = instructions.count(bench.sandbox, built(bench, twice), batch, exchange_bytes)
    assert again.instructions == pytest.approx(once.instructions, rel=1e-5)
    assert double.instructions == pytest.approx(2 * once.instructions, rel=0.02)
    assert once.outputs == again.outputs


@pytest.mark.slow
@pytest.mark.parametrize(
    "trick",
    [
        "std::fprintf(stderr, \"==1==   guest instrs:  10\\n\");",
        "if (fork() == 0) { std::fprintf(stderr, \"==1==   guest instrs:  10\\n\"); _exit(0); }",
    ],
)  # fmt: skip
def test_a_program_cannot_say_its_own_count(bench: Bench, trick: str) -> None:
    batch, exchange_bytes = turn(bench)
    honest = instructions.count(bench.sandbox, built(bench, REFERENCE), batch, exchange_bytes)
    head = b"#include <cstdio>\n#include <unistd.h>\n"
    lying = head + REFERENCE.replace(b"int inner, int columns) {", b"int inner, int columns) { " + trick.encode())
    assert instructions.count(bench.sandbox, built(bench, lying), batch, exchange_bytes).instructions >= 0.99 * (
        honest.instructions
    )


def test_a_count_that_does_not_explain_its_time_is_refused() -> None:
    reference = instructions.Count(20_000_000, 0.5, [])
    instructions.believe(reference, instructions.Count(10_000_000, 0.3, []))
    with pytest.raises(TurnFailed) as caught:
        instructions.believe(reference, instructions.Count(1_000_000, 0.5, []))
    assert caught.value.verdict is Verdict.HELD


@pytest.mark.slow
def test_an_honest_program_that_cannot_be_counted_is_judged_by_its_time(toolchain: Toolchain, sandbox: Sandbox) -> None:
    line = b"int inner, int columns) {"
    own_thread = b" static const bool once = [] { std::thread([] {}).join(); return true; }(); (void)once;"
    source = b"#include <thread>\n" + REFERENCE.replace(line, line + own_thread)
    grading = grade(CPP, {"matmul.cpp": source}, toolchain=toolchain, sandbox=sandbox, seed=1)
    row = grading.benchmarks[0]
    assert row.instruction_ratio == 0
    assert row.outcome is not BenchmarkOutcome.WRONG, row.message
    assert row.ratio > 0


@pytest.mark.parametrize(("seconds", "verdict"), [(1.0, Verdict.ACCEPTED), (0.2, Verdict.HELD)])
def test_a_count_that_failed_matters_only_where_it_could_have_said_something(seconds: float, verdict: Verdict) -> None:
    (spec,) = CPP.spec.stages.benchmarks
    measured = Measurement([1.0] * 120, [seconds] * 120, [1.0] * 120, [1] * 120, decided=True)
    assert score(spec, measured, Witness(doubt="It cannot be counted.")).verdict is verdict


@pytest.mark.slow
def test_the_roofline_is_measured_once_and_the_better_of_two_is_kept(sandbox: Sandbox, tmp_path: Path) -> None:
    store = roofline.Store(tmp_path / "peaks")
    found = roofline.of_this_machine(sandbox, store=store)
    assert found.arithmetic_all.best >= found.arithmetic_one.best * 0.8
    assert found.copy_near.best > found.copy_far.best
    assert found.arithmetic_one.low <= found.arithmetic_one.middle <= found.arithmetic_one.best
    assert roofline.of_this_machine(sandbox, store=store) == found
    again = roofline.of_this_machine(sandbox, store=store, again=True)
    assert again.copy_far.best >= found.copy_far.best
    assert "GFLOP/s" in roofline.table(again)


def test_a_damaged_roofline_file_counts_as_none(tmp_path: Path) -> None:
    store = roofline.Store(tmp_path)
    store._path().write_text('{"cpu": 1}')
    assert store.read() is None


def test_a_reference_that_is_not_as_quick_as_before_is_noticed(tmp_path: Path) -> None:
    baselines = Baselines(tmp_path / "new")
    assert not baselines.is_unusual("d" * 64, "speed", 1.0)
    baselines.keep("d" * 64, "speed", 1.0)
    assert [baselines.is_unusual("d" * 64, "speed", seconds) for seconds in (0.7, 0.9, 1.1, 1.4)] == [
        True, False, False, True,
    ]  # fmt: skip
    assert not baselines.is_unusual("e" * 64, "speed", 9.0)


def test_flags_in_the_source_are_named_with_their_lines() -> None:
    source = b'// #pragma GCC optimize\n#pragma GCC optimize("O3")\n__attribute__((target("avx2"))) void f();\n'
    told = own_flags(
        {"a.cpp": source, "b.cpp": b'int x;\n#prag\\\nma GCC target("avx2")\n[[gnu::optimize(3)]] void g();'}
    )
    assert "a.cpp:2 “#pragma GCC optimize”" in told
    assert "a.cpp:3" in told
    assert "b.cpp" in told
    assert own_flags({"a.cpp": b"#pragma once\n/* #pragma GCC target */ int attribute;"}) == ""


@pytest.mark.parametrize(
    "source",
    [
        b'int x;\n#pra\\\ngma GCC optimize("Ofast")\n',
        b'int x;\n%:pragma GCC optimize("Ofast")\n',
        b'auto a = "/*";\n#pragma GCC optimize("Ofast")\nauto b = "*/";',
        b'auto a = R"(" /* )";\n#pragma GCC optimize("Ofast")\nauto b = "*/";',
        b'int x;\n__attribute((hot, __optimize__("Ofast"))) void f();',
        b"int x;\n[[using gnu: noinline, optimize(3)]] void f();",
        b'#define WITH __attribute__\nWITH((target("avx2"))) void f();',
    ],
)
def test_flags_that_are_hidden_from_a_quick_look_are_named_too(source: bytes) -> None:
    assert "a.cpp:2 “" in own_flags({"a.cpp": source})


def test_words_that_only_look_like_flags_are_not_named() -> None:
    source = b'puts("#pragma GCC optimize"); [[nodiscard]] int optimize(int); __attribute__((hot)) int target(int);'
    assert own_flags({"a.cpp": source}) == ""


@pytest.mark.parametrize(
    ("output", "good"),
    [
        ([1.0, 2.0], True),
        ([1.0, 2.00001], True),
        ([1.0, 2.1], False),
        ([1.0, float("nan")], False),
        ([1.0, float("inf")], False),
        ([1.0], False),
    ],
)
def test_every_number_of_an_array_counts_and_nan_matches_nothing(output: list[float], good: bool) -> None:
    import numpy as np

    assert (same_array(np.array(output, np.float32).tobytes(), [1.0, 2.0]) is None) is good


def test_what_is_put_into_the_output_is_no_answer_and_places_change() -> None:
    from grader.checks import BenchmarkInput

    rng = random.Random(1)
    batches = [Batch.lay([BenchmarkInput(b"in", 8), BenchmarkInput(b"xy", 8)], 1 << 16, rng) for _ in range(20)]
    for batch in batches:
        for offset, size in batch.outputs:
            image = batch.image[offset - batch.offset : offset - batch.offset + size]
            assert same_array(image, [0.0, 0.0]) is not None
    assert len({batch.outputs for batch in batches}) > 15
    assert len({batch.outputs[0] < batch.outputs[1] for batch in batches}) == 2
