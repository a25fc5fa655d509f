"""What is agreed with Janus, and by it with the codec: descriptions written and read (RFC 3264, RFC 3551, RFC 6184).

Pure. One audio and one video coding; of a codec's offer the best one that the gateway speaks.
"""

from __future__ import annotations

import msgspec

from server.media.offer import Format, Line, read_offer
from server.media.remote import Place, read_place

AUDIO = ("OPUS", "G722", "PCMA", "PCMU")
"""The best first."""
VIDEO = ("H264", "VP8")
STATIC = {0: "PCMU", 8: "PCMA", 9: "G722"}
"""Payload types that need no further words (RFC 3551 §6)."""
CLOCKS = {"OPUS": "opus/48000/2", "G722": "G722/8000", "PCMA": "PCMA/8000", "PCMU": "PCMU/8000"}
OWN_TYPES = {"OPUS": 111, "G722": 9, "PCMA": 8, "PCMU": 0, "H264": 102, "VP8": 96}
H264 = "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"
SSRCS = {"audio": 21, "video": 22}
"""Under these the gateway sends: Janus takes packets of announced numbers only."""
FEEDBACK = ("nack pli", "ccm fir")


class Spoken(msgspec.Struct, frozen=True):
    """One coding in use."""

    name: str
    payload_type: int
    parameters: str = ""


class Terms(msgspec.Struct, frozen=True):
    """What is spoken; without `video` there is sound only."""

    place: Place
    audio: Spoken
    video: Spoken | None


class Own(msgspec.Struct, frozen=True):
    """What the gateway says of itself."""

    ufrag: str
    password: str
    fingerprint: str
    address: tuple[str, int]


def offer(own: Own) -> str:
    """Everything the gateway speaks, for a codec that is called."""
    audio = [Spoken(name, OWN_TYPES[name]) for name in AUDIO]
    video = [Spoken("H264", OWN_TYPES["H264"], H264), Spoken("VP8", OWN_TYPES["VP8"])]
    return _written(own, [("audio", "0", audio), ("video", "1", video)])


def answer(own: Own, text: str) -> tuple[str, Terms]:
    """The answer to a codec's offer, and what is spoken then. Raises ValueError where nothing is in common."""
    lines = read_offer(text).lines
    chosen = [_chosen(line) for line in lines]
    terms = _terms(text, lines, chosen)
    taken = (terms.audio, terms.video)
    parts = [
        (line.kind, line.mid, [spoken] if spoken is not None and spoken in taken else [])
        for line, spoken in zip(lines, chosen, strict=True)
    ]
    return _written(own, parts), terms


def read_terms(text: str) -> Terms:
    """What a codec that was called has answered. Raises ValueError where nothing is in common."""
    lines = read_offer(text).lines
    return _terms(text, lines, [_chosen(line) for line in lines])


def _terms(text: str, lines: tuple[Line, ...], chosen: list[Spoken | None]) -> Terms:
    pairs = [(line.kind, one) for line, one in zip(lines, chosen, strict=True) if one is not None]
    audio = next((one for kind, one in pairs if kind == "audio"), None)
    if audio is None:
        raise ValueError("no sound in common")
    return Terms(read_place(text), audio, next((one for kind, one in pairs if kind == "video"), None))


def _chosen(line: Line) -> Spoken | None:
    named = {one.payload_type: one for one in line.formats}
    for static, name in STATIC.items():
        if static in line.offered:
            named.setdefault(static, Format(static, name))
    offered = [named[kind] for kind in line.offered if kind in named]
    for name in AUDIO if line.kind == "audio" else VIDEO if line.kind == "video" else ():
        same = [one for one in offered if one.name == name]
        # Large pictures need more than one packet, which mode 1 of H264 spells out.
        same.sort(key=lambda one: "packetization-mode=1" not in one.parameters)
        if same:
            return Spoken(name, same[0].payload_type, same[0].parameters)
    return None


def _written(own: Own, parts: list[tuple[str, str, list[Spoken]]]) -> str:
    mids = " ".join(mid for _, mid, spoken in parts if spoken)
    lines = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0", f"a=group:BUNDLE {mids}"]
    for kind, mid, spoken in parts:
        if not spoken:
            lines += [f"m={kind} 0 UDP/TLS/RTP/SAVPF 0", "c=IN IP4 0.0.0.0", "a=inactive", f"a=mid:{mid}"]
            continue
        host, port = own.address
        types = " ".join(str(one.payload_type) for one in spoken)
        lines += [f"m={kind} {port} UDP/TLS/RTP/SAVPF {types}", f"c=IN IP4 {host}", "a=rtcp-mux", f"a=mid:{mid}"]
        lines += ["a=sendrecv", f"a=ice-ufrag:{own.ufrag}", f"a=ice-pwd:{own.password}", "a=setup:active"]
        lines += [f"a=fingerprint:sha-256 {own.fingerprint}"]
        lines += [f"a=candidate:1 1 udp 2130706431 {host} {port} typ host", "a=end-of-candidates"]
        lines += [f"a=ssrc:{SSRCS[kind]} cname:hopso", *(line for one in spoken for line in _format(one))]
    return "\r\n".join((*lines, ""))


def _format(one: Spoken) -> list[str]:
    number = one.payload_type
    if one.name in CLOCKS:
        return [f"a=rtpmap:{number} {CLOCKS[one.name]}"]
    lines = [f"a=rtpmap:{number} {one.name}/90000", *(f"a=rtcp-fb:{number} {kind}" for kind in FEEDBACK)]
    return [*lines, f"a=fmtp:{number} {one.parameters}"] if one.parameters else lines
