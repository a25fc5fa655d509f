"""Really coded pictures and sounds, and the RTP payloads that carry them."""

from __future__ import annotations

import math
from array import array
from collections.abc import Iterator
from fractions import Fraction
from functools import cache

import av

from server.media.recorder.folder import Folder
from server.media.recorder.track import Piece, Start
from server.media.rtp import Codec

SIZE = (160, 90)


@cache
def pictures(codec: str, count: int = 90, colour: int = 90) -> tuple[tuple[bytes, bool], ...]:
    """Coded frames of a slowly changing grey, with whether each is a key frame; a key frame every 15."""
    return coloured(codec, tuple(((colour + number) & 0xFF, 128, 128) for number in range(count)), 15)


@cache
def coloured(codec: str, colours: tuple[tuple[int, int, int], ...], gop: int) -> tuple[tuple[bytes, bool], ...]:
    """Coded frames, each of one colour (Y, U, V), with whether each is a key frame; one of them every `gop`."""
    options = {"libvpx": {"deadline": "realtime", "cpu-used": "8"}, "libx264": {"tune": "zerolatency", "bf": "0"}}
    context = av.CodecContext.create(codec, "w")
    context.width, context.height, context.pix_fmt = *SIZE, "yuv420p"
    context.time_base, context.framerate, context.gop_size = Fraction(1, 25), Fraction(25), gop
    context.options = {**options[codec], "g": str(gop)}
    found: list[tuple[bytes, bool]] = []
    for number, colour in enumerate(colours):
        frame = av.VideoFrame(*SIZE, "yuv420p")
        for plane, value in zip(frame.planes, colour, strict=True):
            plane.update(bytes([value]) * plane.buffer_size)
        frame.pts, frame.time_base = number, Fraction(1, 25)
        found += [(bytes(one), one.is_keyframe) for one in context.encode(frame)]
    found += [(bytes(one), one.is_keyframe) for one in context.encode(None)]
    return tuple(found)


@cache
def sounds(count: int = 250) -> tuple[bytes, ...]:
    """A tone in Opus packets of 20 ms."""
    context = av.CodecContext.create("libopus", "w")
    context.sample_rate, context.layout, context.format = 48_000, "mono", "s16"
    context.time_base = Fraction(1, 48_000)
    found: list[bytes] = []
    for number in range(count):
        frame = av.AudioFrame(format="s16", layout="mono", samples=960)
        wave = array("h", [int(9_000 * math.sin((number * 960 + i) / 17)) for i in range(960)])
        frame.planes[0].update(wave.tobytes())
        frame.sample_rate, frame.pts, frame.time_base = 48_000, number * 960, Fraction(1, 48_000)
        found += [bytes(one) for one in context.encode(frame)]
    return tuple(found)


def vp8_payloads(frame: bytes, largest: int = 500, number: int = 0x123) -> Iterator[tuple[bytes, bool]]:
    """The payloads of one VP8 frame, with whether each is its last; the descriptor carries the picture's number."""
    identity = (0x8000 | number & 0x7FFF).to_bytes(2)
    parts = [frame[at : at + largest] for at in range(0, len(frame), largest)]
    for index, part in enumerate(parts):
        yield bytes((0x90 if index == 0 else 0x80, 0x80)) + identity + part, index == len(parts) - 1


def units(frame: bytes) -> list[bytes]:
    """The units of an Annex B picture."""
    found = frame.replace(b"\x00\x00\x00\x01", b"\x00\x00\x01").split(b"\x00\x00\x01")
    return [one for one in found if one]


def h264_payloads(frame: bytes, largest: int = 300) -> Iterator[tuple[bytes, bool]]:
    """Small units aggregated, the picture itself in fragments (RFC 6184 §5.7.1, §5.8)."""
    *small, picture = units(frame)
    if small:
        yield b"\x78" + b"".join(len(one).to_bytes(2) + one for one in small), False
    head, body = picture[0], picture[1:]
    if len(body) <= largest:
        yield picture, True
        return
    for at in range(0, len(body), largest):
        first, last = at == 0, at + largest >= len(body)
        flags = (0x80 if first else 0) | (0x40 if last else 0) | head & 0x1F
        yield bytes((head & 0xE0 | 28, flags)) + body[at : at + largest], last


def spoken(folder: Folder, at: int, seconds: int = 1) -> Piece:
    """A voice that was written into a recording's folder, fifty packets a second from `at` on; its file is open."""
    piece = folder.begin(Start("voice0", Codec.OPUS, at, (0, 0), b""))
    for index in range(50 * seconds):
        piece.write(at + 20 * index, sounds()[index], True)
    return piece
