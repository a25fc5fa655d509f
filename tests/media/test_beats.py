"""What is said to sessions at each beat: everybody hears in time, and packets never wait for all of them at once."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from server.clock import Millis
from server.media.running import ACKNOWLEDGE_BEATS, SECOND_BEATS, Running

SITES = 31


class Sender:
    """An "up" connection that has something of each kind to say."""

    def __init__(self, name: str) -> None:
        self.connection: Any = name

    def feedback(self, now: Millis) -> list[bytes]:
        return [b"feedback"]

    def acknowledge(self) -> list[bytes]:
        return [b"arrivals"]

    def report(self, now: Millis) -> bytes:
        return b"report"


def conference() -> Running:
    running = Running("c", 0, lambda _: None)
    names = [str(index) for index in range(SITES)]
    senders: Any = {(name, "camera"): Sender(name) for name in names}
    receivers: Any = {
        name: SimpleNamespace(connection=f"{name} down", reports=lambda now: [b"one", b"two"]) for name in names
    }
    running.publishers, running.subscribers = senders, receivers
    return running


def test_everybody_hears_each_thing_once_in_its_time() -> None:
    running = conference()
    said = [one for beat in range(SECOND_BEATS) for one in running.reports(beat, 0)]
    for name in map(str, range(SITES)):
        to: Any = name
        assert said.count((to, b"feedback")) == SECOND_BEATS
        assert said.count((to, b"arrivals")) == SECOND_BEATS // ACKNOWLEDGE_BEATS
        assert said.count((to, b"report")) == said.count((to + " down", b"two")) == 1


def test_no_beat_carries_what_is_said_to_all() -> None:
    running = conference()
    for beat in range(SECOND_BEATS):
        said = [message for _, message in running.reports(beat, 0)]
        assert said.count(b"feedback") == SITES
        assert said.count(b"arrivals") <= SITES // ACKNOWLEDGE_BEATS + 1
        assert said.count(b"report") <= 1 and said.count(b"one") <= 1


def test_nobody_is_told_what_arrived_and_what_was_lost_at_one_beat() -> None:
    running = conference()
    for beat in range(SECOND_BEATS):
        said = list(running.reports(beat, 0))
        reported = {to for to, message in said if message == b"report"}
        assert not reported & {to for to, message in said if message == b"arrivals"}
