"""Trying the line before a meeting ("thử thông tuyến"): what a site's screen found, and what follows. Pure."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from server.clock import Millis
from server.media.line.facts import Count, Percent

UP_BPS, DOWN_BPS = 1_000_000, 2_500_000
"""What a site needs: its own picture in three layers, and the speaker with eight small ones."""
LOSS_PER_MILLE = 30
RTT_MS = 300
SPOKEN = 25
"""Percent of the meter that a spoken sentence reaches."""
ECHO = 45
"""A test sound heard louder than this by the room's own microphone comes back to everybody else."""

Words = Annotated[str, Meta(max_length=200)]
Doors = Annotated[str, Meta(max_length=600)]


class Findings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What the three steps found. Levels in percent of the meter, −1 where nothing was measured."""

    camera: Literal["seen", "not_seen", "missing", "refused"]
    microphone: Literal["on", "missing", "refused"]
    level: Percent
    loudspeaker: Literal["heard", "not_heard", "skipped"]
    echo: Percent
    route: Literal["udp", "relay", "none"]
    """How the conference is reached: directly, only through the relay, or not at all."""
    server: Words = ""
    """Address and port that were tried."""
    relay: Doors = ""
    """The relay's doors that were tried, each with protocol, address and port."""
    shut: Doors = ""
    """Those of them that did not open; tried only where the direct way is shut."""
    up_bps: Count = 0
    down_bps: Count = 0
    up_loss: Annotated[int, Meta(ge=0, le=1000)] = 0
    down_loss: Annotated[int, Meta(ge=0, le=1000)] = 0
    rtt_ms: Count = 0


Result = Literal["passed", "remarks", "failed"]


class LineTest(msgspec.Struct, frozen=True):
    """A line that was tried: when, by whom, with what result."""

    site: str
    at: Millis
    name: str
    """Who says so, as written by them."""
    by: str
    findings: Findings
    faults: tuple[str, ...]
    result: Result


GRAVE = frozenset({"camera", "microphone", "unreachable", "loudspeaker"})
"""With these a site cannot take part."""


def faults_of(found: Findings) -> tuple[str, ...]:
    """What should be mended, the gravest first."""
    checks = {
        "unreachable": found.route == "none",
        "camera": found.camera != "seen",
        "microphone": found.microphone != "on" or 0 <= found.level < SPOKEN,
        "loudspeaker": found.loudspeaker == "not_heard",
        "udp_blocked": found.route == "relay",
        "echo": found.echo >= ECHO,
        "slow_up": 0 < found.up_bps < UP_BPS,
        "slow_down": 0 < found.down_bps < DOWN_BPS,
        "loss_up": found.up_loss >= LOSS_PER_MILLE,
        "loss_down": found.down_loss >= LOSS_PER_MILLE,
        "slow_answer": found.rtt_ms >= RTT_MS,
    }
    return tuple(fault for fault, is_so in checks.items() if is_so)


def result_of(faults: tuple[str, ...]) -> Result:
    """Whether the site can take part."""
    if GRAVE.intersection(faults):
        return "failed"
    return "remarks" if faults else "passed"
