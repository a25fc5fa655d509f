"""What home and edge tell each other about one conference, beside the packets. Pure: states to octets and back.

Home says what may be had (`Catalogue`), the edge what it wants (`Wishes`): whole states, numbered, cut into pieces that
travel as RTCP APP packets on their encrypted link, said three times when they change and again every half second. So a
lost piece costs some milliseconds, and nothing need be acknowledged.
"""

from __future__ import annotations

import hmac
from collections.abc import Iterable
from struct import Struct
from typing import Literal

import msgspec

from server.media.rtp import Codec
from server.media.sdp import Agreed

FORMATS = {
    Codec.OPUS: Agreed(111, 0, "", 63),
    Codec.VP8: Agreed(96, 97, ""),
    Codec.H264: Agreed(102, 103, ""),
}
"""Payload types on every link: nothing is negotiated between ourselves."""
PIECE_OCTETS = 1_100
PIECES_LIMIT = 250
HEAD = Struct(">IHBB")
"""A piece's head: the number of the state, how long it is after the last full piece, which piece, of how many."""
SAID_ANEW = 3
SAID_AGAIN_BEATS = 16
TAG_LETTERS = 16


class Carried(msgspec.Struct, frozen=True, array_like=True):
    """One stream that may be had: its SSRCs on the link, and how it arrives at home."""

    ssrc: int
    repeat: int
    codec: Codec
    rid: str
    bits_per_second: int
    alive: bool


class Source(msgspec.Struct, frozen=True, array_like=True):
    """One endpoint's camera and microphone, or its screen."""

    endpoint: str
    source: Literal["camera", "screen"]
    streams: tuple[Carried, ...]


class Catalogue(msgspec.Struct, frozen=True, array_like=True):
    """Everything that may be had, and who is loudest: heard everywhere as home decided."""

    loudest: tuple[str, ...] = ()
    sources: tuple[Source, ...] = ()


Wishes = tuple[int, ...]
"""The SSRCs that an edge wants, each once for all its receivers; before them the numbers of codings (`Codec`, which no
SSRC has) that somebody there takes alone."""

encode = msgspec.msgpack.Encoder().encode
decode_catalogue = msgspec.msgpack.Decoder(Catalogue).decode
decode_wishes = msgspec.msgpack.Decoder(Wishes).decode


def wishes(wanted: Iterable[int], needs: Iterable[Codec]) -> Wishes:
    """What an edge says: the streams it wants, and the codings that somebody there takes alone."""
    return (*sorted(needs), *sorted(wanted))


def wished(said: Wishes) -> tuple[frozenset[int], frozenset[Codec]]:
    """The two again."""
    codings = {int(one): one for one in Codec}
    needs = frozenset(codings[one] for one in said if one in codings)
    return frozenset(said).difference(codings), needs


def credentials(secret: str, conference: str, edge: str) -> tuple[str, str]:
    """The tag with which an edge's ICE name begins at its home, and the password of both sides' checks."""
    digest = hmac.digest(secret.encode(), f"{conference}\n{edge}".encode(), "sha256").hex()
    return digest[:TAG_LETTERS], digest[TAG_LETTERS : TAG_LETTERS + 32]


class Saying:
    """A state that is said whole, again and again."""

    def __init__(self) -> None:
        self.number = self.left = self.beats = 0
        self.data: bytes | None = None

    def change(self, data: bytes) -> None:
        """This is so from now on."""
        if data != self.data:
            self.data, self.number, self.left = data, self.number + 1, SAID_ANEW

    def due(self) -> list[bytes]:
        """The pieces to send at this beat."""
        self.beats += 1
        if self.data is None or not (self.left or self.beats % SAID_AGAIN_BEATS == 0):
            return []
        self.left = max(0, self.left - 1)
        return pieces(self.number, self.data)


def pieces(number: int, data: bytes) -> list[bytes]:
    """A state in pieces of whole words; what would need too many is not said."""
    count = max(1, -(-len(data) // PIECE_OCTETS))
    if count > PIECES_LIMIT:
        return []
    rest = len(data) - (count - 1) * PIECE_OCTETS
    cut = [data[index * PIECE_OCTETS : (index + 1) * PIECE_OCTETS] for index in range(count)]
    return [HEAD.pack(number, rest, index, count) + part + bytes(-len(part) % 4) for index, part in enumerate(cut)]


class Hearing:
    """Puts pieces together; a state is complete once, and never older than the one before."""

    def __init__(self) -> None:
        self.number = 0
        self._parts: dict[int, bytes] = {}
        self._of = 0

    def take(self, piece: bytes) -> bytes | None:
        """One piece; the state when it was the last one missing. Raises ValueError when it contradicts itself."""
        if len(piece) < HEAD.size:
            raise ValueError("a piece is cut off")
        number, rest, index, count = HEAD.unpack_from(piece)
        if index >= count or rest > PIECE_OCTETS:
            raise ValueError("no piece of a state")
        if number <= self.number or number < self._of:
            return None
        if number > self._of:
            self._of, self._parts = number, {}
        size = rest if index == count - 1 else PIECE_OCTETS
        self._parts[index] = piece[HEAD.size : HEAD.size + size]
        if len(self._parts) < count:
            return None
        self.number = number
        parts, self._parts = self._parts, {}
        return b"".join(parts[one] for one in sorted(parts))
