"""A file that broke off is made whole: its last whole block is found, then sizes, duration and places are written."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

import msgspec

from server.clock import Millis
from server.media.recorder.matroska import (
    CLUSTER,
    CUE_MS,
    CUES,
    HEADER,
    INFO,
    KEY_FRAME,
    SEEK_SPACE,
    SEGMENT,
    SIMPLE_BLOCK,
    TIMESTAMP,
    TRACKS,
    File,
    Place,
)

DURATION_SPACE = 11


class Element(msgspec.Struct, frozen=True):
    """An element's head; `size` is None where it is unknown."""

    kind: int
    start: int
    content: int
    size: int | None


class Found(msgspec.Struct, frozen=True):
    """How far a broken file is whole."""

    file: File
    last: Millis


def read_head(source: BinaryIO, at: int, end: int) -> Element | None:
    """The element that begins there; None when its head is cut off or no head."""
    source.seek(at)
    data = source.read(12)
    if not data or not data[0]:
        return None
    width = 9 - data[0].bit_length()
    if width > 4 or len(data) <= width or not data[width]:
        return None
    size_width = 9 - data[width].bit_length()
    if len(data) < width + size_width or at + width + size_width > end:
        return None
    size = int.from_bytes(data[width : width + size_width]) & (1 << 7 * size_width) - 1
    known = None if size == (1 << 7 * size_width) - 1 else size
    return Element(int.from_bytes(data[:width]), at, at + width + size_width, known)


def survey(source: BinaryIO, length: int) -> Found | None:
    """Read a broken file from its beginning; None when not even one block is whole. `last` is the newest block's
    time in ms after the file's beginning."""
    place = _place(source, length)
    if place is None:
        return None
    file = File.__new__(File)
    file.head, file.place, file.length, file.audio = b"", place, place.end, False
    file.cluster, file.cues, file.last = None, [], 0
    at = place.end
    while (cluster := read_head(source, at, length)) is not None and cluster.kind == CLUSTER:
        at = _cluster(source, cluster, length, file)
        if at == cluster.content or cluster.size is None:
            break
    return Found(file, file.last) if file.length > place.end else None


def _cluster(source: BinaryIO, cluster: Element, length: int, file: File) -> int:
    """Take in the whole blocks of a cluster; where it ends."""
    at = cluster.content
    end = min(length, at + cluster.size) if cluster.size is not None else length
    began: int | None = None
    while (one := read_head(source, at, end)) is not None and one.kind in (TIMESTAMP, SIMPLE_BLOCK):
        if one.size is None or one.content + one.size > end:
            break
        source.seek(one.content)
        data = source.read(min(one.size, 8))
        if one.kind == TIMESTAMP:
            began = int.from_bytes(data)
        elif began is not None and len(data) >= 4:
            moment = began + int.from_bytes(data[1:3], signed=True)
            if file.cluster is None or file.cluster[0] != cluster.start:
                _begin(file, cluster, began, bool(data[3] & KEY_FRAME))
            file.last, file.length = moment, one.content + one.size
        at = one.content + one.size
    return at


def _begin(file: File, cluster: Element, began: Millis, key: bool) -> None:
    file.cluster = (cluster.start, began)
    if key and (not file.cues or began - file.cues[-1][0] >= CUE_MS):
        file.cues.append((began, cluster.start - file.place.segment))


def _place(source: BinaryIO, length: int) -> Place | None:
    ebml = read_head(source, 0, length)
    if ebml is None or ebml.kind != HEADER or ebml.size is None:
        return None
    segment = read_head(source, ebml.content + ebml.size, length)
    if segment is None or segment.kind != SEGMENT:
        return None
    parts = {one.kind: one for one in _parts(source, segment.content + SEEK_SPACE, length)}
    info, tracks = parts.get(INFO), parts.get(TRACKS)
    if info is None or tracks is None:
        return None
    info_end, tracks_end = info.content + (info.size or 0), tracks.content + (tracks.size or 0)
    return Place(
        segment.start + 4, segment.content, segment.content, info_end - DURATION_SPACE, tracks.start, info.start,
        tracks_end,
    )  # fmt: skip


def _parts(source: BinaryIO, at: int, length: int) -> Iterator[Element]:
    while (one := read_head(source, at, length)) is not None and one.kind in (INFO, TRACKS, CUES):
        if one.size is None or one.content + one.size > length:
            return
        yield one
        at = one.content + one.size
