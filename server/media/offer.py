"""Reading SDP offers (RFC 8866, RFC 8829) and ICE fragments (RFC 8840): only what the forwarder needs of them."""

from __future__ import annotations

import re

import msgspec

from server.errors import Invalid
from server.media.rtp import Codec

OCTETS_LIMIT = 256_000
LINES_LIMIT = 96
FINGERPRINTS = ("sha-256", "sha-384", "sha-512")
ICE_CHARACTERS = re.compile(r"[A-Za-z0-9+/]+\Z")
TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`{|}~-]{1,16}\Z")


class Format(msgspec.Struct, frozen=True):
    """One payload type: how it is coded, its parameters, and the payload type that repeats it (0: none)."""

    payload_type: int
    name: str
    parameters: str = ""
    repeats: int = 0


class Line(msgspec.Struct, frozen=True):
    """One m-line. `pairs` maps an SSRC to the one that repeats it; `extensions` a URI to its id."""

    kind: str
    protocol: str
    offered: tuple[int, ...]
    mid: str
    direction: str
    formats: tuple[Format, ...]
    extensions: dict[str, int]
    rids: tuple[str, ...]
    ssrcs: tuple[int, ...]
    pairs: dict[int, int]

    def find(self, codec: Codec) -> Format | None:
        """The offered format of that codec; of H264 one that packs as WebRTC does, baseline first."""
        same = [one for one in self.formats if one.name == codec.name]
        if codec is Codec.H264:
            same = [one for one in same if "packetization-mode=1" in one.parameters]
            same.sort(key=lambda one: "profile-level-id=42e01f" not in one.parameters.lower())
        return same[0] if same else None

    def repeats(self, payload_type: int) -> int:
        """The payload type that repeats this one, or 0."""
        return next((one.payload_type for one in self.formats if one.repeats == payload_type), 0)

    def brings_along(self, payload_type: int) -> int:
        """The payload type in which this one comes with its predecessors (RFC 2198), or 0."""
        same = [
            one for one in self.formats if one.name == "RED" and set(one.parameters.split("/")) == {str(payload_type)}
        ]
        return same[0].payload_type if same else 0


class Offer(msgspec.Struct, frozen=True):
    """An SDP offer, as far as it concerns us."""

    lines: tuple[Line, ...]
    ufrag: str
    password: str
    fingerprints: tuple[tuple[str, str], ...]
    waits: bool = False
    """Whether the peer waits for us to begin the handshake (`a=setup:passive`, as FFmpeg and some encoders ask)."""


def read_offer(text: str) -> Offer:
    """Read an offer. Raises Invalid `media.offer_unreadable` with the reason, for the log of the sender."""
    if len(text) > OCTETS_LIMIT:
        raise _unreadable("too long")
    session, *sections = _sections(text)
    if not 1 <= len(sections) <= LINES_LIMIT:
        raise _unreadable("number of m-lines")
    common = _Attributes(session)
    blocks = [_Attributes(one) for one in sections]
    first = blocks[0]
    ufrag = first.one("ice-ufrag") or common.one("ice-ufrag")
    password = first.one("ice-pwd") or common.one("ice-pwd")
    _check_credentials(ufrag, password)
    setup = first.one("setup") or common.one("setup") or "actpass"
    if setup not in ("actpass", "active", "passive"):
        raise _unreadable("setup")
    lines = tuple(_line(one, block, index) for index, (one, block) in enumerate(zip(sections, blocks, strict=True)))
    fingerprints = _fingerprints(first.every("fingerprint") or common.every("fingerprint"))
    return Offer(lines, ufrag, password, fingerprints, setup == "passive")


def read_fragment(text: str) -> tuple[str, str] | None:
    """The (ufrag, password) of a trickle or restart fragment; None when it only carries candidates."""
    if len(text) > OCTETS_LIMIT:
        raise Invalid("media.fragment_unreadable")
    attributes = _Attributes(text.splitlines())
    ufrag, password = attributes.one("ice-ufrag"), attributes.one("ice-pwd")
    if not ufrag and not password:
        return None
    _check_credentials(ufrag, password)
    return ufrag, password


def _unreadable(reason: str) -> Invalid:
    return Invalid("media.offer_unreadable", reason=reason)


def _sections(text: str) -> list[list[str]]:
    sections: list[list[str]] = [[]]
    for line in text.splitlines():
        if line.startswith("m="):
            sections.append([])
        sections[-1].append(line.rstrip())
    if not sections[0] or not sections[0][0].startswith("v=0"):
        raise _unreadable("version")
    return sections


def _check_credentials(ufrag: str, password: str) -> None:
    good = 4 <= len(ufrag) <= 256 and 22 <= len(password) <= 256
    if not good or not ICE_CHARACTERS.match(ufrag) or not ICE_CHARACTERS.match(password):
        raise _unreadable("ICE credentials")


def _fingerprints(values: list[str]) -> tuple[tuple[str, str], ...]:
    pairs = [(one.split()[0].lower(), one.split()[1].upper()) for one in values if len(one.split()) == 2]
    supported = tuple(pair for pair in pairs if pair[0] in FINGERPRINTS)
    if not supported:
        raise _unreadable("fingerprint")
    return supported


class _Attributes:
    """The a= lines of one part of the description."""

    def __init__(self, lines: list[str]) -> None:
        pairs = (line[2:].partition(":") for line in lines if line.startswith("a="))
        self.pairs = [(name, value) for name, _, value in pairs]

    def every(self, name: str) -> list[str]:
        return [value for key, value in self.pairs if key == name]

    def one(self, name: str) -> str:
        return next((value for key, value in self.pairs if key == name), "")

    def has(self, name: str) -> bool:
        return any(key == name for key, _ in self.pairs)


def _line(lines: list[str], attributes: _Attributes, index: int) -> Line:
    words = lines[0][2:].split()
    if len(words) < 4:
        raise _unreadable("m-line")
    mid = attributes.one("mid") or str(index)
    if not TOKEN.match(mid):
        raise _unreadable("mid")
    directions = [one for one in ("sendrecv", "sendonly", "recvonly", "inactive") if attributes.has(one)]
    try:
        return Line(
            kind=words[0],
            protocol=words[2],
            offered=tuple(int(one) for one in words[3:] if one.isdigit()),
            mid=mid,
            direction=directions[0] if directions else "sendrecv",
            formats=_formats(attributes),
            extensions=_extensions(attributes),
            rids=_rids(attributes),
            ssrcs=_ssrcs(attributes),
            pairs=_pairs(attributes),
        )
    except (ValueError, IndexError) as error:
        raise _unreadable("attribute") from error


def _formats(attributes: _Attributes) -> tuple[Format, ...]:
    parameters = {}
    for value in attributes.every("fmtp"):
        payload_type, _, rest = value.partition(" ")
        parameters[payload_type] = rest
    formats: list[Format] = []
    for value in attributes.every("rtpmap"):
        payload_type, _, rest = value.partition(" ")
        name = rest.split("/")[0].upper()
        number, text = int(payload_type), parameters.get(payload_type, "")
        if not 0 <= number <= 127:
            raise ValueError("payload type")
        apt = re.match(r"apt=(\d+)", text) if name == "RTX" else None
        formats.append(Format(number, name, text, int(apt.group(1)) if apt else 0))
    return tuple(formats)


def _extensions(attributes: _Attributes) -> dict[str, int]:
    found: dict[str, int] = {}
    for value in attributes.every("extmap"):
        number, uri = value.split()[:2]
        identifier = int(number.partition("/")[0])
        if 1 <= identifier <= 14:
            found[uri] = identifier
    return found


def _rids(attributes: _Attributes) -> tuple[str, ...]:
    named = [value.split() for value in attributes.every("rid")]
    return tuple(words[0] for words in named if words[1] == "send" and TOKEN.match(words[0]))[:3]


def _ssrcs(attributes: _Attributes) -> tuple[int, ...]:
    numbers = [int(value.split()[0]) for value in attributes.every("ssrc")]
    repeating = _pairs(attributes).values()
    return tuple(one for one in dict.fromkeys(numbers) if one not in repeating)[:8]


def _pairs(attributes: _Attributes) -> dict[int, int]:
    groups = [value.split() for value in attributes.every("ssrc-group")]
    return {int(words[1]): int(words[2]) for words in groups if words[0] == "FID"}
