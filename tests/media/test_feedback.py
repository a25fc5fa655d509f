"""Transport-wide feedback, both ways."""

from __future__ import annotations

import contextlib
import random

from hypothesis import given
from hypothesis import strategies as st

from server.media import feedback, rtcp
from server.media.feedback import Arrivals


def read(report: bytes) -> list[tuple[int, int | None]]:
    (message,) = rtcp.parse(report)
    assert isinstance(message, rtcp.TransportFeedback)
    return feedback.read_report(message.body)


def test_a_report_tells_what_arrived_and_what_did_not() -> None:
    arrivals = Arrivals()
    for number, at in ((10, 1_000_000), (11, 1_001_000), (14, 1_100_000), (15, 1_099_000)):
        arrivals.arrived(number, at)
    (report,) = arrivals.reports(1, 9)
    assert len(report) % 4 == 0
    assert read(report) == [(10, 1_000_000), (11, 1_001_000), (12, None), (13, None), (14, 1_100_000), (15, 1_099_000)]


def test_a_report_without_losses_is_summed_up_by_its_last_arrival() -> None:
    arrivals = Arrivals()
    for index in range(30):
        arrivals.arrived(65_520 + index, 5_000_000 + index * 1_000)
    (report,) = arrivals.reports(1, 9)
    (message,) = rtcp.parse(report)
    assert isinstance(message, rtcp.TransportFeedback)
    assert feedback.summarize(message.body) == (30, 0, [(13, 5_029_000)])


def test_a_report_with_losses_is_summed_up_arrival_by_arrival() -> None:
    arrivals = Arrivals()
    for number, at in ((1, 0), (4, 1_000), (5, 100_000)):
        arrivals.arrived(number, at)
    (report,) = arrivals.reports(1, 9)
    (message,) = rtcp.parse(report)
    assert isinstance(message, rtcp.TransportFeedback)
    assert feedback.summarize(message.body) == (3, 2, [(1, 0), (4, 1_000), (5, 100_000)])


def test_the_next_report_begins_where_the_last_one_ended() -> None:
    arrivals = Arrivals()
    arrivals.arrived(65_534, 0)
    list(arrivals.reports(1, 9))
    arrivals.arrived(1, 500)
    (report,) = arrivals.reports(1, 9)
    assert read(report) == [(65_535, None), (0, None), (1, 500)]
    assert list(arrivals.reports(1, 9)) == []


def test_a_packet_that_was_overtaken_is_reported_all_the_same() -> None:
    arrivals = Arrivals()
    for number in (1, 3):
        arrivals.arrived(number, 1_000)
    list(arrivals.reports(1, 9))
    arrivals.arrived(2, 2_000)
    (report,) = arrivals.reports(1, 9)
    assert read(report) == [(2, 2_000)]


def test_long_gaps_do_not_make_long_reports() -> None:
    arrivals = Arrivals()
    arrivals.arrived(1, 0)
    arrivals.arrived(30_000, 1_000)
    reports = list(arrivals.reports(1, 9))
    assert all(len(report) < 1_200 for report in reports)
    assert [one for report in reports for one in read(report) if one[1] is not None] == [(1, 0), (30_000, 1_000)]


def test_ten_thousand_random_arrivals_come_back_to_within_a_tick() -> None:
    generator = random.Random(3)
    arrivals, sent, at = Arrivals(), {}, 64_000_000
    told: dict[int, int] = {}
    for number in range(10_000):
        at += generator.choice((0, 250, 1_000, 20_000, 90_000))
        if generator.random() > 0.1:
            arrivals.arrived(number & 0xFFFF, at)
            sent[number] = at
        if number % 211 == 0:
            for report in arrivals.reports(1, 9):
                told.update((n, t) for n, t in read(report) if t is not None)
    for report in arrivals.reports(1, 9):
        told.update((n, t) for n, t in read(report) if t is not None)
    assert told.keys() == sent.keys()
    assert all(abs(told[number] - sent[number]) <= 250 for number in sent)


@given(st.binary(min_size=8, max_size=80))
def test_no_octets_make_the_reader_stumble(body: bytes) -> None:
    with contextlib.suppress(ValueError):
        feedback.summarize(body)
