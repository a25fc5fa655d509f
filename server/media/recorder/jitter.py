"""Puts the packets of one slot in order again: what is missing is asked for, and given up after a bounded wait."""

from __future__ import annotations

from server.clock import Millis
from server.media.repair import Missing
from server.media.rtp import Packet, Unwrapper

WAIT_MS = 400
"""How long a hole holds back what came after it."""
MOST_HELD = 1024
ROUND_TRIP_MS = 60
"""The forwarder reads requests at its next look; asking sooner again would only bring everything twice."""


class Jitter:
    """The packets of one slot on their way to the file."""

    def __init__(self, wait_ms: Millis = WAIT_MS) -> None:
        self.wait_ms = wait_ms
        self.unwrapper = Unwrapper()
        self.missing = Missing()
        self.held: dict[int, Packet] = {}
        self.next: int | None = None

    def put(self, packet: Packet) -> None:
        """Take one packet, `number` still as on the wire (16 bits); what is late or here already is dropped."""
        packet.number = self.unwrapper.unwrap(packet.number)
        self.missing.arrived(packet.number, packet.arrival)
        if self.next is None:
            self.next = packet.number
        if packet.number >= self.next:
            self.held.setdefault(packet.number, packet)

    def wanted(self, now: Millis) -> list[int]:
        """The 16-bit numbers to ask for again now."""
        return [number & 0xFFFF for number in self.missing.due(now, ROUND_TRIP_MS)]

    def ready(self, now: Millis) -> list[Packet | None]:
        """What may be written, in order; None stands where something is lost for good."""
        found: list[Packet | None] = []
        while self.held:
            packet = self.held.pop(self.next if self.next is not None else -1, None)
            if packet is None:
                first = min(self.held)
                if now - self.held[first].arrival < self.wait_ms and len(self.held) < MOST_HELD:
                    break
                found.append(None)
                self.next = first
                continue
            found.append(packet)
            self.next = packet.number + 1
        return found

    def rest(self) -> list[Packet | None]:
        """Everything that is left, because nothing more will come."""
        last = max((one.arrival for one in self.held.values()), default=0)
        return self.ready(last + self.wait_ms)
