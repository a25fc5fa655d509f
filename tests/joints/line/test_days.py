"""Over which time the board shows how the lines fared."""

from __future__ import annotations

from server.joints.line.desk import opened_on_this_day
from server.meetings.meeting import Period

HOUR = 3_600_000


def test_a_break_for_lunch_ends_no_day_and_a_night_does() -> None:
    morning, afternoon = Period(8 * HOUR, 11 * HOUR), Period(13 * HOUR, 17 * HOUR)
    next_day = Period(32 * HOUR)
    for periods, opened in (
        ((), 0),
        ((morning,), 8 * HOUR),
        ((morning, afternoon), 8 * HOUR),
        ((morning, afternoon, next_day), 32 * HOUR),
    ):
        assert opened_on_this_day(periods) == opened
