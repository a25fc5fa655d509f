"""Sound and pictures between what codecs of rooms speak and what a conference does: decoded and coded anew (FFmpeg).

Sound is passed about in pieces: 20 ms of 48 kHz mono, samples of 16 bits.
"""

from __future__ import annotations

import math
from array import array
from fractions import Fraction
from typing import Any

import av
from av.video.frame import PictureType

from server.media.recorder.frames import Frame
from server.media.rtp import VIDEO_RATE, Codec
from server.media.sip.packing import payloads

RATE, PIECE = 48_000, 960
PIECE_MS = 20
QUIET = array("h", bytes(2 * PIECE))
LOUDEST = 32_767
SILENT = 127
SOUNDS = {
    "OPUS": ("libopus", 48_000),
    "G722": ("g722", 16_000),
    "PCMA": ("pcm_alaw", 8_000),
    "PCMU": ("pcm_mulaw", 8_000),
}
"""FFmpeg's name and the samples a second; the clock of G722's timestamps is half as fast (RFC 3551 §4.5.2)."""
STEPS = {"OPUS": 960, "G722": 160, "PCMA": 160, "PCMU": 160}
"""By how much a timestamp grows in 20 ms."""
OPUS_BPS = 40_000
PICTURES_A_SECOND = 15
KEY_EVERY = 10 * PICTURES_A_SECOND

CODED = {Codec.VP8: "vp8", Codec.H264: "h264"}
DECODING_ERRORS = (av.error.FFmpegError, ValueError)


class Ear:
    """Decodes one voice."""

    def __init__(self, name: str) -> None:
        coder, rate = SOUNDS[name]
        self.context: Any = _coder(coder, "r")
        if name != "OPUS":
            self.context.sample_rate, self.context.layout = rate, "mono"
        self.resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE, frame_size=PIECE)
        self.samples = 0

    def hear(self, payload: bytes) -> list[array[int]]:
        """What a packet says; nothing where it cannot be understood."""
        found: list[array[int]] = []
        try:
            for frame in self.context.decode(av.Packet(payload)):
                frame.pts, frame.time_base = self.samples, Fraction(1, frame.sample_rate)
                self.samples += frame.samples
                found += [_piece(one) for one in self.resampler.resample(frame)]
        except DECODING_ERRORS:
            return found
        return found


class Mouth:
    """Codes one voice."""

    def __init__(self, name: str) -> None:
        coder, rate = SOUNDS[name]
        self.context: Any = _coder(coder, "w")
        self.context.sample_rate, self.context.layout, self.context.format = rate, "mono", "s16"
        self.context.time_base = Fraction(1, rate)
        if name == "OPUS":
            self.context.bit_rate = OPUS_BPS
            self.context.options = {"application": "voip", "frame_duration": "20", "fec": "1", "packet_loss": "10"}
        self.resampler = av.AudioResampler(format="s16", layout="mono", rate=rate, frame_size=rate // 50)
        self.samples = 0

    def say(self, piece: array[int]) -> list[bytes]:
        """The packets for a piece: one each, but for the first of some codings, which comes with the second piece."""
        frame = av.AudioFrame(format="s16", layout="mono", samples=PIECE)
        frame.planes[0].update(piece.tobytes())
        frame.sample_rate, frame.pts, frame.time_base = RATE, self.samples, Fraction(1, RATE)
        self.samples += PIECE
        return [bytes(packet) for one in self.resampler.resample(frame) for packet in self.context.encode(one)]


class Eye:
    """Decodes the pictures of a sender; `None` where one cannot be seen."""

    def __init__(self) -> None:
        self.context: Any = None
        self.coded: tuple[Codec, bytes] | None = None

    def see(self, codec: Codec, frame: Frame) -> av.VideoFrame | None:
        """The picture of a coded frame."""
        if self.coded != (codec, frame.setup):
            self.context = _coder(CODED[codec], "r")
            self.context.thread_count = 1
            self.context.extradata = frame.setup or None
            self.coded = (codec, frame.setup)
        try:
            pictures = self.context.decode(av.Packet(frame.data))
        except DECODING_ERRORS:
            return None
        return pictures[-1] if pictures else None


class Brush:
    """Codes pictures, none higher than `height`, at most `PICTURES_A_SECOND`."""

    def __init__(self, name: str, height: int, kbps: int) -> None:
        self.codec = Codec[name]
        self.height = height
        self.kbps = kbps
        self.context: Any = None
        self.size = (0, 0)
        self.last_at = 0.0
        self.wants_key = True

    def paint(self, picture: av.VideoFrame, now_ms: float) -> list[bytes]:
        """The payloads of this picture; none where it comes too soon after the one before."""
        if now_ms - self.last_at < 1000 / PICTURES_A_SECOND - 8:
            return []
        size = fitting((picture.width, picture.height), self.height)
        if size != self.size:
            self._begin(size)
        self.last_at = now_ms
        shown = picture.reformat(width=size[0], height=size[1], format="yuv420p")
        shown.pts, shown.time_base = int(now_ms * VIDEO_RATE / 1000), Fraction(1, VIDEO_RATE)
        shown.pict_type = PictureType.I if self.wants_key else PictureType.NONE
        self.wants_key = False
        return [one for packet in self.context.encode(shown) for one in payloads(self.codec, bytes(packet))]

    def _begin(self, size: tuple[int, int]) -> None:
        self.size, self.wants_key = size, True
        self.context = _coder("libx264" if self.codec is Codec.H264 else "libvpx", "w")
        self.context.width, self.context.height = size
        self.context.pix_fmt, self.context.thread_count = "yuv420p", 1
        self.context.time_base, self.context.framerate = Fraction(1, VIDEO_RATE), Fraction(PICTURES_A_SECOND)
        self.context.bit_rate, self.context.gop_size = self.kbps * 1000, KEY_EVERY
        self.context.options = _H264 if self.codec is Codec.H264 else _VP8


_H264 = {"preset": "veryfast", "tune": "zerolatency", "profile": "baseline", "forced-idr": "1"}
_VP8 = {"deadline": "realtime", "cpu-used": "8", "lag-in-frames": "0", "error-resilient": "1"}


def fitting(size: tuple[int, int], height: int) -> tuple[int, int]:
    """The size, made smaller in proportion where it is too high; both sides even."""
    width, tall = size
    scale = min(1.0, height / tall)
    return max(2, round(width * scale / 2) * 2), max(2, round(tall * scale / 2) * 2)


def mixed(pieces: list[array[int]]) -> array[int]:
    """All of them at once."""
    heard = [one for one in pieces if one is not QUIET]
    if len(heard) < 2:
        return heard[0] if heard else QUIET
    return array("h", [max(-LOUDEST, min(LOUDEST, sum(each))) for each in zip(*heard, strict=True)])


def level(piece: array[int]) -> int:
    """How far below the loudest the piece is, in dB, 0 to 127 (RFC 6464); every fourth sample is looked at."""
    energy = math.fsum(sample * sample for sample in piece[::4]) * 4 / PIECE
    return SILENT if energy < 1 else min(SILENT, round(-10 * math.log10(energy / LOUDEST**2)))


def _coder(name: str, mode: str) -> Any:
    return av.CodecContext.create(name, mode)  # type: ignore[call-overload]


def _piece(frame: Any) -> array[int]:
    piece = array("h", bytes(frame.planes[0])[: 2 * frame.samples])
    piece.extend(QUIET[: PIECE - len(piece)])
    return piece
