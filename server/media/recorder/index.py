"""What a recording's folder says about itself: one line for everything that began or ended, by the server's clock.

Pure: lines in, `Recorded` out. The lines stand in `index.jsonl`, are only ever appended, and each is on the disk before
the next one is written.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec

from server.clock import Millis

INDEX = "index.jsonl"
TRACKS = ("picture", "screen", "voice0", "voice1", "voice2")
Track = Literal["picture", "screen", "voice0", "voice1", "voice2"]
Why = Literal["paused", "stopped", "broken", "disk_full"]
"""Why a recording does not go on: broken means that the recorder, its line or its machine failed."""


class Line(msgspec.Struct, frozen=True, tag_field="line"):
    """One line."""

    at: Millis


class Began(Line, frozen=True, tag="began"):
    """It is recorded from here on."""


class Ended(Line, frozen=True, tag="ended"):
    """Until here; what follows is a gap, or the end."""

    why: Why


class SegmentBegan(Line, frozen=True, tag="segment"):
    """A file of one track begins with this moment."""

    file: str
    track: Track
    codec: str
    width: int = 0
    height: int = 0


class SegmentEnded(Line, frozen=True, tag="segment_ended"):
    """A file is finished; its last frame ends at this moment. `mended`: it had broken off."""

    file: str
    mended: bool = False


class Seated(Line, frozen=True, tag="seated"):
    """Whose picture, screen and voices the tracks carry from here on; empty: nobody's."""

    picture: str = ""
    screen: str = ""
    voices: tuple[str, ...] = ()


AnyLine = Began | Ended | SegmentBegan | SegmentEnded | Seated


class Segment(msgspec.Struct, frozen=True):
    """One file of one track; `ended_at` is 0 while it is being written."""

    file: str
    track: Track
    codec: str
    began_at: Millis
    ended_at: Millis = 0
    width: int = 0
    height: int = 0


class Stretch(msgspec.Struct, frozen=True):
    """A time during which it was recorded; `ended_at` is 0 while it is, `why` says what ended it."""

    began_at: Millis
    ended_at: Millis = 0
    why: str = ""


class Recorded(msgspec.Struct, frozen=True):
    """A whole recording; between two stretches lies a gap."""

    stretches: tuple[Stretch, ...] = ()
    segments: tuple[Segment, ...] = ()
    seats: tuple[Seated, ...] = ()

    @property
    def open(self) -> list[Segment]:
        """The files that were never finished."""
        return [one for one in self.segments if not one.ended_at]


def read(lines: Iterable[bytes]) -> Recorded:
    """The recording that these lines tell of; a line that broke off, or that a failing disk damaged, is left out."""
    stretches: list[Stretch] = []
    segments: dict[str, Segment] = {}
    seats: list[Seated] = []
    for line in lines:
        try:
            said = _decoder.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            continue
        if isinstance(said, Seated):
            seats.append(said)
        elif isinstance(said, SegmentBegan):
            segments[said.file] = Segment(said.file, said.track, said.codec, said.at, 0, said.width, said.height)
        elif isinstance(said, SegmentEnded):
            if said.file in segments:
                segments[said.file] = msgspec.structs.replace(segments[said.file], ended_at=said.at)
        else:
            _stretch(stretches, said)
    return Recorded(tuple(stretches), tuple(segments.values()), tuple(seats))


def _stretch(stretches: list[Stretch], said: Began | Ended) -> None:
    open_ended = bool(stretches) and not stretches[-1].ended_at
    if isinstance(said, Began):
        if open_ended:
            stretches[-1] = msgspec.structs.replace(stretches[-1], ended_at=said.at, why="broken")
        stretches.append(Stretch(said.at))
    elif open_ended:
        stretches[-1] = msgspec.structs.replace(
            stretches[-1], ended_at=max(said.at, stretches[-1].began_at), why=said.why
        )


def write(line: AnyLine) -> bytes:
    """The line as it stands in the file."""
    return msgspec.json.encode(line) + b"\n"


_decoder: msgspec.json.Decoder[AnyLine] = msgspec.json.Decoder(AnyLine)
