"""Order, requests and patience."""

from __future__ import annotations

import random

from server.media.recorder.jitter import MOST_HELD, WAIT_MS, Jitter
from server.media.recorder.times import Times
from server.media.rtcp import SenderReport, ntp_time
from server.media.rtp import Packet


def put(jitter: Jitter, number: int, at: int) -> None:
    jitter.put(Packet(number & 0xFFFF, number, 0, b"x", False, at))


def timestamps(found: list[Packet | None]) -> list[int | None]:
    return [one.timestamp if one is not None else None for one in found]


def test_packets_leave_in_order_also_where_the_numbers_wrap() -> None:
    jitter, chance = Jitter(), random.Random(4)
    numbers = list(range(65_500, 65_600))
    found: list[int | None] = []
    for start in range(0, 100, 5):
        some = numbers[start : start + 5]
        if start:
            chance.shuffle(some)
        for number in some:
            put(jitter, number, start)
            found += timestamps(jitter.ready(start))
    assert found == numbers


def test_a_hole_is_asked_for_and_what_comes_again_fills_it() -> None:
    jitter = Jitter()
    put(jitter, 1, 0)
    put(jitter, 4, 10)
    assert timestamps(jitter.ready(10)) == [1]
    assert jitter.wanted(10) == [2, 3]
    assert jitter.wanted(20) == [], "not twice within a round trip"
    put(jitter, 3, 60)
    put(jitter, 2, 70)
    assert timestamps(jitter.ready(80)) == [2, 3, 4]


def test_a_hole_is_given_up_after_a_bounded_wait() -> None:
    jitter = Jitter()
    put(jitter, 1, 0)
    put(jitter, 3, 10)
    jitter.ready(10)
    assert jitter.ready(10 + WAIT_MS - 1) == []
    assert timestamps(jitter.ready(10 + WAIT_MS)) == [None, 3]
    put(jitter, 2, 500)
    assert jitter.ready(1_000) == [], "too late"


def test_what_is_held_is_bounded_also_before_the_wait_is_over() -> None:
    jitter = Jitter()
    put(jitter, 1, 0)
    for number in range(3, 3 + MOST_HELD):
        put(jitter, number, 0)
        jitter.ready(0)
    assert not jitter.held


def test_what_comes_twice_is_written_once() -> None:
    jitter = Jitter()
    for number in (1, 2, 2, 1, 3):
        put(jitter, number, 0)
    assert timestamps(jitter.ready(0)) == [1, 2, 3]


def test_the_rest_leaves_at_once() -> None:
    jitter = Jitter()
    for number in (1, 3, 5):
        put(jitter, number, 100)
    assert timestamps(jitter.rest()) == [1, None, 3, None, 5]


def test_moments_follow_the_reports_and_wrap() -> None:
    times = Times(90_000)
    times.seen(0xFFFF_FFF0, 1_000)
    assert times.at(0xFFFF_FFF0) == 1_000
    assert round(times.at(90_000 - 16)) == 2_000
    times.report(SenderReport(1, ntp_time(5_000), 90_000))
    times.seen(1, 9_999)
    assert round(times.at(180_000)) == 6_000
