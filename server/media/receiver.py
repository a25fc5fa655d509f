"""What is alike in all connections down: slots, their packets' repetition, and what the other end reports."""

from __future__ import annotations

from server.clock import Millis
from server.media import feedback, rtcp
from server.media.connection import Connection
from server.media.dtls import Keys
from server.media.estimate import Estimator
from server.media.probing import Probe
from server.media.red import Redundancy
from server.media.rtcp import Message
from server.media.slot import Slot

REPORTS_A_PACKET = 31


class Receiver:
    """Somebody's screen and loudspeaker, or another media process."""

    is_screen = True
    """Whether its slots carry one stream after the other; another process is offered each as one of its own."""

    def __init__(self, connection: Connection, now: Millis) -> None:
        self.connection = connection
        self.estimator = Estimator(now)
        self.probe = Probe()
        self.redundancy = Redundancy()
        self.keys: Keys | None = None
        self.sent = (0, 0)
        self.rtt_ms = 0
        self.slots: dict[int, Slot] = {}

    def rtp(self, data: memoryview, size: int, now: Millis) -> None:
        """A receiver sends nothing; what it sends all the same is not looked at."""

    def forward(self) -> None:
        """So there is nothing to send on."""

    def rtcp(self, data: bytes, now: Millis) -> None:
        try:
            if rtcp.is_transport_feedback(data):
                # Nine of ten: looked at without taking the packet apart.
                self._arrived(data[4:])
                return
            for message in rtcp.parse(data):
                self.heed(message, now)
        except ValueError:
            return

    def _arrived(self, body: bytes) -> None:
        """What of all that was sent arrived, and when."""
        self.estimator.reported(*feedback.summarize(body))
        if self.probe.wanted:
            self.estimator.measured(self.probe.reported(feedback.read_report(body)) or 0)

    def sends(self, ssrc: int) -> bool:  # noqa: ARG002 - part of Handler
        return False

    def heed(self, message: Message, now: Millis) -> None:
        """One thing that the other end said."""
        if isinstance(message, rtcp.TransportFeedback):
            self._arrived(message.body)
        elif isinstance(message, rtcp.Nack):
            slot = self.slots.get(message.ssrc)
            for sequence in message.sequences[:128] if slot is not None else ():
                if slot is not None:
                    slot.repeat(sequence, now)
        elif isinstance(message, rtcp.KeyFrameRequest):
            slot = self.slots.get(message.ssrc)
            if slot is not None and slot.source is not None:
                slot.source.ask_key()
        elif isinstance(message, rtcp.Estimate):
            self.estimator.believed(message.bitrate)
        elif isinstance(message, rtcp.ReportBlock) and message.last_report:
            self.rtt_ms = rtcp.round_trip_ms(message, now)

    @property
    def is_sound_only(self) -> bool:
        """Whether it gets no pictures, by order or because its line is too thin."""
        return False

    def placed(self) -> None:
        """The connection is somewhere else, or has its keys: what is sent there is planned anew."""
        for slot in self.slots.values():
            if slot.source is not None:
                slot.source.groups = None

    def count(self) -> tuple[int, int]:
        """The packets and octets that left since the last time."""
        slots, before = self.slots.values(), self.sent
        for slot in slots:
            slot.catch_up()
        self.sent = (sum(one.packets for one in slots), sum(one.octets for one in slots))
        return self.sent[0] - before[0], self.sent[1] - before[1]

    def assess(self, now: Millis) -> None:
        """Weigh what was reported (call about every 500 ms)."""

    def clear(self) -> None:
        """Leave every stream."""
        for slot in self.slots.values():
            slot.want(None)

    def close(self) -> None:
        """It is over: leave every stream and forget the slots, which know whose they are."""
        self.clear()
        self.slots, self.keys = {}, None

    def reports(self, now: Millis) -> list[bytes]:
        """The sender reports of all slots in use, as compound packets."""
        found = [report for slot in self.slots.values() if (report := slot.report(now))]
        closing = rtcp.description(next(iter(self.slots)), "hopso") if found else b""
        groups = [found[at : at + REPORTS_A_PACKET] for at in range(0, len(found), REPORTS_A_PACKET)]
        return [b"".join(group) + closing for group in groups]
