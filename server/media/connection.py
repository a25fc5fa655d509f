"""One WebRTC connection: who may use it, where it is now, and its keys. Its media is handled by `Handler`s."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

from server.clock import Millis
from server.errors import Problem
from server.media.control import Direction, Source
from server.media.dtls import Handshake, Keys, Scratch
from server.media.egress import Destination

if TYPE_CHECKING:
    from server.media.ingress import Port

CONSENT_MS = 14_000
"""Without a verified STUN request or report for this long the peer is dead (RFC 7675 asks for 30 s at most). This is
looked at once a second: whoever freezes is found within 15 s. Reports prove as much as checks, with the peer's keys and
from where it was checked; encoders with libnice (GStreamer 1.22) never check again once they are connected."""
PROVISIONAL_MS = 4_000
"""A peer that moved by verified SRTP must confirm by STUN within this time, or is moved back."""
PAIRS_LIMIT = 8
CREDENTIALS_LIMIT = 4


class Handler(Protocol):
    """What a connection's packets are for: publishing or receiving."""

    def rtp(self, data: memoryview, size: int, now: Millis) -> None:
        """The first `size` octets are a verified RTP packet."""
        ...

    def rtcp(self, data: bytes, now: Millis) -> None:
        """A verified RTCP packet."""
        ...

    def sends(self, ssrc: int) -> bool:
        """Whether RTP with that SSRC is expected."""
        ...

    def forward(self) -> None:
        """All that has arrived is read: send it on."""
        ...

    def placed(self) -> None:
        """The connection's place has changed."""
        ...


class Stale(Problem):
    """The session has moved on since the client looked (HTTP 412)."""

    status = 412


class Place:
    """A local port and a remote address: one candidate pair."""

    __slots__ = ("address", "destination", "port")

    def __init__(self, port: Port, address: tuple[str, int]) -> None:
        self.port = port
        self.address = address
        self.destination = Destination(address, port.socket.family)


class Connection:
    """The transport of one session. Addresses belong to it only after a checked STUN request."""

    def __init__(self, session: str, conference: str, endpoint: str, direction: Direction, source: Source) -> None:
        self.session = session
        self.conference = conference
        self.endpoint = endpoint
        self.direction: Direction = direction
        self.source: Source = source
        self.passwords: dict[str, str] = {}
        self.remote_ufrags: list[str] = []
        self.handler: Handler | None = None
        self.handshake: Handshake | None = None
        self.incoming: Keys | None = None
        self.outgoing: Keys | None = None
        self.place: Place | None = None
        self.pairs: list[Place] = []
        self.fallback: tuple[Place, Millis] | None = None
        self.heard_at: Millis = 0
        self.rtcp_ssrc: int | None = None
        self.shaking = False

    def admit(self, ufrag: str, password: str, remote_ufrag: str) -> None:
        """Accept checks with these credentials too; the ones before stay valid while the peer changes over."""
        self.passwords[ufrag] = password
        self.remote_ufrags.append(remote_ufrag)
        while len(self.passwords) > CREDENTIALS_LIMIT:
            del self.passwords[next(iter(self.passwords))]
        del self.remote_ufrags[:-CREDENTIALS_LIMIT]

    def checked(self, port: Port, address: tuple[str, int], nominated: bool, now: Millis) -> None:
        """A connectivity check from there was verified: the address is ours, and media follows nominations."""
        self.heard_at = now
        pair = self._pair(port, address)
        if self.fallback is not None and pair is self.place:
            self.fallback = None
        if nominated or self.place is None:
            self._settle_at(pair)
            self.fallback = None

    def moved(self, port: Port, address: tuple[str, int], now: Millis) -> None:
        """A packet from there verified with our keys: go there, and back unless a check follows."""
        old = self.place
        self._settle_at(self._pair(port, address))
        if old is not None and self.fallback is None:
            self.fallback = (old, now + PROVISIONAL_MS)

    def settle(self, now: Millis) -> None:
        """Go back where we were when nothing confirmed the move in time."""
        if self.fallback is not None and now >= self.fallback[1]:
            wrong = self.place
            self._settle_at(self.fallback[0])
            self.fallback = None
            if wrong is not None and wrong is not self.place:
                self._forget(wrong)

    def _settle_at(self, place: Place) -> None:
        if place is not self.place:
            self.place = place
            if self.handler is not None:
                self.handler.placed()

    def same_as(self, other: Connection) -> bool:
        """Whether this is a session of the same endpoint, for the same purpose."""
        mine, theirs = ((one.conference, one.endpoint, one.direction, one.source) for one in (self, other))
        return mine == theirs

    def sends(self, ssrc: int) -> bool:
        """Whether RTP with that SSRC may come from this peer."""
        return self.handler is not None and self.handler.sends(ssrc)

    def dead(self, now: Millis) -> bool:
        """Whether consent has run out."""
        return now - self.heard_at > CONSENT_MS

    def release(self) -> None:
        """Give every address back."""
        for pair in list(self.pairs):
            self._forget(pair)

    def send(self, data: bytes) -> None:
        """One datagram to where the peer is."""
        if self.place is not None:
            self.place.port.egress.send(self.place.destination, data)

    def send_rtcp(self, data: bytes, scratch: Scratch) -> None:
        """One compound RTCP packet, encrypted."""
        if self.outgoing is not None and data:
            self.send(scratch.protect_rtcp(self.outgoing, data))

    def _pair(self, port: Port, address: tuple[str, int]) -> Place:
        for pair in self.pairs:
            if pair.address == address and pair.port is port:
                port.owners[pair.destination.key] = self
                return pair
        pair = Place(port, address)
        self.pairs.append(pair)
        port.owners[pair.destination.key] = self
        while len(self.pairs) > PAIRS_LIMIT:
            kept = (self.place, pair, self.fallback[0] if self.fallback else None)
            self._forget(next(one for one in self.pairs if one not in kept))
        return pair

    def _forget(self, pair: Place) -> None:
        self.pairs.remove(pair)
        if pair.port.owners.get(pair.destination.key) is self:
            del pair.port.owners[pair.destination.key]


Ended = Callable[[Connection, str], None]
