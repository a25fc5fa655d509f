"""A slot's timestamps mean the same moments whoever is in it, and its reports say so: lips keep to voices."""

from __future__ import annotations

import random
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import pytest

from server.media import rtcp
from server.media.rtcp import SenderReport, ntp_time
from server.media.rtp import Codec, Packet, signed
from server.media.sdp import Agreed, SlotNames
from server.media.slot import Slot
from server.media.stream import Stream
from server.media.timing import EARLIER_MS, FARTHER_MS, PublisherClock

START = 1_760_486_400_000
FRAME_MS = {True: 20, False: 40}
NET_MS = 30


class Seat:
    """One slot as a receiver sees it: what came out of it, and what its reports say."""

    def __init__(self, audio: bool) -> None:
        codec = Codec.OPUS if audio else Codec.VP8
        section: Any = SimpleNamespace(
            audio=audio,
            formats={codec: Agreed(96, 0, "")},
            line=SimpleNamespace(mid="0"),
            extension=lambda uri: 0,
        )
        receiver: Any = SimpleNamespace(keys=None, connection=SimpleNamespace(place=None), is_screen=True)
        self.slot = Slot(receiver, section, SlotNames("stage", "0", 7, 8), (5, 6))
        self.sent: list[tuple[float, int]] = []
        """(when it was sampled, the timestamp that it was given)."""

    def report(self, now: int) -> SenderReport:
        (found,) = rtcp.parse(self.slot.report(now))
        assert isinstance(found, SenderReport)
        return found

    def origin(self, now: int) -> float:
        """What the line of a report at that time says of timestamp 0: when it was, in ms since the start."""
        told = self.report(now)
        return told.ntp_ms - START - signed(told.timestamp) * 1000 / self.slot.rewriter.rate


class Site:
    """Somebody who speaks and is seen, by a clock of their own, and whose packets take their time."""

    def __init__(self, index: int, late_ms: dict[bool, float]) -> None:
        generator = random.Random(index)
        self.clock, self.ahead_ms = PublisherClock(), generator.uniform(-1e7, 1e7)
        self.late_ms = late_ms
        self.base = {audio: generator.randrange(1 << 32) for audio in (True, False)}
        self.stream = {
            True: Stream(str(index), 1, Codec.OPUS, "", 96),
            False: Stream(str(index), 2, Codec.VP8, "", 96),
        }
        for audio in (True, False):
            self.say(audio, START)

    def timestamp(self, audio: bool, sampled: float) -> int:
        rate = self.stream[audio].rate
        return self.base[audio] + round((sampled - START) * rate / 1000) & 0xFFFFFFFF

    def say(self, audio: bool, sampled: float) -> None:
        """A sender report, which takes the least time a packet takes."""
        told = SenderReport(1, ntp_time(sampled + self.ahead_ms), self.timestamp(audio, sampled))
        arrival = round(sampled) + NET_MS
        self.clock.reported(told, arrival)
        self.stream[audio].reported(told, self.clock, arrival)

    def send(self, audio: bool, sampled: float, seat: Seat) -> int:
        """One packet, by way of the server, to the slot if it carries this; when it arrived there."""
        stream, slot = self.stream[audio], seat.slot
        number = round((sampled - START) / FRAME_MS[audio])
        arrival = round(sampled + NET_MS + self.late_ms[audio])
        one = Packet(number, self.timestamp(audio, sampled), 0, b"x", audio or slot.wanted is stream, arrival)
        if slot.source is stream or slot.begins(stream, [one]):
            stream.sent([one], one)
            seat.sent.append((sampled + NET_MS, one.timestamp + slot.rewriter.offset & 0xFFFFFFFF))
        return arrival

    def take(self, audio: bool, seat: Seat, at: int, frames: int) -> int:
        """Fill the slot, and send so many packets from that time on; when the last one arrived."""
        seat.slot.want(self.stream[audio])
        first = at - round(self.late_ms[audio]) - NET_MS
        return max(self.send(audio, first + FRAME_MS[audio] * index, seat) for index in range(frames))


