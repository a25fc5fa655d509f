"""A line too thin for pictures gets sound alone, by itself, and pictures again by itself."""

from __future__ import annotations

import random
from itertools import pairwise

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


def test_a_budget_that_was_given_back_is_believed_at_once() -> None:
    rule = SoundOnly()
    rule.weigh(0, 0)
    assert rule.weigh(ABOVE_BPS - 1, 500, given_back=True)
    assert not rule.weigh(ABOVE_BPS, 1_000, given_back=True)


class Course:
    """The estimator's own course, and when pictures were off, one look after the other: 50 packets of sound a second,
    160 octets each, and 90 of 760 with the smallest picture."""

    def __init__(self) -> None:
        self.estimator, self.rule = Estimator(0), SoundOnly()
        self.off: list[bool] = [False]

    def look(self, sound_lost: int, packets_lost: int) -> None:
        """Half a second in which so many were lost, by sound alone or with the picture beside it."""
        quiet = self.off[-1]
        total, lost, size = (25, sound_lost, 160) if quiet else (70, packets_lost, 540)
        self.estimator.reported(total - lost, lost, ())
        now = len(self.off) * LOOK_MS
        self.estimator.assess(now, size)
        self.off.append(self.rule.weigh(self.estimator.budget, now, self.estimator.given_back))


def test_pictures_are_back_within_a_second_of_the_end_of_loss() -> None:
    course = Course()
    chance = random.Random(3)
    for _ in range(20):
        course.look(chance.randint(5, 11), chance.randint(40, 50))
    assert any(course.off), "most of it was lost"
    for _ in range(2):
        course.look(0, 0)
    assert not course.off[-1]


def test_a_line_too_thin_that_drops_at_once_is_tried_less_and_less_often() -> None:
    course = Course()
    for _ in range(400):
        # Most of what a picture needs is lost, and nothing of the sound alone.
        course.look(0, 55)
    tries = [index for index, (was, now) in enumerate(pairwise(course.off)) if was and not now]
    waits = [after - before for before, after in pairwise(tries)]
    assert course.off.count(True) > 300
    assert waits and max(waits) * LOOK_MS >= 30_000
    assert sum(not one for one in course.off[200:]) <= 10
