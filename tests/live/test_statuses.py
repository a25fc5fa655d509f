"""The newest status of each topic."""

from __future__ import annotations

from server.clock import HeldClock
from server.statuses import MOST_TOPICS, Status, Statuses
from server.streams import StreamId

HERE = StreamId("meeting:1")


def test_numbers_rise_even_when_the_clock_stands_still_or_goes_back() -> None:
    clock = HeldClock(1000)
    statuses = Statuses(clock)
    first, second = statuses.next_seq(), statuses.next_seq()
    clock.advance(-500)
    third = statuses.next_seq()
    assert 1000 <= first < second < third


def test_an_older_status_that_comes_late_changes_nothing() -> None:
    statuses = Statuses(HeldClock())
    assert statuses.keep(Status(HERE, "turnout", 5, "new"))
    assert not statuses.keep(Status(HERE, "turnout", 4, "old"))
    assert [status.value for status in statuses.of(HERE)] == ["new"]


def test_an_ended_topic_holds_no_more_but_its_end_is_remembered() -> None:
    statuses = Statuses(HeldClock())
    statuses.keep(Status(HERE, "turnout", 5, 1))
    statuses.keep(Status(HERE, "turnout", 6, None))
    assert statuses.of(HERE) == []
    assert not statuses.keep(Status(HERE, "turnout", 5, 1))
    assert [status.seq for status in statuses.all()] == [6]


def test_topics_are_bounded_and_the_oldest_goes() -> None:
    statuses = Statuses(HeldClock())
    for number in range(MOST_TOPICS + 5):
        statuses.keep(Status(HERE, f"t{number}", 1, number))
    assert len(statuses.of(HERE)) == MOST_TOPICS
    assert statuses.of(HERE)[0].value == 5
