"""DTLS and the SRTP keys it yields, by aiortc's `RTCDtlsTransport`. The only file that knows aiortc.

The seams used: the transport object needs `_recv` and `_send`; `_set_role`, `start`, `stop`, `state`, `_rx_srtp`,
`_tx_srtp` and `_ssl` of the transport; `_create_ssl_context` of its certificate; `_srtp` of a pylibsrtp session.
`tests/media/test_dtls.py` fails first when one moves.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable
from typing import Any

from aiortc.rtcdtlstransport import (
    RTCCertificate,
    RTCDtlsFingerprint,
    RTCDtlsParameters,
    RTCDtlsTransport,
    SRTPProtectionProfile,
)
from pylibsrtp._binding import ffi, lib

HANDSHAKE_LIMIT_S = 15
NO_SESSIONS = 0
"""SSL_SESS_CACHE_OFF: nothing is kept for whoever wants to resume (ssl.h)."""
RELEASE_BUFFERS = 0x10
"""SSL_MODE_RELEASE_BUFFERS: after the handshake hardly a record comes, and each would be read into 16 kB (ssl.h)."""
WAITING_LIMIT = 32
"""Flights are a handful of datagrams; whoever sends more is not shaking hands."""
AGAIN_S, AGAIN_LIMIT_S = 0.2, 0.8
"""What nobody has answered is sent again after so long, then after twice as long each time. OpenSSL waits for a second
at first (RFC 6347, 4.2.4.1) and does not answer whoever repeats themselves: of 80 handshakes with 30 % loss 8 were not
done after 15 s, and one in ten of the others took more than six."""
APART_S = 0.03
"""However often somebody repeats themselves, they are answered once in so long."""
FIRST_RECORD = 25
"""Octets of a record's head and that of a handshake message (RFC 6347, 4.1 and 4.2.2)."""
HANDSHAKE_RECORDS = (20, 22)
HEARD_LIMIT = 64
TRAILER = 160
"""Octets that protecting may add to a packet (libsrtp: tag and MKI, with the SRTCP index)."""
GCM_TAG, SHA1_80_TAG = 16, 10
PACKET_LIMIT = 2048


class Certificate:
    """One certificate for the whole process. Elliptic curve, so that a flight fits one datagram."""

    def __init__(self) -> None:
        self.value = RTCCertificate.generateCertificate()
        self.made: Any = None
        self._make = self.value._create_ssl_context
        self.value._create_ssl_context = self._context  # type: ignore[method-assign]
        self.fingerprint = next(one.value for one in self.value.getFingerprints() if one.algorithm == "sha-256")

    def _context(self, srtp_profiles: list[SRTPProtectionProfile]) -> Any:
        """One context for all connections: a new one for each costs a third of a handshake and 22 kB. Nothing of one
        connection is kept for another: nobody resumes."""
        if self.made is None:
            self.made = self._make(srtp_profiles)
            self.made.set_session_cache_mode(NO_SESSIONS)
            self.made.set_mode(RELEASE_BUFFERS)
        return self.made


class Keys:
    """The SRTP session of one direction, as libsrtp's pointer; `session` keeps it alive.

    `tag` is how many octets protecting adds to an RTP packet.
    """

    __slots__ = ("pointer", "session", "tag")

    def __init__(self, session: Any, tag: int) -> None:
        self.session = session
        self.pointer = session._srtp[0]
        self.tag = tag


class Scratch:
    """One packet's memory, in which libsrtp works without copies: `size` octets from `at` on.

    The octets are pinned, not the view: CPython 3.11 crashes when its collector meets a memoryview that is exported.
    """

    def __init__(self, octets: bytearray | None = None, at: int = 0, size: int = PACKET_LIMIT) -> None:
        octets = bytearray(size) if octets is None else octets
        self.memory = self.view = memoryview(octets)[at : at + size]
        self.pinned = ffi.from_buffer("char[]", octets)
        self.pointer = self.pinned + at
        self.length = ffi.new("int *")

    def unprotect(self, keys: Keys, size: int) -> int:
        """Verify and decrypt the RTP packet that lies here; its new size, or 0 when it is forged or repeated."""
        self.length[0] = size
        return 0 if lib.srtp_unprotect(keys.pointer, self.pointer, self.length) else int(self.length[0])

    def unprotect_rtcp(self, keys: Keys, size: int) -> int:
        """The same for RTCP."""
        self.length[0] = size
        return 0 if lib.srtp_unprotect_rtcp(keys.pointer, self.pointer, self.length) else int(self.length[0])

    def protect(self, keys: Keys, data: bytes) -> bytes:
        """The encrypted RTP packet, empty when it is too long."""
        return self._protected(lib.srtp_protect, keys, data)

    def protect_rtcp(self, keys: Keys, data: bytes) -> bytes:
        """The encrypted RTCP packet, empty when it is too long."""
        return self._protected(lib.srtp_protect_rtcp, keys, data)

    def _protected(self, protect: Callable[..., int], keys: Keys, data: bytes) -> bytes:
        if len(data) + TRAILER > len(self.memory):
            return b""
        self.memory[: len(data)] = data
        self.length[0] = len(data)
        if protect(keys.pointer, self.pointer, self.length):
            return b""
        return bytes(self.view[: self.length[0]])


