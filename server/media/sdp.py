"""Answers from templates (RFC 9725, RFC 8829): what was agreed, and its text. No object tree, no negotiation."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from server.media.offer import Format, Line, Offer
from server.media.rtp import Codec

MID = "urn:ietf:params:rtp-hdrext:sdes:mid"
RID = "urn:ietf:params:rtp-hdrext:sdes:rtp-stream-id"
REPAIRED_RID = "urn:ietf:params:rtp-hdrext:sdes:repaired-rtp-stream-id"
LEVEL = "urn:ietf:params:rtp-hdrext:ssrc-audio-level"
TRANSPORT_WIDE = "http://www.ietf.org/id/draft-holmer-rmcat-transport-wide-cc-extensions-01"
UP_EXTENSIONS = (MID, RID, REPAIRED_RID, LEVEL, TRANSPORT_WIDE)
DOWN_EXTENSIONS = (MID, TRANSPORT_WIDE)
START_KBPS = 2500
"""Without this hint a browser needs several seconds to reach its large layer."""


class Agreed(msgspec.Struct, frozen=True):
    """A payload type that may be used on a section, the one that repeats it, and the one that brings it along with
    its predecessors (RFC 2198); 0 is none."""

    payload_type: int
    repeat: int
    parameters: str
    redundant: int = 0


class Section(msgspec.Struct, frozen=True):
    """One m-line as agreed; without formats it is refused."""

    line: Line
    formats: dict[Codec, Agreed]

    @property
    def audio(self) -> bool:
        return self.line.kind == "audio"

    def extension(self, uri: str) -> int:
        """The id of a header extension, 0 when it is not used."""
        return self.line.extensions.get(uri, 0)


class Identity(msgspec.Struct, frozen=True):
    """What the server says about itself in every answer; `candidates` are (address, port)."""

    ufrag: str
    password: str
    fingerprint: str
    candidates: tuple[tuple[str, int], ...]
    begins: bool = False
    """Whether we begin the handshake, because the peer waits for it."""


class SlotNames(msgspec.Struct, frozen=True):
    """What a slot of a "down" connection is called: its sync group, its track, its two SSRCs."""

    group: str
    track: str
    ssrc: int
    repeat_ssrc: int


def agree_up(offer: Offer, video: Sequence[Codec]) -> list[Section]:
    """What a publisher may send: Opus, and those of the conference's video codecs that it offers. It begins with the
    first, and may go over to another one without negotiation."""
    return [_agree(line, ("sendonly", "sendrecv"), video) for line in offer.lines]


def agree_down(offer: Offer) -> list[Section]:
    """What a receiver can take: every codec it offers, because the next speaker may use another one."""
    return [_agree(line, ("recvonly", "sendrecv"), (Codec.VP8, Codec.H264)) for line in offer.lines]


def _agree(line: Line, directions: tuple[str, ...], video: Sequence[Codec]) -> Section:
    codecs = (Codec.OPUS,) if line.kind == "audio" else tuple(video)
    formats: dict[Codec, Agreed] = {}
    if line.kind in ("audio", "video") and line.direction in directions:
        for codec in codecs:
            found = line.find(codec)
            if found is not None:
                formats[codec] = _agreed(line, found)
    return Section(line, formats)


def _agreed(line: Line, found: Format) -> Agreed:
    kind = found.payload_type
    return Agreed(kind, line.repeats(kind), found.parameters, line.brings_along(kind))


def write_up(sections: Sequence[Section], identity: Identity) -> str:
    """The answer to a publisher."""
    return _answer(sections, identity, [_up_lines(one) for one in sections])


def write_down(sections: Sequence[Section], identity: Identity, names: Sequence[SlotNames | None]) -> str:
    """The answer to a receiver; `names` has one entry for each section, None where it is refused."""
    lines = [_down_lines(one, name) for one, name in zip(sections, names, strict=True)]
    return _answer(sections, identity, lines)


def write_fragment(identity: Identity) -> str:
    """The fragment that answers an ICE restart (RFC 9725 §4.3.3, RFC 8840)."""
    lines = ["a=ice-lite", f"a=ice-ufrag:{identity.ufrag}", f"a=ice-pwd:{identity.password}"]
    return "\r\n".join((*lines, *_candidates(identity), "")) + ""


def _answer(sections: Sequence[Section], identity: Identity, bodies: Sequence[list[str]]) -> str:
    bundle = " ".join(one.line.mid for one in sections if one.formats)
    lines = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0", f"a=group:BUNDLE {bundle}"]
    lines += ["a=ice-lite", "a=msid-semantic:WMS *"]
    for section, body in zip(sections, bodies, strict=True):
        lines += _refused(section) if not section.formats else [*_head(section, identity), *body]
    return "\r\n".join((*lines, ""))


def _refused(section: Section) -> list[str]:
    line = section.line
    formats = " ".join(map(str, line.offered[:1])) or ("webrtc-datachannel" if line.kind == "application" else "0")
    return [f"m={line.kind} 0 {line.protocol} {formats}", "c=IN IP4 0.0.0.0", "a=inactive", f"a=mid:{line.mid}"]


def _head(section: Section, identity: Identity) -> list[str]:
    line = section.line
    types: list[str] = []
    for one in section.formats.values():
        # A sender takes the first one: it shall always bring sound along with its predecessors.
        types += [str(kind) for kind in (one.redundant, one.payload_type, one.repeat) if kind]
    return [
        f"m={line.kind} 9 UDP/TLS/RTP/SAVPF {' '.join(types)}",
        "c=IN IP4 0.0.0.0",
        "a=rtcp:9 IN IP4 0.0.0.0",
        *_candidates(identity),
        f"a=ice-ufrag:{identity.ufrag}",
        f"a=ice-pwd:{identity.password}",
        f"a=fingerprint:sha-256 {identity.fingerprint}",
        "a=setup:active" if identity.begins else "a=setup:passive",
        f"a=mid:{line.mid}",
        "a=rtcp-mux",
        "a=rtcp-rsize",
    ]


def _candidates(identity: Identity) -> list[str]:
    best = 2_130_706_431
    lines = [
        f"a=candidate:{index + 1} 1 udp {best - index * 256} {address} {port} typ host"
        for index, (address, port) in enumerate(identity.candidates)
    ]
    return [*lines, "a=end-of-candidates"]


def _up_lines(section: Section) -> list[str]:
    lines = ["a=recvonly", *_extensions(section, UP_EXTENSIONS)]
    lines += _formats(section, f";x-google-start-bitrate={START_KBPS}" if section.line.rids else "")
    rids = section.line.rids
    if rids and not section.audio and section.extension(RID):
        lines += [f"a=rid:{rid} recv" for rid in rids]
        lines.append("a=simulcast:recv " + ";".join(rids))
    return lines


def _down_lines(section: Section, name: SlotNames | None) -> list[str]:
    if name is None:
        return []
    lines = ["a=sendonly", *_extensions(section, DOWN_EXTENSIONS), f"a=msid:{name.group} {name.track}"]
    lines += _formats(section, "")
    repeated = not section.audio and any(one.repeat for one in section.formats.values())
    # Browsers take the first a=ssrc for the media and need the FID group to accept repeats.
    if repeated:
        lines.append(f"a=ssrc-group:FID {name.ssrc} {name.repeat_ssrc}")
    lines.append(f"a=ssrc:{name.ssrc} cname:{name.group}")
    if repeated:
        lines.append(f"a=ssrc:{name.repeat_ssrc} cname:{name.group}")
    return lines


def _extensions(section: Section, wanted: Sequence[str]) -> list[str]:
    return [f"a=extmap:{section.extension(uri)} {uri}" for uri in wanted if section.extension(uri)]


def _formats(section: Section, hint: str) -> list[str]:
    lines: list[str] = []
    for codec, one in section.formats.items():
        number = one.payload_type
        if codec is Codec.OPUS:
            lines += [f"a=rtpmap:{number} opus/48000/2", f"a=fmtp:{number} minptime=10;useinbandfec=1"]
            lines.append(f"a=rtcp-fb:{number} transport-cc")
            if one.redundant:
                lines += [f"a=rtpmap:{one.redundant} red/48000/2", f"a=fmtp:{one.redundant} {number}/{number}"]
            continue
        lines.append(f"a=rtpmap:{number} {codec.name}/90000")
        parameters = ";".join(filter(None, (one.parameters, hint.lstrip(";"))))
        lines += [f"a=fmtp:{number} {parameters}"] if parameters else []
        lines += [f"a=rtcp-fb:{number} {kind}" for kind in ("transport-cc", "ccm fir", "nack", "nack pli")]
        if one.repeat:
            lines += [f"a=rtpmap:{one.repeat} rtx/90000", f"a=fmtp:{one.repeat} apt={number}"]
    return lines
