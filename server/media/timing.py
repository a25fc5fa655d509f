"""One time for all: a publisher's sender reports, mapped to the server's clock, so that lips match voices."""

from __future__ import annotations

from server.clock import Millis
from server.media.rtcp import SenderReport

RESET_MS = 2_000.0
DRIFT_MS = 0.02
"""Per report, the offset may grow by this much, so that clocks that drift apart are followed."""


class PublisherClock:
    """How a publisher's clock differs from ours: the smallest difference seen is the one with the least delay."""

    __slots__ = ("offset",)

    def __init__(self) -> None:
        self.offset: float | None = None

    def reported(self, report: SenderReport, arrival: Millis) -> None:
        """Take in one sender report that arrived at that time of ours."""
        difference = arrival - report.ntp_ms
        if self.offset is None or difference < self.offset or difference - self.offset > RESET_MS:
            self.offset = difference
        else:
            self.offset += min(DRIFT_MS, difference - self.offset)


class Sampling:
    """When an incoming stream's timestamps were sampled, by the server's clock."""

    __slots__ = ("at", "rate", "reported", "timestamp")

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self.timestamp = 0
        self.at: float = 0.0
        self.reported = False

    def report(self, report: SenderReport, clock: PublisherClock) -> None:
        """Anchor the timestamps at a sender report."""
        if clock.offset is not None:
            self.timestamp = report.timestamp
            self.at = report.ntp_ms + clock.offset
            self.reported = True

    def seen(self, timestamp: int, arrival: Millis) -> None:
        """Until a report comes, a packet's arrival is the best guess."""
        if not self.reported:
            self.timestamp = timestamp
            self.at = arrival

    def timestamp_at(self, now: Millis) -> int:
        """The timestamp that a sample taken now would carry."""
        return (self.timestamp + round((now - self.at) * self.rate / 1000)) & 0xFFFFFFFF
