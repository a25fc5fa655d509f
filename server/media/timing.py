"""One time for all: a publisher's sender reports, mapped to the server's clock, so that lips match voices.

Receivers draw a straight line through the last twenty reports of a slot, one a second (libwebrtc's
`RtpToNtpEstimator`): after a jump they are wrong for ten seconds. So a slot's timestamps keep to one line, whoever is
in it: what was sampled at the same moment has the same timestamp, from whichever source. Only where the next source is
much nearer, time goes on by arrival: receivers would hold its pictures back until the time they are used to come.
"""

from __future__ import annotations

from server.clock import Millis
from server.media.rtcp import SenderReport
from server.media.rtp import Packet, signed

RESET_MS = 2_000.0
DRIFT_MS = 0.02
"""Per report, the offset may grow by this much, so that clocks that drift apart are followed."""
NEARER_MS, FARTHER_MS = 50, 200
"""Sources whose packets take so much less or more time to get here follow each other on one line. Chromium holds the
pictures of a nearer one back by as much: differences up to 73 ms are jitter to it for good (its
`TimestampExtrapolator`), and greater ones it notices after ten seconds."""
EARLIER_MS, LATER_MS = 2_000, 200
"""So much before its arrival, or after it as long as little is known of its sender's clock, a packet may have been
sampled: whoever says otherwise would disturb those who follow in the same slot."""


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


class Line:
    """Which moments of ours a stream's timestamps mean: one of them, how fast they go on, how late they come here."""

    __slots__ = ("at", "late_ms", "rate", "timestamp")

    def __init__(self, rate: int, timestamp: int, at: float, late_ms: float) -> None:
        self.rate = rate
        self.timestamp = timestamp
        self.at = at
        self.late_ms = late_ms

    def timestamp_at(self, moment: float) -> int:
        """The timestamp that a sample taken at that moment carries."""
        return (self.timestamp + round((moment - self.at) * self.rate / 1000)) & 0xFFFFFFFF

    def continued(self, packet: Packet, sampling: Sampling) -> int:
        """The timestamp of a packet with which another stream goes on."""
        moment = sampling.moment_of(packet)
        later = packet.arrival - moment - self.late_ms
        is_kept = sampling.reported and -NEARER_MS <= later <= FARTHER_MS
        return self.timestamp_at(moment if is_kept else moment + later)


class Sampling:
    """When an incoming stream's timestamps were sampled, by the server's clock."""

    __slots__ = ("clock", "offset", "rate", "reported", "sampled", "timestamp")

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self.timestamp = 0
        self.sampled: float = 0.0
        """By the publisher's clock, once it has reported: what is learnt of that clock later holds for all its streams
        at once, however seldom one of them is reported."""
        self.offset = 0.0
        """How that clock differed from ours then; it holds on where the clock is set back, or another report takes
        seconds: what was said before was not said by such a clock."""
        self.clock: PublisherClock | None = None
        self.reported = False

    def report(self, report: SenderReport, clock: PublisherClock) -> None:
        """Anchor the timestamps at a sender report."""
        if clock.offset is not None:
            self.timestamp = report.timestamp
            self.sampled = report.ntp_ms
            self.clock, self.offset = clock, clock.offset
            self.reported = True

    def seen(self, timestamp: int, arrival: Millis) -> None:
        """Until a report comes, a packet's arrival is the best guess."""
        if not self.reported:
            self.timestamp = timestamp
            self.sampled = arrival

    def moment_of(self, packet: Packet) -> float:
        """When it was sampled, in milliseconds since 1970, as its sender says; its arrival bounds what that may say."""
        learnt = self.clock.offset if self.clock is not None else None
        offset = learnt if learnt is not None and learnt - self.offset <= RESET_MS else self.offset
        passed = signed(packet.timestamp - self.timestamp) * 1000 / self.rate
        return max(packet.arrival - EARLIER_MS, min(packet.arrival + LATER_MS, self.sampled + offset + passed))