@pytest.mark.parametrize("audio", [True, False])
def test_a_timestamp_means_the_same_moment_whoever_is_in_the_slot(audio: bool) -> None:
    seat, now, origins = Seat(audio), START + 10_000, []
    for index, late in enumerate((60.0, 40.0, 10.0)):
        site = Site(index, {True: late, False: late})
        now = site.take(audio, seat, now + FRAME_MS[audio], 10)
        origins.append(seat.origin(now))
    assert max(origins) - min(origins) < 1, "reports before and after a change of source lie on one line"
    rate = seat.slot.rewriter.rate
    mapped = [sampled - START - signed(timestamp) * 1000 / rate for sampled, timestamp in seat.sent]
    assert max(mapped) - min(mapped) < 1, "and every packet on it, from the first"


@pytest.mark.parametrize("late", [45.0, 150.0, 290.0])
def test_a_picture_from_further_away_does_not_go_back_in_time_and_the_next_report_says_what_it_means(
    late: float,
) -> None:
    seat = Seat(False)
    near, far = Site(1, {True: 0, False: 10}), Site(2, {True: 0, False: late})
    now = near.take(False, seat, START + 10_000, 10)
    now = far.take(False, seat, now + 10, 10)
    stamps = [timestamp for _, timestamp in seat.sent]
    assert all(signed(after - before) > 0 for before, after in pairwise(stamps))
    sampled, timestamp = seat.sent[-1]
    assert abs(seat.origin(now) - (sampled - START - signed(timestamp) / 90)) < 1


def test_of_a_voice_from_further_away_only_what_came_before_is_left_out() -> None:
    seat = Seat(True)
    near, far = Site(1, {True: 0, False: 0}), Site(2, {True: 50, False: 0})
    now = near.take(True, seat, START + 10_000, 10)
    last, origin = seat.sent[-1][0], seat.origin(now)
    now = far.take(True, seat, now + 10, 10)
    heard = [sampled for sampled, _ in seat.sent[10:]]
    assert 0 < heard[0] - last <= 20
    assert len(heard) == 7
    assert abs(seat.origin(now) - origin) < 1


def test_a_voice_that_is_far_behind_is_heard_at_once() -> None:
    seat = Seat(True)
    near, far = Site(1, {True: 0, False: 0}), Site(2, {True: FARTHER_MS + 40, False: 0})
    now = near.take(True, seat, START + 10_000, 10)
    far.take(True, seat, now + 10, 10)
    assert len(seat.sent) == 20
    assert signed(seat.sent[10][1] - seat.sent[9][1]) == 10 * 48, "as it arrives"


def test_the_picture_of_somebody_much_nearer_is_not_held_back() -> None:
    seat = Seat(False)
    now = Site(1, {True: 0, False: 190}).take(False, seat, START + 10_000, 10)
    Site(2, {True: 0, False: 10}).take(False, seat, now + 40, 10)
    assert signed(seat.sent[10][1] - seat.sent[9][1]) == 40 * 90, "its time goes on as it arrives"


def test_a_pause_between_two_sources_is_as_long_for_receivers() -> None:
    seat = Seat(False)
    now = Site(1, {True: 0, False: 10}).take(False, seat, START + 10_000, 5)
    origin = seat.origin(now)
    seat.slot.want(None)
    assert seat.slot.report(now + 1_000) == b"", "nobody is in it"
    now = Site(2, {True: 0, False: 50}).take(False, seat, now + 60_000, 5)
    assert abs(seat.origin(now) - origin) < 1


def test_whoever_reports_nonsense_does_not_disturb_those_who_follow() -> None:
    seat, now = Seat(False), START + 10_000
    now = Site(1, {True: 0, False: 30}).take(False, seat, now, 5)
    liar = Site(2, {True: 0, False: 30})
    for shift in (0x3000_0000, 0xB000_0000):
        liar.base[False] += shift
        liar.say(False, now)
        liar.base[False] -= shift
    now = liar.take(False, seat, now + 40, 5)
    now = Site(3, {True: 0, False: 30}).take(False, seat, now + 40, 5)
    assert 0 < signed(seat.sent[10][1] - seat.sent[9][1]) < 90 * (EARLIER_MS + 100)
    sampled, timestamp = seat.sent[-1]
    assert abs(seat.origin(now) - (sampled - START - signed(timestamp) / 90)) < 1
