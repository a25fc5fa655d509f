"""Matroska (RFC 9559) and its profile WebM, one track a file: written piece by piece, whole after every piece.

Pure: says which octets to write where. Blocks follow their cluster's head at once, and the sizes of segment and
cluster stay "unknown" until they are known; so a file that breaks off plays up to its last whole block. `mended` finds
that block again.
"""

from __future__ import annotations

from collections.abc import Iterator
from struct import pack

import msgspec

from server.clock import Millis
from server.media.rtp import Codec

CLUSTER_MS = 1_000
CUE_MS = 2_000
UNKNOWN = b"\x01" + b"\xff" * 7
SEEK_SPACE = 64
SINCE_2001_MS = 978_307_200_000
PREROLL_NS = 80_000_000
"""What decoders of Opus need before a moment they jump to (RFC 7845 §4.6)."""

HEADER, SEGMENT, SEEK_HEAD, VOID, INFO, TRACKS = 0x1A45DFA3, 0x18538067, 0x114D9B74, 0xEC, 0x1549A966, 0x1654AE6B
CLUSTER, CUES, TIMESTAMP, SIMPLE_BLOCK = 0x1F43B675, 0x1C53BB6B, 0xE7, 0xA3
DURATION = 0x4489
KEY_FRAME = 0x80
NAMES = {Codec.OPUS: "A_OPUS", Codec.VP8: "V_VP8", Codec.H264: "V_MPEG4/ISO/AVC"}
ENDINGS = {Codec.OPUS: "webm", Codec.VP8: "webm", Codec.H264: "mkv"}
"""WebM knows no H264; all browsers play WebM."""


class Write(msgspec.Struct, gc=False):
    """Octets, and where in the file they go; at the end when `at` is negative."""

    data: bytes
    at: int = -1


class Place(msgspec.Struct, frozen=True):
    """Where in a head the things stand that are known only at the end; offsets in octets."""

    segment_size: int
    segment: int
    seek: int
    duration: int
    tracks: int
    info: int
    end: int


class File:
    """One track's file as it grows."""

    def __init__(self, codec: Codec, began_at: Millis, size: tuple[int, int] = (0, 0), setup: bytes = b"") -> None:
        self.head, self.place = head(codec, began_at, size, setup)
        self.length = len(self.head)
        self.audio = codec is Codec.OPUS
        self.cluster: tuple[int, int] | None = None
        """Offset and time of the cluster that is being written."""
        self.cues: list[tuple[int, int]] = []
        self.last = 0

    def block(self, at: Millis, data: bytes, key: bool) -> Iterator[Write]:
        """One frame, `at` milliseconds after the file's beginning; times never go back."""
        cluster = self.cluster
        if cluster is None or at - cluster[1] >= CLUSTER_MS or (key and not self.audio and at > cluster[1]):
            yield from self._close_cluster()
            cluster = self.cluster = (self.length, at)
            if key and (not self.cues or at - self.cues[-1][0] >= CUE_MS):
                self.cues.append((at, self.length - self.place.segment))
            yield self._append(CLUSTER.to_bytes(4) + UNKNOWN + _number(TIMESTAMP, at))
        content = b"\x81" + pack(">hB", at - cluster[1], KEY_FRAME if key else 0) + data
        self.last = at
        yield self._append(element(SIMPLE_BLOCK, content))

    def finish(self, duration: Millis) -> Iterator[Write]:
        """Everything that players need to jump: sizes, duration, the list of places."""
        yield from self._close_cluster()
        cues = self.length - self.place.segment
        yield self._append(element(CUES, b"".join(_cue(*one) for one in self.cues)))
        yield from _known(self.place, self.length, cues, duration)

    def _append(self, data: bytes) -> Write:
        self.length += len(data)
        return Write(data)

    def _close_cluster(self) -> Iterator[Write]:
        if self.cluster is not None:
            start = self.cluster[0] + 12
            yield Write(long_size(self.length - start), self.cluster[0] + 4)
            self.cluster = None


