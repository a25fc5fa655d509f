"""What is known of one site's line: what the forwarder observed, what the site's own screen says. Pure."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta
from msgspec.structs import replace

from server.clock import Millis
from server.media.control import Gone, Joined, Observation, Quality, Slots

SILENCE_DB = 60
"""So many dB above nothing at all begins the scale of the meter; a full microphone is another 67 above."""
FRESH_MS = 30_000
"""A site's own words are believed for so long."""
LAYERS = "lmh"

Percent = Annotated[int, Meta(ge=-1, le=100)]
Count = Annotated[int, Meta(ge=0, le=1_000_000_000)]


class Report(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What a site's screen says of itself, every ten seconds and when it changes. `level` −1: not measured."""

    level: Percent = -1
    camera: Literal["on", "off", "missing", "refused"] = "on"
    microphone: Literal["on", "muted", "missing", "refused"] = "on"
    limited: Literal["", "cpu", "bandwidth"] = ""
    rtt_ms: Count = 0
    heard: Percent = -1
    """How loud the room's microphone heard the last test sound."""


class Line(msgspec.Struct, frozen=True):
    """One site's line. Losses in per mille, times in ms, rates in bits a second."""

    up: str = ""
    """The session that sends; empty while there is none."""
    down: str = ""
    first_at: Millis = 0
    gone_at: Millis = 0
    """Since when nothing is connected; 0 while something is, or never was."""
    drops: tuple[Millis, ...] = ()
    up_loss: int = 0
    down_loss: int = 0
    rtt_ms: int = 0
    up_bps: int = 0
    down_bps: int = 0
    level: int = -1
    layer: str = ""
    off: int = 0
    """Pictures that had to be switched off for want of bandwidth."""
    report: Report | None = None
    reported_at: Millis = 0

    @property
    def connected(self) -> bool:
        """Whether anything is."""
        return bool(self.up or self.down)

    def said(self, now: Millis) -> Report | None:
        """What its screen said lately."""
        return self.report if self.report is not None and now - self.reported_at <= FRESH_MS else None


MOST_DROPS = 20


def heed(line: Line, observation: Observation, now: Millis) -> Line:
    """The line after one observation about its site."""
    match observation:
        case Joined(source="camera"):
            side = {observation.direction: observation.session}
            return replace(line, **side, first_at=line.first_at or now, gone_at=0)
        case Gone(source="camera"):
            return _gone(line, observation, now)
        case Slots():
            return replace(line, off=len(observation.off))
        case Quality(source="camera") if observation.direction == "up" and observation.session == line.up:
            return replace(
                line, up_loss=observation.loss_per_mille, up_bps=observation.bits_per_second,
                level=percent(observation.level) if observation.level >= 0 else -1, layer=largest(observation.layers),
            )  # fmt: skip
        case Quality(source="camera") if observation.direction == "down" and observation.session == line.down:
            return replace(
                line, down_loss=observation.loss_per_mille, down_bps=observation.bits_per_second,
                rtt_ms=observation.rtt_ms or line.rtt_ms,
            )  # fmt: skip
    return line


def _gone(line: Line, gone: Gone, now: Millis) -> Line:
    if gone.session == line.up:
        line = replace(line, up="", up_loss=0, up_bps=0, level=-1, layer="")
    elif gone.session == line.down:
        line = replace(line, down="", down_loss=0, down_bps=0, rtt_ms=0, off=0)
    else:
        return line  # an older session, whose place another one has taken
    if line.connected:
        return line
    return replace(line, gone_at=now, drops=(*line.drops, now)[-MOST_DROPS:])


def percent(level_db: int) -> int:
    """A level in dB above silence (0 to 127) on the meter's scale of 0 to 100."""
    return max(0, min(100, (level_db - (127 - SILENCE_DB)) * 100 // SILENCE_DB))


def largest(layers: tuple[str, ...]) -> str:
    """The largest layer that arrives: "l", "m" or "h"; empty without a picture."""
    return max(layers, key=LAYERS.find, default="")
