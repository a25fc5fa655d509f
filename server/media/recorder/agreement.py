"""What the recorder offers to the forwarder, and what it reads in the answer: fixed lines, every codec in use."""

from __future__ import annotations

import re

import msgspec

from server.media.recorder.index import Track
from server.media.remote import Place, read_place
from server.media.rtp import Codec
from server.media.sdp import MID, TRANSPORT_WIDE

MID_ID, WIDE_ID = 4, 3
OPUS, VP8, VP8_AGAIN, H264, H264_AGAIN = 111, 96, 97, 102, 103
CODECS = {OPUS: Codec.OPUS, VP8: Codec.VP8, H264: Codec.H264}
AGAIN = {VP8_AGAIN: Codec.VP8, H264_AGAIN: Codec.H264}
"""Payload types, and those that repeat them (RFC 4588)."""
ORDER: tuple[Track, ...] = ("voice0", "voice1", "voice2", "picture", "screen")
"""The lines of the offer: of two video lines the last is the shared screen."""


class Remote(msgspec.Struct, frozen=True):
    """The forwarder as its answer describes it; `slots` maps the SSRC of a slot, and of its repeats, to the track."""

    place: Place
    slots: dict[int, Track]
    repeats: dict[int, int]
    """SSRC of the repeats → SSRC of the slot."""


def offer(ufrag: str, password: str, fingerprint: str) -> str:
    """Three voices, the stage and the shared screen, to receive only."""
    mids = " ".join(str(index) for index in range(len(ORDER)))
    lines = ["v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0", f"a=group:BUNDLE {mids}"]
    for index, track in enumerate(ORDER):
        kind = "audio" if track.startswith("voice") else "video"
        types = str(OPUS) if kind == "audio" else f"{VP8} {VP8_AGAIN} {H264} {H264_AGAIN}"
        lines += [f"m={kind} 9 UDP/TLS/RTP/SAVPF {types}", "c=IN IP4 0.0.0.0", "a=rtcp-mux", f"a=mid:{index}"]
        lines += ["a=recvonly", f"a=ice-ufrag:{ufrag}", f"a=ice-pwd:{password}", "a=setup:active"]
        lines += [f"a=fingerprint:sha-256 {fingerprint}", f"a=extmap:{MID_ID} {MID}"]
        lines += [f"a=extmap:{WIDE_ID} {TRANSPORT_WIDE}", *(_audio() if kind == "audio" else _video())]
    return "\r\n".join((*lines, ""))


def _audio() -> list[str]:
    return [f"a=rtpmap:{OPUS} opus/48000/2", f"a=fmtp:{OPUS} minptime=10;useinbandfec=1"]


def _video() -> list[str]:
    lines: list[str] = []
    for number, again, name in ((VP8, VP8_AGAIN, "VP8"), (H264, H264_AGAIN, "H264")):
        lines += [f"a=rtpmap:{number} {name}/90000", f"a=rtpmap:{again} rtx/90000", f"a=fmtp:{again} apt={number}"]
        lines += [f"a=rtcp-fb:{number} {kind}" for kind in ("nack", "nack pli", "transport-cc")]
    parameters = "level-asymmetry-allowed=1;packetization-mode=1;profile-level-id=42e01f"
    return [*lines, f"a=fmtp:{H264} {parameters}"]


def read_answer(text: str) -> Remote:
    """Read the forwarder's answer. Raises ValueError when something is missing."""
    sections = re.split(r"(?m)^m=", text)[1:]
    if len(sections) != len(ORDER):
        raise ValueError("another number of lines than was offered")
    slots: dict[int, Track] = {}
    repeats: dict[int, int] = {}
    for track, section in zip(ORDER, sections, strict=True):
        ssrcs = [int(one) for one in re.findall(r"(?m)^a=ssrc:(\d+) ", section)]
        if not ssrcs:
            raise ValueError(f"no slot for {track}")
        slots[ssrcs[0]] = track
        repeats.update(dict.fromkeys(ssrcs[1:], ssrcs[0]))
    return Remote(read_place(text), slots, repeats)
