"""Repair of lost packets: what to repeat, what to ask for again (RFC 4585), and when to ask for a key frame."""

from __future__ import annotations

from server.clock import Millis
from server.media.rtp import Packet

KEY_FRAME_INTERVAL_MS = 330
"""Chromium makes at most one key frame in this time, whoever asks."""


KEPT_MS = 2_500
"""Nobody asks for what is older: holes are given up after a second, on either side of a line of a second."""


class Ring:
    """The newest packets of one incoming stream, shared by all its receivers.

    The size is a power of two.
    """

    __slots__ = ("begins", "cells", "highest", "kept", "mask")

    def __init__(self, size: int = 1024) -> None:
        self.cells: list[Packet | None] = [None] * size
        self.mask = size - 1
        self.highest = self.kept = self.begins = -1
        """The newest number, the oldest that may be here, and the oldest that may still come."""

    def put(self, packet: Packet) -> bool:
        """Keep the packet; false when it was here already (the network or the sender repeated it)."""
        number = packet.number
        index = number & self.mask
        before = self.cells[index]
        if number < self.kept or number < self.begins or (before is not None and before.number >= number):
            return False
        self.cells[index] = packet
        self.highest = max(self.highest, number)
        return True

    def pass_over(self, number: int) -> bool:
        """This one is not kept, nor what came before it when that comes again; false when it did."""
        if number < self.begins:
            return False
        self.begins = number + 1
        return True

    def forget(self, before: Millis) -> None:
        """Let go of what came before then: a thumbnail's thousand packets would be half a minute."""
        number = max(self.kept, self.highest - self.mask)
        while number <= self.highest:
            packet = self.get(number)
            if packet is not None and packet.arrival >= before:
                break
            if packet is not None:
                self.cells[number & self.mask] = None
            number += 1
        self.kept = number

    def get(self, number: int) -> Packet | None:
        """The packet with that number while it is kept."""
        packet = self.cells[number & self.mask]
        return packet if packet is not None and packet.number == number else None

    def clear(self) -> None:
        """Forget everything: whoever is silenced must not be repeated either."""
        self.cells = [None] * len(self.cells)


class Missing:
    """The holes in one incoming stream, and when to ask for each again."""

    __slots__ = ("highest", "holes", "overflowed")
    LIMIT = 128
    TRIES = 6
    LIFE_MS = 1000

    def __init__(self) -> None:
        self.highest: int | None = None
        self.holes: dict[int, tuple[Millis, Millis, int]] = {}
        self.overflowed = False

    def arrived(self, number: int, now: Millis) -> None:
        """Note a packet; everything skipped before it becomes a hole."""
        highest = self.highest
        if highest is None:
            self.highest = number
        elif number <= highest:
            self.holes.pop(number, None)
        else:
            if number > highest + 1:
                self._skip(highest + 1, number, now)
            self.highest = number

    def _skip(self, start: int, stop: int, now: Millis) -> None:
        if stop - start + len(self.holes) > self.LIMIT:
            # Too much is gone to be repeated: only a new key frame helps.
            self.holes.clear()
            self.overflowed = True
            return
        for number in range(start, stop):
            self.holes[number] = (now, now, 0)

    def due(self, now: Millis, round_trip: Millis) -> list[int]:
        """The numbers to ask for now; each again after a round trip, until it is too late."""
        wanted: list[int] = []
        for number, (born, at, tries) in list(self.holes.items()):
            if now - born > self.LIFE_MS or tries >= self.TRIES:
                del self.holes[number]
                self.overflowed = True
            elif at <= now:
                wanted.append(number)
                self.holes[number] = (born, now + max(round_trip, 20), tries + 1)
        return wanted

    def forget_all_but(self, count: int) -> None:
        """Give up the oldest holes: those of sound, which nobody asks for again."""
        while len(self.holes) > count:
            del self.holes[next(iter(self.holes))]

    def forget(self) -> None:
        """Nobody needs what is missing."""
        self.holes.clear()
        self.overflowed = False

    def lost_for_good(self) -> bool:
        """Whether something is gone since the last time this was asked, so that pictures need a key frame."""
        lost, self.overflowed = self.overflowed, False
        return lost


class KeyRequests:
    """At most one request for a key frame per publisher and 330 ms; one made too early is kept, not lost."""

    __slots__ = ("asked_at", "wanted")

    def __init__(self) -> None:
        self.asked_at: Millis | None = None
        self.wanted: set[int] = set()

    def want(self, ssrc: int) -> None:
        """Somebody waits for a key frame of this stream."""
        self.wanted.add(ssrc)

    def settled(self, ssrc: int) -> None:
        """A key frame came, or nobody receives this stream any longer."""
        self.wanted.discard(ssrc)

    def due(self, now: Millis) -> list[int]:
        """The streams to ask now, and none again before the interval is over."""
        if not self.wanted or (self.asked_at is not None and now - self.asked_at < KEY_FRAME_INTERVAL_MS):
            return []
        self.asked_at = now
        asked = sorted(self.wanted)
        self.wanted.clear()
        return asked


REPEAT_PAUSE_MS: Millis = 20
"""A packet is not repeated twice within this time: requests cross the repeat on the way."""


class Retransmission:
    """The RTX numbering of one slot (RFC 4588): its own sequence, and no packet twice within a round trip."""

    __slots__ = ("recent", "sequence")

    def __init__(self, sequence: int) -> None:
        self.sequence = sequence
        self.recent: dict[int, Millis] = {}

    def allow(self, sequence: int, now: Millis) -> bool:
        """Whether to repeat this packet now; requests that crossed the repeat on the way are not answered."""
        before = self.recent.get(sequence)
        if before is not None and now - before < REPEAT_PAUSE_MS:
            return False
        if len(self.recent) > 256:
            self.recent = {key: at for key, at in self.recent.items() if now - at < REPEAT_PAUSE_MS}
        self.recent[sequence] = now
        return True

    def next(self) -> int:
        """The sequence number of the next repeated packet."""
        self.sequence = (self.sequence + 1) & 0xFFFF
        return self.sequence
