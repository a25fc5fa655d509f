"""A line too thin for pictures gets sound alone, by itself, and pictures again by itself."""

from __future__ import annotations

from server.media.estimate import Estimator
from server.media.soundonly import ABOVE_BPS, BELOW_BPS, HOLD_MS, SoundOnly

LOOK_MS = 500


def test_below_150_kbit_a_second_it_begins_at_once() -> None:
    rule = SoundOnly()
    assert not rule.weigh(BELOW_BPS, 0)
    assert rule.weigh(BELOW_BPS - 1, 1)


def test_pictures_come_back_only_after_a_while_of_more_than_enough() -> None:
    rule = SoundOnly()
    rule.weigh(0, 0)
    assert rule.weigh(ABOVE_BPS, 1_000)
    assert rule.weigh(ABOVE_BPS, 1_000 + HOLD_MS - 1)
    assert not rule.weigh(ABOVE_BPS, 1_000 + HOLD_MS)


def test_a_budget_that_falls_back_begins_the_wait_anew() -> None:
    rule = SoundOnly()
    rule.weigh(0, 0)
    rule.weigh(ABOVE_BPS, 1_000)
    rule.weigh(ABOVE_BPS - 1, 4_000)
    assert rule.weigh(ABOVE_BPS, 4_500)
    assert rule.weigh(ABOVE_BPS, 4_500 + HOLD_MS - 1)
    assert not rule.weigh(ABOVE_BPS, 4_500 + HOLD_MS)


def test_a_budget_on_the_edge_does_not_flicker() -> None:
    rule, changes, before = SoundOnly(), 0, False
    for step in range(400):
        now = rule.weigh(140_000 if step % 7 == 0 else 190_000, step * LOOK_MS)
        changes += now is not before
        before = now
    assert (changes, before) == (1, True)


def test_a_line_that_was_thin_for_a_while_finds_its_pictures_again_by_trying() -> None:
    """The estimator's own course: a third of all packets lost for five seconds, then none."""
    estimator, rule, went_off, came_back = Estimator(0), SoundOnly(), 0, 0
    for step in range(1, 200):
        now = step * LOOK_MS
        bad = now <= 5_000
        # Fifty packets of sound a second, 160 octets each.
        estimator.reported(17 if bad else 25, 8 if bad else 0, ())
        estimator.assess(now, 160)
        off = rule.weigh(estimator.budget, now)
        went_off = went_off or (now if off else 0)
        came_back = came_back or (now if went_off and not off else 0)
    assert 0 < went_off <= 1_000
    assert 5_000 < came_back <= 60_000
