"""Lips and voices on one time line."""

from __future__ import annotations

from server.media.rtcp import SenderReport, ntp_time
from server.media.timing import PublisherClock, Sampling

SERVER = 1_760_486_400_000
AHEAD = 5_000


def report(sampled_at: int, timestamp: int) -> SenderReport:
    return SenderReport(1, ntp_time(sampled_at + AHEAD), timestamp)


def test_sound_and_picture_sampled_together_are_reported_together() -> None:
    clock, sound, picture = PublisherClock(), Sampling(48_000), Sampling(90_000)
    for sampling, timestamp in ((sound, 1_000), (picture, 9_000_000)):
        one = report(SERVER, timestamp)
        clock.reported(one, SERVER + 30)
        sampling.report(one, clock)
    assert abs(sound.timestamp_at(SERVER + 1_030) - (1_000 + 48_000)) < 48
    assert abs(picture.timestamp_at(SERVER + 1_030) - (9_000_000 + 90_000)) < 90


def test_the_report_with_the_least_delay_counts() -> None:
    clock = PublisherClock()
    for delay in (80, 30, 200):
        clock.reported(report(SERVER, 0), SERVER + delay)
    assert clock.offset is not None
    assert abs(clock.offset - (30 - AHEAD)) < 0.5


def test_a_clock_that_was_set_is_followed() -> None:
    clock = PublisherClock()
    clock.reported(report(SERVER, 0), SERVER)
    clock.reported(report(SERVER - 60_000, 0), SERVER)
    assert clock.offset is not None
    assert abs(clock.offset - (60_000 - AHEAD)) < 1


def test_until_a_report_comes_arrival_is_the_guess() -> None:
    sampling = Sampling(90_000)
    sampling.seen(500, SERVER)
    assert sampling.timestamp_at(SERVER + 10) == 500 + 900
