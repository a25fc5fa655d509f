"""Figures of the whole media process, for whoever operates it: what sessions counted, those that ended among them."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable
from pathlib import Path

from server.media.conference import is_link
from server.media.control import Load
from server.media.inflow import Inflow
from server.media.publisher import Publisher
from server.media.receiver import Receiver

Incoming = Publisher | Inflow

MEMORY = Path("/proc/self/statm")
"""Sizes in pages, the resident one second (proc(5))."""


class Tally:
    """Counts that never go back, although sessions end."""

    def __init__(self) -> None:
        self.received = self.sent = self.octets = 0

    def ended(self, publisher: Incoming | None, subscriber: Receiver | None) -> None:
        """A session ends: keep what it had counted."""
        self.received += _received(publisher)
        packets, octets = _sent(subscriber)
        self.sent += packets
        self.octets += octets

    def load(self, publishers: Iterable[Incoming], subscribers: Iterable[Receiver], lost: tuple[int, int]) -> Load:
        """How much the process does, links included, which are no sessions; `lost` are datagrams that were not taken by
        the socket, and peers that moved."""
        senders, receivers = tuple(publishers), tuple(subscribers)
        sent = [_sent(one) for one in receivers]
        return Load(
            up=sum(not is_link(one.connection.endpoint) for one in senders),
            down=sum(not is_link(one.connection.endpoint) for one in receivers),
            sound_only=sum(one.is_sound_only for one in receivers),
            packets_in=self.received + sum(_received(one) for one in senders),
            packets_out=self.sent + sum(packets for packets, _ in sent),
            octets_out=self.octets + sum(octets for _, octets in sent),
            dropped=lost[0],
            moved=lost[1],
            cpu_ms=int(time.process_time() * 1000),
            memory=_memory(),
        )


def _received(publisher: Incoming | None) -> int:
    return publisher.received if publisher is not None else 0


def _sent(subscriber: Receiver | None) -> tuple[int, int]:
    if subscriber is None:
        return 0, 0
    for slot in subscriber.slots.values():
        slot.catch_up()
    slots = subscriber.slots.values()
    return sum(one.packets for one in slots), sum(one.octets for one in slots)


def _memory() -> int:
    """Resident memory in octets; 0 where the kernel does not tell."""
    try:
        return int(MEMORY.read_text("ascii").split()[1]) * os.sysconf("SC_PAGE_SIZE")
    except OSError:
        return 0
