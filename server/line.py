"""One open WebSocket as seen by whoever writes to it: frames are built once, and what waits is bounded."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import Iterable

from server.pipes import HANDED_ON, ONE_RECORD, Sealer, pipe_of

BUSY = 16 * 1024
"""Octets waiting in a socket beyond which hints are dropped and statuses wait for their newest value."""
MOST_WAITING = 4 * 1024 * 1024
MOST_MESSAGES = 500
"""A socket with more waiting than this is dropped: a sync is cheaper than the queue."""
LAST_WORDS_S = 2.0
"""How long a closed socket may take to read our goodbye."""

BATCH = 256
"""Frames that are sealed before the first of them is sent."""

CLOSE_FRAME = b"\x88\x02\x03\xe8"


def text_frame(*packet: bytes) -> bytes:
    """One whole WebSocket text frame (RFC 6455 §5.2), unmasked, holding an Engine.IO message; of these parts."""
    return b"".join((header(sum(map(len, packet)) + 1), b"4", *packet))


def header(size: int) -> bytes:
    """What goes before so many octets of unmasked text."""
    if size < 126:
        return bytes((0x81, size))
    if size < 1 << 16:
        return b"\x81\x7e" + size.to_bytes(2, "big")
    return b"\x81\x7f" + size.to_bytes(8, "big")


def write_to_all(lines: Iterable[Line], frame: bytes) -> None:
    """Send one frame to many: sealed for all of a batch, then sent to all of it.

    What a processor does many times in a row it does faster: sealing and sending by turns costs a tenth more.
    """
    if len(frame) > ONE_RECORD:
        for line in lines:
            line.write(frame)
        return
    sealed: list[tuple[Line, Sealer, bytes]] = []
    try:
        for line in lines:
            sealer = line.sealer
            if sealer is None or not line.is_idle:
                line.write(frame)
                continue
            seal, take = sealer.seal, sealer.take
            try:
                seal(frame)
            except ssl.SSLError:  # it is being closed, or must be heard first
                line.give_up(frame)
                continue
            sealed.append((line, sealer, take()))
            if len(sealed) == BATCH:
                batch, sealed = sealed, []
                _pass_on(batch)
    finally:
        _pass_on(sealed)  # whatever happened: what is sealed must go out, or nothing can be read after it


def _pass_on(batch: list[tuple[Line, Sealer, bytes]]) -> None:
    for line, sealer, record in batch:
        send = sealer.pass_on
        try:
            sent = send(record)
        except OSError:  # the kernel's queue is full; if the connection is gone, the transport finds out
            sent = 0
        if sent != len(record):
            line.is_idle = False
            sealer.hand_on(record[sent:])


class Line:
    """One open WebSocket, as seen by whoever writes to it. All that the libraries say after the handshake, too."""

    __slots__ = (
        "_send",
        "allowance",
        "heard_at",
        "is_idle",
        "later",
        "messages",
        "open",
        "pipe",
        "sealer",
        "transport",
    )

    def __init__(self, transport: asyncio.Transport) -> None:
        self.transport = transport
        self.pipe = pipe_of(transport)
        self._send = self.pipe.send
        self.sealer = self.pipe.sealer
        self.is_idle = False
        """Nothing waits, and there is a short way."""
        self.open = True
        self.heard_at = 0
        """When its reader last said something, in the heartbeat's own time."""
        self.messages = 0
        self.allowance = MOST_WAITING
        self.later: dict[str, bytes] = {}
        """Statuses that wait for the socket to drain, the newest of each topic."""

    def write(self, frame: bytes) -> None:
        """Send a frame; a reader who lets too much pile up is dropped."""
        if not self.is_idle:
            self._write_waiting(frame)
            return
        send = self._send  # a call straight through a slot is looked up anew each time
        try:
            sent = send(frame)  # type: ignore[misc]  # idle only where there is one
        except OSError:  # the kernel's queue is full; if the connection is gone, the transport finds out
            sent = 0
        if sent != len(frame):
            self.is_idle = False
            if sent != HANDED_ON:
                self._queue(frame[sent:])

    def give_up(self, frame: bytes) -> None:
        """Leave a frame to the transport, which knows why it cannot be sent at once."""
        self.is_idle = False
        self._queue(frame)

    def write_whole(self, frame: bytes) -> None:
        """Send an answer that was asked for, however large; it does not count against its reader."""
        self.write(frame)
        self.allowance = max(self.allowance, MOST_WAITING + len(frame))

    def write_latest(self, topic: str, frame: bytes) -> bool:
        """Send a frame that supersedes earlier ones of its topic; False when it waits for the socket to drain."""
        if self.later or self.waiting() > BUSY:
            self.later[topic] = frame
            return False
        self.write(frame)
        return True

    def write_if_idle(self, frame: bytes) -> None:
        """Send a frame, or forget it when earlier ones still wait."""
        if self.waiting() <= BUSY:
            self.write(frame)

    def waiting(self) -> int:
        """Octets that the kernel has not taken yet."""
        return 0 if self.is_idle else self.pipe.waiting()

    def drained(self) -> bool:
        """Send what waited for the socket to drain; True when nothing waits any more."""
        if self.open and self.later and self.waiting() <= BUSY:
            waited, self.later = self.later, {}
            for frame in waited.values():
                self.write(frame)
        return not self.open or not self.later

    def close(self, last: bytes = b"") -> None:
        """Send last words and close; whoever does not read them is cut off after two seconds."""
        if not self.open:
            return
        self._shut()
        if not self.transport.is_closing():
            self.transport.write(last + CLOSE_FRAME)
            self.transport.close()
        asyncio.get_running_loop().call_later(LAST_WORDS_S, self.transport.abort)

    def abort(self) -> None:
        """Cut the line at once."""
        self._shut()
        self.transport.abort()

    def _write_waiting(self, frame: bytes) -> None:
        if not self.open:
            return
        waiting = self.pipe.waiting()
        if not waiting:
            self.messages, self.allowance = 0, MOST_WAITING
            self.is_idle = self._send is not None
            if self.is_idle:
                self.write(frame)
                return
        elif waiting > BUSY:
            self.messages += 1
            if self.messages > MOST_MESSAGES or waiting > self.allowance:
                self.abort()
                return
        self._queue(frame)

    def _queue(self, frame: bytes) -> None:
        with contextlib.suppress(RuntimeError):  # uvloop's word for a connection that is gone: we hear of it soon
            self.transport.write(frame)

    def _shut(self) -> None:
        self.open = self.is_idle = False
        self.pipe.close()
