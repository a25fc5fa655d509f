"""The newest status of each topic."""

from __future__ import annotations

import pytest

from server.clock import HeldClock
from server.statuses import KEPT_MS, MOST_TOPICS, Status, Statuses
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


def test_when_there_are_too_many_what_ended_goes_first_then_what_is_said_again_soon(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("server.statuses.MOST_TOPICS", 3)
    kept, stream = Statuses(HeldClock(1)), StreamId("meeting:1")
    for topic, value in (("turnout", 1), ("media.quality.up:a", 2), ("over", None), ("notice", 3), ("head", 4)):
        kept.keep(Status(stream, topic, kept.next_seq(), value))
    assert [one.topic for one in kept.of(stream)] == ["turnout", "notice", "head"]
    kept.keep(Status(stream, "meter", kept.next_seq(), 5))
    assert [one.topic for one in kept.of(stream)] == ["notice", "head", "meter"]


def test_a_conference_of_two_hundred_sites_and_six_hundred_watchers_has_room_for_every_line() -> None:
    assert MOST_TOPICS >= 800 * 8


def test_streams_nobody_follows_are_forgotten_an_hour_after_their_last_word() -> None:
    clock = HeldClock(1_000_000_000)
    kept, ended, followed = Statuses(clock), StreamId("meeting:1"), StreamId("meeting:2")
    for stream in (ended, followed):
        kept.keep(Status(stream, "meter", kept.next_seq(), 5))
    kept.forget({followed})
    assert kept.of(ended), "it was only just said"
    clock.advance(KEPT_MS + 1)
    kept.forget({followed})
    assert kept.all() == kept.of(followed) and kept.of(followed)
