"""When something was sampled, by the server's clock: the forwarder's sender reports say it for every slot."""

from __future__ import annotations

from server.clock import Millis
from server.media.rtcp import SenderReport


class Times:
    """The time line of one slot. Until the first report a packet's arrival is the best guess."""

    __slots__ = ("at_ms", "rate", "reported", "timestamp")

    def __init__(self, rate: int) -> None:
        self.rate = rate
        self.timestamp: int | None = None
        self.at_ms = 0.0
        self.reported = False

    def seen(self, timestamp: int, arrival: Millis) -> None:
        """A packet came."""
        if self.timestamp is None:
            self.timestamp, self.at_ms = timestamp, float(arrival)

    def report(self, report: SenderReport) -> None:
        """The forwarder says which moment belongs to which timestamp."""
        self.timestamp, self.at_ms, self.reported = report.timestamp, report.ntp_ms, True

    def at(self, timestamp: int) -> float:
        """The moment of a timestamp, in milliseconds since 1970; timestamps wrap at 32 bits."""
        if self.timestamp is None:
            raise ValueError("nothing was seen yet")
        passed = ((timestamp - self.timestamp + 0x8000_0000) & 0xFFFF_FFFF) - 0x8000_0000
        return self.at_ms + passed * 1000 / self.rate
