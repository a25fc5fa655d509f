"""The voices of a recording, decoded piece by piece and mixed: 20 ms of 48 kHz mono at a time. For films."""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import av

from server.clock import Millis
from server.media.recorder.index import Segment

RATE = 48_000
PIECE = 960
PIECE_MS = 20
QUIET = array("h", bytes(2 * PIECE))
LOUDEST = 32_767


class Voice:
    """One track's files, one after the other."""

    def __init__(self, folder: Path, segments: Sequence[Segment]) -> None:
        self.folder = folder
        self.waiting = sorted(segments, key=lambda one: one.began_at)
        self.pieces: Iterator[array[int]] | None = None
        self.at: Millis = 0

    def take(self, moment: Millis) -> array[int]:
        """The sound from this moment on; `QUIET` where nothing was recorded. Moments only grow."""
        while self.pieces is None and self.waiting and self.waiting[0].began_at < moment + PIECE_MS:
            segment = self.waiting.pop(0)
            if segment.ended_at > moment:
                self.pieces, self.at = self._decoded(segment), segment.began_at
        while self.pieces is not None:
            piece = next(self.pieces, None)
            if piece is None:
                self.pieces = None
                break
            self.at += PIECE_MS
            if self.at > moment:
                return piece
        return QUIET

    def _decoded(self, segment: Segment) -> Iterator[array[int]]:
        resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE, frame_size=PIECE)
        with av.open(str(self.folder / segment.file)) as source:
            for frame in chain(_frames(source), (None,)):
                for one in resampler.resample(frame):
                    piece = array("h", bytes(one.planes[0])[: 2 * one.samples])
                    piece.extend(QUIET[: PIECE - len(piece)])
                    yield piece


def _frames(source: Any) -> Iterator[Any]:
    for packet in source.demux(audio=0):
        try:
            yield from packet.decode()
        except av.error.InvalidDataError:
            # What a guest sent is no sound: the others are heard all the same.
            continue


def mixed(pieces: Sequence[array[int]]) -> array[int]:
    """All of them at once."""
    heard = [one for one in pieces if any(one)]
    if len(heard) < 2:
        return heard[0] if heard else QUIET
    return array("h", [max(-LOUDEST, min(LOUDEST, sum(each))) for each in zip(*heard, strict=True)])
