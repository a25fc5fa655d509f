"""The recorder's own "down" connection: ICE as the controlling side, DTLS as the client, SRTP in, reports out."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import Callable
from typing import Protocol

from server.clock import Clock, Millis
from server.errors import Unavailable
from server.media import ice, rtcp, rtp
from server.media.dtls import Certificate, Handshake, Keys, Scratch
from server.media.feedback import Arrivals
from server.media.recorder.agreement import AGAIN, CODECS, WIDE_ID, Remote
from server.media.recorder.index import Track
from server.media.rtp import Codec, Packet

CHECK_EVERY_MS = 2_500
SILENT_MS = 8_000
"""Without an answer to our checks for this long the forwarder is gone."""
TRY_S = 1.0
BUFFER = 8 * 1024 * 1024
OWN_SSRC = 1


class Receiver(Protocol):
    """Who takes what arrives."""

    def packet(self, track: Track, codec: Codec, packet: Packet) -> None:
        """One RTP packet of a slot."""
        ...

    def report(self, track: Track, report: rtcp.SenderReport) -> None:
        """The forwarder's report about a slot."""
        ...


class Session:
    """One connection. `drain` and `beat` are called by whoever records, some hundred times a second."""

    def __init__(self, clock: Clock, certificate: Certificate, receiver: Receiver) -> None:
        self.clock = clock
        self.certificate = certificate
        self.receiver = receiver
        self.ufrag = _letters(clock.secret(6))
        self.password = _letters(clock.secret(24))
        self.scratch = Scratch()
        self.arrivals = Arrivals()
        self.remote: Remote | None = None
        self.address: tuple[str, int] | None = None
        self.socket: socket.socket | None = None
        self.handshake: Handshake | None = None
        self.keys: tuple[Keys, Keys] | None = None
        self.closed = False
        self.answered_at: Millis = 0
        self.checked_at: Millis = 0

    async def connect(self, remote: Remote) -> None:
        """Find the forwarder and agree on keys. Raises `Unavailable("media.unavailable")` when it cannot be done."""
        self.remote = remote
        for address in remote.addresses:
            if await self._reach(address):
                break
        else:
            raise Unavailable("media.unavailable")
        self.handshake = Handshake(self.certificate, remote.fingerprints, self._send, client=True)
        self.handshake.when_closed(self._ended)
        pump = asyncio.ensure_future(self._pump(lambda: False))
        try:
            self.keys = await self.handshake.run()
        finally:
            pump.cancel()
        if self.keys is None:
            raise Unavailable("media.unavailable")

    def _ended(self) -> None:
        self.closed = True

    async def _reach(self, address: tuple[str, int]) -> bool:
        if self.socket is not None:
            self.socket.close()
        self.socket = socket.socket(socket.AF_INET6 if ":" in address[0] else socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
        self.socket.setblocking(False)
        self.address = address
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._pump(lambda: self.answered_at > 0, check=True), TRY_S)
        return self.answered_at > 0

    async def _pump(self, done: Callable[[], bool], check: bool = False) -> None:
        while not done():
            if check:
                self._check()
            await asyncio.sleep(0.02)
            self.drain()

    @property
    def alive(self) -> bool:
        """Whether the forwarder is still there."""
        return not self.closed and self.clock.now() - self.answered_at < SILENT_MS

    def drain(self) -> None:
        """Read everything that has arrived."""
        assert self.socket is not None
        receive, view = self.socket.recv_into, self.scratch.view
        while True:
            try:
                size = receive(view)
            except OSError:
                return
            self._received(size)

    def _received(self, size: int) -> None:
        first = self.scratch.memory[0] if size else 255
        if 128 <= first <= 191 and self.keys is not None:
            self._rtcp(size) if rtp.is_rtcp(self.scratch.view[:size]) else self._rtp(size)
        elif 20 <= first <= 63 and self.handshake is not None:
            self.handshake.received(bytes(self.scratch.view[:size]))
        elif first == 1:
            self._answer(bytes(self.scratch.view[:size]))

    def _answer(self, data: bytes) -> None:
        assert self.remote is not None
        if ice.is_answer(data, self.remote.password):
            self.answered_at = self.clock.now()

    def _rtp(self, size: int) -> None:
        assert self.keys is not None and self.remote is not None
        length = self.scratch.unprotect(self.keys[0], size)
        if not length:
            return
        now = self.clock.now()
        try:
            header = rtp.parse(self.scratch.memory, length)
        except ValueError:
            return
        wide = rtp.element(self.scratch.memory, header, WIDE_ID)
        if wide is not None and len(wide) == 2:
            self.arrivals.arrived(int.from_bytes(wide), now * 1000)
        payload = bytes(self.scratch.memory[header.start : header.end])
        packet = Packet(header.sequence, header.timestamp, header.marker, payload, False, now)
        self._deliver(header.ssrc, header.payload_type, packet)

    def _deliver(self, ssrc: int, kind: int, packet: Packet) -> None:
        assert self.remote is not None
        codec = CODECS.get(kind)
        if codec is None and kind in AGAIN and len(packet.payload) > 2:
            codec, ssrc = AGAIN[kind], self.remote.repeats.get(ssrc, 0)
            packet.number, packet.payload = int.from_bytes(packet.payload[:2]), packet.payload[2:]
        track = self.remote.slots.get(ssrc)
        if codec is not None and track is not None:
            self.receiver.packet(track, codec, packet)

    def _rtcp(self, size: int) -> None:
        assert self.keys is not None and self.remote is not None
        length = self.scratch.unprotect_rtcp(self.keys[0], size)
        with contextlib.suppress(ValueError):
            for message in rtcp.parse(bytes(self.scratch.view[:length])):
                if isinstance(message, rtcp.SenderReport) and message.ssrc in self.remote.slots:
                    self.receiver.report(self.remote.slots[message.ssrc], message)

    # What the forwarder is told -----------------------------------------------------------------------------------

    def beat(self, now: Millis) -> None:
        """Say what arrived when, and that we are still here; some ten times a second."""
        for message in self.arrivals.reports(OWN_SSRC, OWN_SSRC):
            self._send_rtcp(message)
        if now - self.checked_at >= CHECK_EVERY_MS:
            self._check()

    def ask(self, track: Track, missing: list[int], key_frame: bool) -> None:
        """Ask for packets again, or for a picture that stands alone."""
        assert self.remote is not None
        ssrc = next(number for number, name in self.remote.slots.items() if name == track)
        message = rtcp.nack(OWN_SSRC, ssrc, missing) if missing else b""
        message += rtcp.key_frame_request(OWN_SSRC, ssrc) if key_frame else b""
        if message:
            self._send_rtcp(rtcp.receiver_report(OWN_SSRC, []) + message)

    def _send_rtcp(self, message: bytes) -> None:
        if self.keys is not None:
            self._send(self.scratch.protect_rtcp(self.keys[1], message))

    def _check(self) -> None:
        assert self.remote is not None
        self.checked_at = self.clock.now()
        self._send(ice.question(f"{self.remote.ufrag}:{self.ufrag}", self.remote.password))

    def _send(self, data: bytes) -> None:
        if self.socket is not None and self.address is not None and data:
            with contextlib.suppress(OSError):
                self.socket.sendto(data, self.address)

    async def close(self) -> None:
        """Say goodbye."""
        if self.handshake is not None:
            with contextlib.suppress(ConnectionError, OSError):
                await self.handshake.stop()
        if self.socket is not None:
            self.socket.close()


def _letters(secret: str) -> str:
    return secret.replace("-", "+").replace("_", "/")
