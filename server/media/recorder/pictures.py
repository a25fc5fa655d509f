"""The pictures of a recording, decoded in step with the film: only the present one and the next are ever in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import av

from server.clock import Millis
from server.media.recorder.index import Segment

LARGEST = 4096
"""Pixels of a side; more is not decoded."""


class Pictures:
    """One track's pictures at growing moments."""

    def __init__(self, folder: Path, segments: Sequence[Segment]) -> None:
        self.folder = folder
        self.waiting = sorted(segments, key=lambda one: one.began_at)
        self.segment: Segment | None = None
        self.frames: Iterator[tuple[Millis, Any]] = iter(())
        self.now: Any = None
        self.next: tuple[Millis, Any] | None = None

    def at(self, moment: Millis) -> Any:
        """The picture at this moment; None when there is none."""
        self._enter(moment)
        if self.segment is None or moment < self.segment.began_at:
            return None
        while self.next is not None and self.next[0] <= moment:
            self.now = self.next[1]
            self.next = next(self.frames, None)
        return self.now

    def _enter(self, moment: Millis) -> None:
        if self.segment is not None and moment >= self.segment.ended_at:
            self.segment, self.now, self.next = None, None, None
        while self.segment is None and self.waiting and self.waiting[0].began_at <= moment:
            segment = self.waiting.pop(0)
            if segment.ended_at > moment:
                self.segment, self.frames = segment, self._decoded(segment)
                self.next = next(self.frames, None)

    def _decoded(self, segment: Segment) -> Iterator[tuple[Millis, Any]]:
        with av.open(str(self.folder / segment.file)) as source:
            for packet in source.demux(video=0):
                yield from self._of(packet, segment.began_at)

    def _of(self, packet: Any, began_at: Millis) -> Iterator[tuple[Millis, Any]]:
        try:
            frames = packet.decode()
        except av.error.InvalidDataError:
            # What a guest sent is no picture: the one before stays.
            return
        for frame in frames:
            if frame.time is not None and frame.width <= LARGEST and frame.height <= LARGEST:
                yield began_at + round(frame.time * 1000), frame