def head(codec: Codec, began_at: Millis, size: tuple[int, int], setup: bytes) -> tuple[bytes, Place]:
    """Everything before the first cluster."""
    kind = "webm" if ENDINGS[codec] == "webm" else "matroska"
    ebml = _number(0x4286, 1) + _number(0x42F7, 1) + _number(0x42F2, 4) + _number(0x42F3, 8)
    ebml += element(0x4282, kind.encode()) + _number(0x4287, 4) + _number(0x4285, 2)
    data = element(HEADER, ebml) + SEGMENT.to_bytes(4)
    segment_size = len(data)
    data += UNKNOWN
    segment = seek = len(data)
    data += element(VOID, bytes(SEEK_SPACE - 2))
    info = len(data)
    before = _number(0x2AD7B1, 1_000_000) + element(0x4461, pack(">q", (began_at - SINCE_2001_MS) * 1_000_000))
    before += element(0x4D80, b"hopso") + element(0x5741, b"hopso")
    void = element(VOID, bytes(9))
    data += element(INFO, before + void)
    duration = len(data) - len(void)
    tracks = len(data)
    data += element(TRACKS, element(0xAE, _track(codec, size, setup)))
    return data, Place(segment_size, segment, seek, duration, tracks, info, len(data))


def _track(codec: Codec, size: tuple[int, int], setup: bytes) -> bytes:
    audio = codec is Codec.OPUS
    data = _number(0xD7, 1) + _number(0x73C5, 1) + _number(0x83, 2 if audio else 1) + _number(0x9C, 0)
    data += element(0x22B59C, b"und") + element(0x86, NAMES[codec].encode())
    if audio:
        data += element(0x63A2, opus_head()) + _number(0x56AA, 0) + _number(0x56BB, PREROLL_NS)
        return data + element(0xE1, element(0xB5, pack(">d", 48_000.0)) + _number(0x9F, 2))
    if setup:
        data += element(0x63A2, setup)
    return data + element(0xE0, _number(0xB0, size[0]) + _number(0xBA, size[1]))


def opus_head() -> bytes:
    """The identification of an Opus stream (RFC 7845 §5.1): stereo, nothing to skip."""
    return b"OpusHead" + pack("<BBHIhB", 1, 2, 0, 48_000, 0, 0)


def _cue(at: Millis, offset: int) -> bytes:
    return element(0xBB, _number(0xB3, at) + element(0xB7, _number(0xF7, 1) + _number(0xF1, offset)))


def _known(place: Place, length: int, cues: int, duration: Millis) -> Iterator[Write]:
    seeks = b"".join(
        element(0x4DBB, element(0x53AB, kind.to_bytes(4)) + element(0x53AC, offset.to_bytes(8)))
        for kind, offset in ((INFO, place.info - place.segment), (CUES, cues))
    )
    found = element(SEEK_HEAD, seeks)
    yield Write(found + element(VOID, bytes(SEEK_SPACE - len(found) - 2)), place.seek)
    yield Write(DURATION.to_bytes(2) + b"\x88" + pack(">d", float(duration)), place.duration)
    yield Write(long_size(length - place.segment), place.segment_size)


def element(identifier: int, content: bytes) -> bytes:
    """One EBML element (RFC 8794)."""
    return identifier.to_bytes((identifier.bit_length() + 7) // 8) + _size(len(content)) + content


def _size(length: int) -> bytes:
    width = next(one for one in range(1, 9) if length < (1 << 7 * one) - 1)
    return (length | 1 << 7 * width).to_bytes(width)


def long_size(length: int) -> bytes:
    """A size in eight octets, as wide as the unknown one it replaces."""
    return (length | 1 << 56).to_bytes(8)


def _number(identifier: int, value: int) -> bytes:
    return element(identifier, value.to_bytes(max(1, (value.bit_length() + 7) // 8)))
