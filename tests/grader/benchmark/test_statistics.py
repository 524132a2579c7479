"""When a ratio is known, and what it is worth."""

from __future__ import annotations

import math
import random

import pytest

from grader.benchmark.duel import Measurement
from grader.benchmark.scoring import Witness, contradicts, points_for, score
from grader.benchmark.side import TooSlow, TurnFailed
from grader.benchmark.statistics import InvalidTimes, decide, interval, pair_ratios
from grader.contract import BenchmarkOutcome, Verdict
from grader.lab import BenchmarkSpec


def spec(**values: object) -> BenchmarkSpec:
    row = {"id": "b", "title": "Speed", "metric": "wall_time", "threshold": 0.8, "full_score": 1.0, "points": 4}
    return BenchmarkSpec.model_validate(row | values)


def noisy(ratio: float, count: int, seed: int, spread: float = 0.05) -> Measurement:
    rng = random.Random(seed)
    reference = [0.002 * math.exp(rng.gauss(0, spread)) for _ in range(count)]
    learner = [0.002 / ratio * math.exp(rng.gauss(0, spread)) for _ in range(count)]
    found = Measurement(reference, learner, [1e6] * count, [10] * count)
    found.decided = decide(found.ratios, 0.8)
    return found


def resampled(ratios: list[float], confidence: float, draws: int = 4000) -> tuple[float, float]:
    rng = random.Random(3)
    medians = sorted(sorted(rng.choices(ratios, k=len(ratios)))[len(ratios) // 2] for _ in range(draws))
    tail = (1 - confidence) / 2
    return medians[int(tail * draws)], medians[int((1 - tail) * draws)]


def test_the_interval_is_what_the_bootstrap_would_give() -> None:
    ratios = noisy(1.0, 121, 1).ratios
    low, high = resampled(ratios, 0.95)
    found = interval(ratios)
    assert found.low == pytest.approx(low, abs=0.003)
    assert found.high == pytest.approx(high, abs=0.003)
    assert found.low <= found.ratio <= found.high


def test_the_interval_holds_the_truth_as_often_as_it_says() -> None:
    inside = 0
    for seed in range(400):
        found = interval(noisy(1.0, 121, seed).ratios)
        inside += found.low <= 1.0 <= found.high
    assert inside >= 370


def test_equal_programs_are_hardly_ever_judged_different() -> None:
    decided = [decide(noisy(1.0, count, seed).ratios, 1.0) for seed in range(100) for count in (120, 240, 480)]
    assert sum(verdict is not None for verdict in decided) <= 1


@pytest.mark.parametrize(("ratio", "right"), [(0.84, True), (0.76, False)])
def test_five_percent_from_the_threshold_is_judged_right(ratio: float, right: bool) -> None:
    assert {decide(noisy(ratio, 480, seed).ratios, 0.8) for seed in range(50)} == {right}


def test_one_percent_below_the_threshold_does_not_pass_by_trying_again() -> None:
    assert sum(decide(noisy(0.792, 480, seed).ratios, 0.8) is True for seed in range(100)) <= 1


@pytest.mark.parametrize("bad", [0.0, -1.0, math.nan, math.inf])
def test_times_that_no_clock_measures_are_refused(bad: float) -> None:
    with pytest.raises(InvalidTimes):
        pair_ratios([1.0, 1.0], [1.0, bad])
    found = Measurement([1.0, 1.0], [1.0, bad], [1.0, 1.0], [1, 1], decided=True)
    scored = score(spec(), found, Witness())
    assert (scored.verdict, scored.result.passed, scored.result.points) == (Verdict.HELD, False, 0)


def test_points_grow_with_the_lower_end_and_never_beyond_the_full_score() -> None:
    assert [points_for(low, spec()) for low in (0.8, 0.9, 1.0, 2.0)] == [2, 3, 4, 4]
    assert points_for(0.9, spec(full_score=0.8)) == 4


@pytest.mark.parametrize(
    ("ratio", "outcome", "verdict"),
    [
        (1.0, BenchmarkOutcome.PASSED, Verdict.ACCEPTED),
        (0.5, BenchmarkOutcome.FAILED, Verdict.PARTIAL),
        (0.8, BenchmarkOutcome.INCONCLUSIVE, Verdict.HELD),
        (12.0, BenchmarkOutcome.IMPLAUSIBLE, Verdict.HELD),
    ],
)
def test_outcomes_and_their_verdicts(ratio: float, outcome: BenchmarkOutcome, verdict: Verdict) -> None:
    scored = score(spec(), noisy(ratio, 240, 5), Witness())
    assert (scored.result.outcome, scored.verdict) == (outcome, verdict)
    assert (scored.result.points > 0) == (verdict is Verdict.ACCEPTED)
    assert scored.result.ratio_low <= scored.result.ratio <= scored.result.ratio_high
    assert "95 % interval" in scored.result.message


def test_a_rate_above_what_the_machine_can_do_is_held() -> None:
    found = noisy(1.0, 240, 5)
    rates = spec(metric="gflops")
    possible = score(rates, found, Witness(peak=1.0, peak_unit="GFLOP/s", ceiling=1.0))
    impossible = score(rates, found, Witness(peak=0.3, peak_unit="GFLOP/s", ceiling=0.3))
    assert possible.verdict is Verdict.ACCEPTED
    assert possible.result.learner_share == pytest.approx(0.5, rel=0.1)
    assert impossible.result.outcome is BenchmarkOutcome.IMPLAUSIBLE
    assert "can do at all" in impossible.result.message


def test_times_and_instructions_must_agree_roughly() -> None:
    assert contradicts(2.5, 0.4)
    assert not contradicts(2.5, 0.8)  # better use of caches
    assert not contradicts(1.2, 0.4)  # wasteful, and not much quicker
    assert not contradicts(8.0, 8.0)  # vector instructions
    assert not contradicts(3.0, 0.0)  # not counted
    scored = score(spec(), noisy(3.0, 240, 1), Witness(instruction_ratio=0.3))
    assert scored.result.outcome is BenchmarkOutcome.IMPLAUSIBLE


def test_failures_keep_their_verdict_and_earn_nothing() -> None:
    wrong = Measurement(failure=TurnFailed(Verdict.WRONG_ANSWER, "wrong"))
    slow = Measurement(failure=TooSlow(Verdict.PARTIAL, "slow."))
    assert (score(spec(), wrong, Witness()).verdict, score(spec(), slow, Witness()).verdict) == (
        Verdict.WRONG_ANSWER,
        Verdict.PARTIAL,
    )
    assert score(spec(), wrong, Witness()).result.outcome is BenchmarkOutcome.WRONG
    assert score(spec(), slow, Witness()).result.outcome is BenchmarkOutcome.FAILED


def test_a_full_score_below_the_threshold_is_refused() -> None:
    with pytest.raises(ValueError, match="below the threshold"):
        spec(full_score=0.5)
