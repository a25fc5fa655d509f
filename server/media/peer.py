"""A peer of our own: ICE as the controlling side, DTLS as the client, SRTP both ways. What flows is its heirs' affair.

Its sockets may be opened beforehand (`prepare`), so that a process that locks itself in can still connect.
"""

from __future__ import annotations

import asyncio
import contextlib
import socket
from abc import ABC, abstractmethod
from collections.abc import Callable

from server.clock import Clock, Millis
from server.errors import Unavailable
from server.media import ice, rtp
from server.media.dtls import Certificate, Handshake, Keys, Scratch
from server.media.remote import Place

CHECK_EVERY_MS = 2_500
SILENT_MS = 8_000
"""Without an answer to our checks for this long the other side is gone."""
TRY_S = 1.0
PUMP_S = 0.02
BUFFER = 8 * 1024 * 1024
OWN_SSRC = 1


class Peer(ABC):
    """One connection. `drain` and `beat` are called by whoever has it, some hundred times a second."""

    def __init__(self, clock: Clock, certificate: Certificate) -> None:
        self.clock = clock
        self.certificate = certificate
        self.ufrag = _letters(clock.secret(6))
        self.password = _letters(clock.secret(24))
        self.place: Place | None = None
        self.scratch = Scratch()
        self.address: tuple[str, int] | None = None
        self.sockets: dict[socket.AddressFamily, socket.socket] = {}
        self.socket: socket.socket | None = None
        self.handshake: Handshake | None = None
        self.keys: tuple[Keys, Keys] | None = None
        self.closed = False
        self.answered_at: Millis = 0
        self.checked_at: Millis = 0

    def prepare(self, family: socket.AddressFamily) -> socket.socket:
        """The socket for addresses of a family, opened at the first time."""
        if family not in self.sockets:
            opened = self.sockets[family] = socket.socket(family, socket.SOCK_DGRAM)
            opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, BUFFER)
            opened.setblocking(False)
        return self.sockets[family]

    async def reach(self, place: Place) -> None:
        """Find the other side at one of its addresses and agree on keys. Raises `Unavailable("media.unavailable")`."""
        self.place = place
        for address in place.addresses:
            if await self._try(address):
                break
        else:
            raise Unavailable("media.unavailable")
        self.handshake = Handshake(self.certificate, place.fingerprints, self.send, client=True)
        self.handshake.when_closed(self._ended)
        pump = asyncio.ensure_future(self._pump(lambda: False, check=False))
        try:
            self.keys = await self.handshake.run()
        finally:
            pump.cancel()
        if self.keys is None:
            raise Unavailable("media.unavailable")

    def _ended(self) -> None:
        self.closed = True

    async def _try(self, address: tuple[str, int]) -> bool:
        with contextlib.suppress(OSError):
            self.socket = self.prepare(socket.AF_INET6 if ":" in address[0] else socket.AF_INET)
            self.address = address
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._pump(lambda: self.answered_at > 0, check=True), TRY_S)
        return self.answered_at > 0

    async def _pump(self, done: Callable[[], bool], check: bool) -> None:
        while not done():
            if check:
                self._check()
            await asyncio.sleep(PUMP_S)
            self.drain()

    @property
    def alive(self) -> bool:
        """Whether the other side is still there."""
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
            self._unlock(size, self.keys[0])
        elif 20 <= first <= 63 and self.handshake is not None:
            self.handshake.received(bytes(self.scratch.view[:size]))
        elif first < 2:
            self._stun(bytes(self.scratch.view[:size]))

    def _unlock(self, size: int, keys: Keys) -> None:
        if rtp.is_rtcp(self.scratch.view[:size]):
            length = self.scratch.unprotect_rtcp(keys, size)
            if length:
                self.rtcp(bytes(self.scratch.view[:length]))
            return
        length = self.scratch.unprotect(keys, size)
        if length:
            self.rtp(length)

    @abstractmethod
    def rtp(self, size: int) -> None:
        """The first `size` octets of the scratch are a verified RTP packet."""

    @abstractmethod
    def rtcp(self, data: bytes) -> None:
        """A verified RTCP packet."""

    def _stun(self, data: bytes) -> None:
        if data[0]:
            if self.place is not None and ice.is_answer(data, self.place.password):
                self.answered_at = self.clock.now()
        elif self.address is not None:
            # A full agent at the other end checks us, too.
            found = ice.check(data, self.address, lambda local, _: self.password if local == self.ufrag else None)
            if found is not None:
                self.send(found.answer)

    def beat(self, now: Millis) -> None:
        """Say that we are still here; some ten times a second."""
        if now - self.checked_at >= CHECK_EVERY_MS:
            self._check()

    def send_rtcp(self, message: bytes) -> None:
        """One compound RTCP packet, encrypted."""
        if self.keys is not None:
            self.send(self.scratch.protect_rtcp(self.keys[1], message))

    def send_rtp(self, packet: bytes) -> None:
        """One RTP packet, encrypted."""
        if self.keys is not None:
            self.send(self.scratch.protect(self.keys[1], packet))

    def _check(self) -> None:
        self.checked_at = self.clock.now()
        if self.place is not None:
            self.send(ice.question(f"{self.place.ufrag}:{self.ufrag}", self.place.password))

    def send(self, data: bytes) -> None:
        """One datagram as it is."""
        if self.socket is not None and self.address is not None and data:
            with contextlib.suppress(OSError):
                self.socket.sendto(data, self.address)

    async def close(self) -> None:
        """Say goodbye."""
        if self.handshake is not None:
            with contextlib.suppress(ConnectionError, OSError):
                await self.handshake.stop()
        for opened in self.sockets.values():
            opened.close()


def _letters(secret: str) -> str:
    return secret.replace("-", "+").replace("_", "/")
