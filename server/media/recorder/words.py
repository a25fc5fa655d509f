"""What web and the recorder say to each other: JSON lines over a Unix socket, whole states instead of calls."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

import msgspec

from server.clock import Millis

FilmState = Literal["", "waiting", "working", "done", "failed"]


class Word(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One message."""


class Wanted(Word, frozen=True, tag="wanted"):
    """Whether a conference is to be recorded now; sent again as often as one likes.

    Of two the one with the larger (epoch, number) holds. `why` is written down when it ends; after `over` the
    conference may be forgotten.
    """

    conference: str
    epoch: int
    number: int
    recording: bool
    why: Literal["paused", "stopped"] = "paused"
    over: bool = False

    def newer_than(self, other: Wanted | None) -> bool:
        """Whether this state replaces the other."""
        return other is None or (self.epoch, self.number) > (other.epoch, other.number)


class WantFilm(Word, frozen=True, tag="want_film"):
    """One film of the recording is to be made, by the plan that lies beside it; or not any longer."""

    conference: str
    wanted: bool


class Space(Word, frozen=True, tag="space"):
    """How much room there is, in MB; `enough` to begin a recording."""

    free_mb: int
    enough: bool


class Recording(Word, frozen=True, tag="recording"):
    """How a recording stands; `trouble` is empty, disk_full, no_media or write_failed."""

    conference: str
    running: bool
    began_at: Millis = 0
    octets: int = 0
    trouble: str = ""


class Filming(Word, frozen=True, tag="filming"):
    """How the film of a recording stands."""

    conference: str
    state: FilmState
    percent: int = 0


FromWeb = Wanted | WantFilm
Observation = Space | Recording | Filming

decode_from_web: Callable[[bytes], FromWeb] = msgspec.json.Decoder(FromWeb).decode
"""What web said. Raises msgspec.DecodeError (or its ValidationError) for anything else."""

decode_from_recorder: Callable[[bytes], Observation] = msgspec.json.Decoder(Observation).decode
"""What the recorder said. Raises as above."""
