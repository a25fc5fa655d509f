"""What the benches make of what they count: rows that stay, packets that are expected, memory that is flat."""

from __future__ import annotations

from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest

from bench.media import browsers, figures, loss
from bench.media.cases import CASES, Case
from bench.media.flood import FIRST, SIZES, junk
from bench.media.soak import SITES, Sample, grown


def row(case: str, ours: float) -> figures.Row:
    return {"case": case, "metric": "CPU", "ours": ours}


def test_what_is_measured_anew_replaces_its_own_rows_and_no_others() -> None:
    kept = [row("a", 1), row("gone", 2), row("b", 3), row("b", 4)]
    assert figures.merged(kept, [row("b", 5)], ["b", "a"]) == [row("b", 5), row("a", 1)]
    assert figures.merged([], [row("a", 1)], ["b", "a"]) == [row("a", 1)]


def test_lips_that_no_browser_could_compare_with_a_voice_miss_the_aim() -> None:
    nothing: Any = SimpleNamespace(seen_ms=[100.0], apart_ms=[], missed=0)
    found = {one["metric"]: one for one in browsers.rows(nothing, "", 1, 0)}
    assert found["picture and voice apart, at most"]["ours"] > browsers.AIM_APART_MS
    assert found["picture and voice apart, further than the aim"]["ours"] == 100


def test_names_of_cases_are_no_two_alike() -> None:
    for names in ([one.key for one in CASES], [one.name for one in CASES], [one.name for one in loss.CASES]):
        assert len(names) == len(set(names))


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        # Nobody who receives a fan-out sends: each gets every picture and the voice.
        (Case("", "", 1, 10), 10 * (30 + 5)),
        # Each of six sees five others and hears two or three of the first three.
        (Case("", "", 6, 6), 6 * 5 * 30 + 3 * 2 * 5 + 3 * 3 * 5),
        # Two pictures each, of three cameras.
        (Case("", "", 6, 6, videos=2, pictures=3), 6 * 2 * 30 + 3 * 2 * 5 + 3 * 3 * 5),
        # Three speak to six hundred who send nothing.
        (Case("", "", 3, 600, videos=1, pictures=1), 600 * (30 + 3 * 5)),
    ],
)
def test_as_much_is_expected_as_everybody_should_get(case: Case, expected: int) -> None:
    assert case.expected([30] * case.publishers, [5] * case.publishers) == expected


def test_a_site_that_sends_and_receives_is_one_participant() -> None:
    assert [Case("", "", *both).people for both in ((31, 31), (1, 31), (3, 600))] == [31, 32, 603]


def minutes(length: int, kb: float, a_minute: float, noise: int = 0) -> list[Sample]:
    """A sample every two seconds of a run of so many minutes that grows by so many kB each."""
    return [Sample(at / 30, int(kb + a_minute * at / 30 + noise * (-1) ** at), 0.0, 0) for at in range(30 * length + 1)]


@pytest.mark.parametrize(
    ("length", "a_minute", "flat"), [(60, 0, True), (60, 20, True), (60, 200, False), (4, 0, True), (4, 2_000, False)]
)
def test_memory_is_flat_when_it_does_not_grow(length: int, a_minute: float, flat: bool) -> None:
    assert grown(minutes(length, 70_000, a_minute, noise=900)).is_flat is flat


def test_memory_that_fills_up_at_first_and_then_stays_is_flat() -> None:
    filling = [one._replace(kb=one.kb - max(0, int(30_000 * (1 - one.minute)))) for one in minutes(5, 90_000, 0)]
    assert grown(filling).is_flat
    assert not grown([*filling, *([filling[-1]._replace(kb=130_000)] * 60)]).is_flat


def test_the_speaker_is_never_the_site_that_spoke_just_before() -> None:
    turns = [turn * 7 % SITES for turn in range(2 * SITES)]
    assert set(turns) == set(range(SITES)) and all(one != other for one, other in pairwise(turns))


def test_junk_is_of_every_kind_and_the_same_every_time() -> None:
    datagrams = junk()
    assert datagrams == junk() and b"" in datagrams
    assert {one[0] for one in datagrams if one} == set(FIRST) and {len(one) for one in datagrams} == set(SIZES)
