"""Every kind of question: a right answer earns 1, and no answer earns more than it deserves."""

from __future__ import annotations

from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from backend.quizzes.kinds import KINDS, Asked, InvalidAnswer, choice, match, numeric, order, text

_NAMES = st.lists(st.text("abcdefgh", min_size=1, max_size=4), min_size=2, max_size=8, unique=True)


@given(_NAMES, st.data())
def test_a_multiple_choice_earns_full_points_for_exactly_the_right_set(names: list[str], data: st.DataObject) -> None:
    correct = data.draw(st.lists(st.sampled_from(names), min_size=1, unique=True))
    chosen = data.draw(st.lists(st.sampled_from(names), min_size=1, unique=True))
    points = choice.score_some(chosen, {"correct": correct})
    assert 0 <= points <= 1
    assert (points == 1) == (set(chosen) == set(correct))


@given(_NAMES, st.data())
def test_choosing_everything_never_earns_more_than_leaving_the_wrong_ones_out(
    names: list[str], data: st.DataObject
) -> None:
    correct = data.draw(st.lists(st.sampled_from(names), min_size=1, unique=True))
    everything = choice.score_some(names, {"correct": correct})
    assert everything == pytest.approx(max(0.0, (2 * len(correct) - len(names)) / len(correct)))


def test_half_of_the_right_options_earn_half_and_a_wrong_one_takes_it_back() -> None:
    key = {"correct": ["a", "b"]}
    assert choice.score_some(["a"], key) == 0.5
    assert choice.score_some(["a", "c"], key) == 0.0
    assert choice.score_some(["a", "b", "c"], key) == 0.5


@given(st.permutations(["a", "b", "c", "d", "e"]))
def test_an_order_earns_a_share_for_each_pair_of_neighbours_and_all_only_when_right(given_order: list[str]) -> None:
    right = ["a", "b", "c", "d", "e"]
    points = order.score({name: place for place, name in enumerate(given_order, 1)}, {"order": right})
    assert 0 <= points <= 1
    assert (points == 1) == (given_order == right)


def test_one_step_out_of_place_costs_only_its_neighbourhood() -> None:
    key = {"order": ["a", "b", "c", "d", "e"]}
    assert order.score({"e": 1, "a": 2, "b": 3, "c": 4, "d": 5}, key) == 0.75


@given(st.dictionaries(st.sampled_from("abcde"), st.integers(1, 5)))
def test_an_order_with_shared_or_missing_places_is_scored_but_never_full_unless_right(places: dict[str, int]) -> None:
    points = order.score(places, {"order": list("abcde")})
    assert 0 <= points <= 1
    assert (points == 1) == (places == {"a": 1, "b": 2, "c": 3, "d": 4, "e": 5})


@given(st.dictionaries(st.sampled_from("abc"), st.sampled_from("xyz")))
def test_a_match_earns_the_share_of_its_right_pairs(pairs: dict[str, str]) -> None:
    key = {"a": "x", "b": "y", "c": "z"}
    right = sum(pairs.get(left) == partner for left, partner in key.items())
    assert match.score(pairs, {"pairs": key}) == pytest.approx(right / 3)


@given(st.floats(-1e12, 1e12), st.floats(0, 0.5), st.floats(-1, 1))
def test_a_number_is_right_within_its_relative_tolerance(exact: float, tolerance: float, offset: float) -> None:
    given_number = exact + offset * tolerance * abs(exact)
    assert numeric.score(repr(given_number), {"answer": exact, "tolerance": tolerance}) == 1
    far = exact * (1 + 1.1 * tolerance + 0.001)
    if exact and abs(far - exact) > tolerance * abs(exact) * 1.01:
        assert numeric.score(repr(far), {"answer": exact, "tolerance": tolerance}) == 0


@pytest.mark.parametrize(
    ("typed", "value"),
    [("1536", 1536), ("1,536", 1536), ("1 536.5", 1536.5), ("1.5e3", 1500), (" .5 ", 0.5), ("\u22122", -2),
     ("1536 MiB", 1536), ("1536mib", 1536), ("1_000_000", 1e6)],
)  # fmt: skip
def test_numbers_are_read_as_people_write_them(typed: str, value: float) -> None:
    assert numeric.parse(typed, "MiB") == value


@pytest.mark.parametrize("typed", ["abc", "1,5", "1e999", "nan", "inf", "1536 GiB", "--1", "1 2", "0x10", "1/2", "٣"])
def test_what_is_no_number_in_the_asked_unit_is_refused_with_an_example(typed: str) -> None:
    with pytest.raises(InvalidAnswer, match="such as 1536"):
        numeric.parse(typed, "MiB")


@pytest.mark.parametrize("typed", ["llama_decode", "  LLAMA_Decode ", "`llama_decode`", "\u201cllama_decode\u201d"])
def test_a_short_answer_may_differ_in_space_quotes_and_capitals(typed: str) -> None:
    assert text.score_short(typed, {"accepted": ["llama_decode()", "llama_decode"], "case_sensitive": False}) == 1


def test_capitals_count_where_the_key_says_so() -> None:
    key = {"accepted": ["Q4_K_M"], "case_sensitive": True}
    assert text.score_short("Q4_K_M", key) == 1
    assert text.score_short("q4_k_m", key) == 0


def test_predicted_output_may_differ_only_in_space_at_line_ends() -> None:
    key = {"accepted": ["1\n 2"], "case_sensitive": True}
    assert text.score_output("1  \n 2\n\n", key) == 1
    assert text.score_output("1\n2", key) == 0
    assert text.score_output("1 2", key) == 0


@given(st.dictionaries(st.text(max_size=8), st.lists(st.text(max_size=30), max_size=3), max_size=5), st.randoms())
def test_whatever_a_form_holds_is_either_read_and_scored_or_refused(raw: dict[str, list[str]], rng: Random) -> None:
    plain = [{"id": name, "html": name} for name in "abc"]
    keys: dict[str, dict[str, Any]] = {
        "match": {"pairs": {"a": "a", "b": "b", "c": "c"}},
        "order": {"order": ["a", "b", "c"]},
        "numeric": {"answer": 1.0, "tolerance": 0.1, "unit": "GiB"},
        "short": {"accepted": ["x"]},
        "output": {"accepted": ["x"]},
    }
    for kind in KINDS.values():
        choices = {"left": plain, "right": plain} if kind.name == "match" else plain
        key = keys.get(kind.name, {"correct": ["a"]})
        asked = Asked(choices, key, kind.arrange(choices, rng))
        for fields in (raw, {"answer": next(iter(raw.values()), [])}):
            try:
                answer = kind.read(asked, fields)
            except InvalidAnswer:
                continue
            if answer is not None:
                assert 0 <= kind.score(answer, key) <= 1
                assert kind.complete(asked, answer) in (True, False)
