"""Lips and voices on one time line."""

from __future__ import annotations

from server.media.rtcp import SenderReport, ntp_time
from server.media.rtp import Packet
from server.media.timing import EARLIER_MS, LATER_MS, Line, PublisherClock, Sampling

SERVER = 1_760_486_400_000
AHEAD = 5_000


def report(sampled_at: int, timestamp: int) -> SenderReport:
    return SenderReport(1, ntp_time(sampled_at + AHEAD), timestamp)


def packet(timestamp: int, arrival: int) -> Packet:
    return Packet(1, timestamp, 0, b"x", False, arrival)


def test_sound_and_picture_sampled_together_are_of_one_moment() -> None:
    clock, sound, picture = PublisherClock(), Sampling(48_000), Sampling(90_000)
    for sampling, timestamp in ((sound, 1_000), (picture, 0xFFFFFF00)):
        one = report(SERVER, timestamp)
        clock.reported(one, SERVER + 30)
        sampling.report(one, clock)
    heard = sound.moment_of(packet(1_000 + 48_000, SERVER + 1_060))
    seen = picture.moment_of(packet(0xFFFFFF00 + 90_000 & 0xFFFFFFFF, SERVER + 1_180))
    assert abs(heard - (SERVER + 1_030)) < 1
    assert abs(seen - heard) < 1


def test_the_report_with_the_least_delay_counts() -> None:
    clock = PublisherClock()
    for delay in (80, 30, 200):
        clock.reported(report(SERVER, 0), SERVER + delay)
    assert clock.offset is not None
    assert abs(clock.offset - (30 - AHEAD)) < 0.5


def test_what_is_learnt_of_a_clock_holds_for_its_sound_too_which_is_reported_seldom() -> None:
    clock, sound, picture = PublisherClock(), Sampling(48_000), Sampling(90_000)
    for sampling, at, delay in ((sound, 0, 90), (picture, 0, 90), (picture, 1_000, 30)):
        one = report(SERVER + at, at * sampling.rate // 1000)
        clock.reported(one, SERVER + at + delay)
        sampling.report(one, clock)
    heard = sound.moment_of(packet(48_000, SERVER + 1_060))
    assert abs(heard - picture.moment_of(packet(90_000, SERVER + 1_060))) < 1
    assert abs(heard - (SERVER + 1_030)) < 1


def test_a_clock_that_was_set_is_followed() -> None:
    clock = PublisherClock()
    clock.reported(report(SERVER, 0), SERVER)
    clock.reported(report(SERVER - 60_000, 0), SERVER)
    assert clock.offset is not None
    assert abs(clock.offset - (60_000 - AHEAD)) < 1


def test_what_was_said_before_a_clock_was_set_back_still_holds_until_it_is_said_anew() -> None:
    clock, sound = PublisherClock(), Sampling(48_000)
    clock.reported(report(SERVER, 0), SERVER + 30)
    sound.report(report(SERVER, 0), clock)
    clock.reported(report(SERVER - 59_000, 0), SERVER + 1_030)
    assert abs(sound.moment_of(packet(48_000, SERVER + 1_060)) - (SERVER + 1_030)) < 1
    sound.report(report(SERVER - 58_000, 96_000), clock)
    assert abs(sound.moment_of(packet(96_000, SERVER + 2_060)) - (SERVER + 2_030)) < 1


def test_until_a_report_comes_arrival_is_the_guess() -> None:
    sampling = Sampling(90_000)
    sampling.seen(500, SERVER)
    assert sampling.moment_of(packet(500 + 900, SERVER + 12)) == SERVER + 10


def test_no_sender_may_say_of_a_packet_that_it_is_from_another_time_altogether() -> None:
    clock, sampling = PublisherClock(), Sampling(90_000)
    for timestamp, moment in ((0x4000_0000, SERVER - EARLIER_MS), (0xC000_0000, SERVER + LATER_MS)):
        one = report(SERVER, timestamp)
        clock.reported(one, SERVER)
        sampling.report(one, clock)
        assert sampling.moment_of(packet(0, SERVER)) == moment


def test_a_line_goes_on_at_its_rate_and_wraps() -> None:
    line = Line(48_000, 0xFFFFFFFF, SERVER, 0)
    assert [line.timestamp_at(SERVER + passed) for passed in (0, 1, -1)] == [0xFFFFFFFF, 47, 0xFFFFFFFF - 48]