class _Wire:
    """What aiortc takes for its ICE transport. It sends the last flight, which is one datagram, again: for the other
    side it is a datagram that came twice, so OpenSSL need not know."""

    role = "controlled"

    def __init__(self, send: Callable[[bytes], None]) -> None:
        self.send = send
        self.waiting: asyncio.Queue[bytes] = asyncio.Queue(WAITING_LIMIT)
        self.flight = b""
        self.flown_at = 0.0
        self.pause = AGAIN_S
        self.timer: asyncio.TimerHandle | None = None
        self.rests = False
        """All is said. What OpenSSL says once more, to whoever did not hear how it ended, is said only then."""
        self.heard: set[bytes] = set()

    def received(self, data: bytes) -> None:
        """One datagram; too many at once are dropped, DTLS repeats them."""
        if not data or self.waiting.full():
            return
        if self._is_repeated(data) and asyncio.get_running_loop().time() - self.flown_at >= APART_S:
            # They have not got what we said to it (RFC 6347, 4.2.4): also when for us all is done.
            self._fly()
        self.waiting.put_nowait(data)

    def _is_repeated(self, data: bytes) -> bool:
        """Whether this begins with an unencrypted message that has been here before: its number and offset tell."""
        if data[0] != HANDSHAKE_RECORDS[1] or len(data) < FIRST_RECORD or any(data[3:5]):
            return False
        mark = data[17:22]
        known = mark in self.heard
        if len(self.heard) < HEARD_LIMIT:
            self.heard.add(mark)
        return known

    def _fly(self) -> None:
        self.flown_at = asyncio.get_running_loop().time()
        if self.flight:
            self.send(self.flight)

    def _again(self) -> None:
        self._fly()
        self.pause = min(2 * self.pause, AGAIN_LIMIT_S)
        self.timer = asyncio.get_running_loop().call_later(self.pause, self._again)

    def rest(self) -> None:
        """All is said: nothing is sent again by itself."""
        self.rests = True
        self._cancel()

    def _cancel(self) -> None:
        if self.timer is not None:
            self.timer.cancel()
            self.timer = None

    async def _recv(self) -> bytes:
        data = await self.waiting.get()
        if not data:
            raise ConnectionError
        return data

    async def _send(self, data: bytes) -> None:
        self.send(data)
        if data[0] in HANDSHAKE_RECORDS:
            self._cancel()
            loop = asyncio.get_running_loop()
            self.flight, self.flown_at, self.pause = data, loop.time(), AGAIN_S
            if not self.rests:
                self.timer = loop.call_later(self.pause, self._again)

    def end(self) -> None:
        """Nothing comes any more: whoever waits hears so."""
        self.rest()
        while not self.waiting.empty():
            self.waiting.get_nowait()
        self.waiting.put_nowait(b"")


class Handshake:
    """The DTLS side of one connection: we are the server, the peer's certificate must match its offer."""

    def __init__(
        self,
        certificate: Certificate,
        fingerprints: Iterable[tuple[str, str]],
        send: Callable[[bytes], None],
        client: bool = False,
    ) -> None:
        self.wire = _Wire(send)
        self.transport = RTCDtlsTransport(self.wire, [certificate.value])  # type: ignore[arg-type]
        self.transport._set_role("client" if client else "server")
        self.parameters = RTCDtlsParameters([RTCDtlsFingerprint(kind, value) for kind, value in fingerprints])

    def received(self, data: bytes) -> None:
        """Feed one DTLS datagram."""
        self.wire.received(data)

    async def run(self) -> tuple[Keys, Keys] | None:
        """Shake hands; the (incoming, outgoing) keys, or None when it failed, also by a wrong fingerprint."""
        try:
            await asyncio.wait_for(self.transport.start(self.parameters), HANDSHAKE_LIMIT_S)
        except (TimeoutError, ConnectionError):
            return None
        finally:
            self.wire.rest()
        if self.transport.state != "connected":
            return None
        assert self.transport._ssl is not None
        tag = GCM_TAG if b"GCM" in self.transport._ssl.get_selected_srtp_profile() else SHA1_80_TAG
        return Keys(self.transport._rx_srtp, tag), Keys(self.transport._tx_srtp, tag)

    def when_closed(self, call: Callable[[], None]) -> None:
        """Call when the peer says goodbye."""

        def changed() -> None:
            if self.transport.state == "closed":
                call()

        self.transport.on("statechange", changed)

    async def stop(self) -> None:
        """Say goodbye and end; a handshake that still waits for its peer ends too."""
        await self.transport.stop()
        self.transport.remove_all_listeners()
        self.wire.end()
