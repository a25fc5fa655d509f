"""What is wrong with a line, and for how long it must be before somebody is called. Pure.

Each trouble has two marks, one to raise and one to clear, and each must hold for a time: a board that flickers is not
looked at. Between the marks what was said stays said.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import msgspec

from server.clock import Millis
from server.media.line.facts import Line

GRAVE, ACT, LOOK = 3, 2, 1
"""Nobody is there; something must be done; somebody should look."""

LOSS_BAD, LOSS_FINE = 50, 20
RTT_BAD_MS, RTT_FINE_MS = 400, 300
HEARD = 8
"""Percent of the meter: a working microphone hears at least the fan of the room."""
DROPS_BAD, DROPS_WITHIN_MS = 3, 600_000


class Expected(msgspec.Struct, frozen=True):
    """What the meeting expects of a site now."""

    site: str
    running: bool = False
    """The meeting has been opened: a site that is not there is missed."""
    open: bool = False
    """Its microphone is open."""
    audio_only: bool = False
    by_telephone: bool = False
    """It is there by voice: nobody need call it back while its line is down."""
    outside: bool = False
    """It has not been let in yet: no picture is to come from it."""


class Seen(NamedTuple):
    """A line, what is expected of it, and when one looks."""

    line: Line
    expected: Expected
    now: Millis


class Rule(NamedTuple):
    """One trouble. `look` answers True (bad), False (fine) or None (neither); times are in ms."""

    kind: str
    severity: int
    raise_ms: int
    clear_ms: int
    look: Callable[[Seen], bool | None]
    value: Callable[[Seen], int] = lambda _: 0


class Alarm(msgspec.Struct, frozen=True):
    """What a technician is told: since when (the onset, not the moment of alarm), and the figure where there is one."""

    kind: str
    severity: int
    since: Millis
    value: int = 0


class Condition(msgspec.Struct, frozen=True):
    """A trouble that was seen: since when, whether it was raised, since when it looks fine again (0: it does not)."""

    since: Millis
    raised: bool = False
    fine_since: Millis = 0


Watch = Mapping[str, Condition]
"""Kind → condition, for one site."""


def judge(before: Watch, seen: Seen) -> dict[str, Condition]:
    """The conditions after looking once more; call it every few seconds."""
    after: dict[str, Condition] = {}
    for rule in RULES:
        condition = _next(rule, before.get(rule.kind), rule.look(seen), seen.now)
        if condition is not None:
            after[rule.kind] = condition
    return after


def _next(rule: Rule, known: Condition | None, bad: bool | None, now: Millis) -> Condition | None:
    if bad:
        since = known.since if known else now
        raised = bool(known and known.raised) or now - since >= rule.raise_ms
        return Condition(since, raised)
    if known is None or not known.raised:
        return None
    if bad is None:
        return Condition(known.since, raised=True)
    fine_since = known.fine_since or now
    return None if now - fine_since >= rule.clear_ms else Condition(known.since, True, fine_since)


def alarms(watch: Watch, seen: Seen) -> tuple[Alarm, ...]:
    """What is raised, the gravest and then the oldest first."""
    raised = [
        Alarm(rule.kind, rule.severity, watch[rule.kind].since, rule.value(seen))
        for rule in RULES
        if rule.kind in watch and watch[rule.kind].raised
    ]
    return tuple(sorted(raised, key=lambda one: (-one.severity, one.since)))


def state_of(watch: Watch, line: Line, by_telephone: bool = False) -> str:
    """The line in one word: absent, again (coming back), lost, voice (by telephone instead), weak or good."""
    if by_telephone and not line.connected:
        return "voice"
    if not line.first_at:
        return "absent"
    if not line.connected:
        return "lost" if "lost" in watch and watch["lost"].raised else "again"
    return "weak" if any(watch[kind].raised for kind in WEAK if kind in watch) else "good"


WEAK = ("loss", "rtt", "narrow", "unstable")


def _worst_loss(seen: Seen) -> int:
    return max(seen.line.up_loss, seen.line.down_loss)


def _between(value: int, bad: int, fine: int) -> bool | None:
    return True if value >= bad else False if value < fine else None


def _absent(seen: Seen) -> bool:
    return seen.expected.running and not seen.line.first_at and not seen.expected.by_telephone


def _lost(seen: Seen) -> bool:
    return bool(seen.line.first_at) and not seen.line.connected and not seen.expected.by_telephone


def _loss(seen: Seen) -> bool | None:
    return seen.line.connected and _between(_worst_loss(seen), LOSS_BAD, LOSS_FINE)


def _rtt_ms(seen: Seen) -> int:
    said = seen.line.said(seen.now)
    return seen.line.rtt_ms or (said.rtt_ms if said else 0)


def _rtt(seen: Seen) -> bool | None:
    return seen.line.connected and _between(_rtt_ms(seen), RTT_BAD_MS, RTT_FINE_MS)


def _one_way(seen: Seen) -> bool:
    return seen.line.connected and not (seen.line.up and seen.line.down)


def _silent(seen: Seen) -> bool:
    """An open microphone, whose levels we get, that says nothing. Muted by those in the room is silence too."""
    return bool(seen.line.up) and seen.expected.open and 0 <= seen.line.level < HEARD


def _no_microphone(seen: Seen) -> bool:
    said = seen.line.said(seen.now)
    return seen.line.connected and said is not None and said.microphone in {"missing", "refused"}


def _no_picture(seen: Seen) -> bool:
    said = seen.line.said(seen.now)
    by_choice = seen.expected.audio_only or seen.expected.outside or (said is not None and said.camera == "off")
    return bool(seen.line.up) and not by_choice and not seen.line.layer


def _cpu(seen: Seen) -> bool:
    said = seen.line.said(seen.now)
    return seen.line.connected and said is not None and said.limited == "cpu"


def _narrow(seen: Seen) -> bool:
    said = seen.line.said(seen.now)
    return seen.line.connected and (seen.line.off > 0 or (said is not None and said.limited == "bandwidth"))


def _recent_drops(seen: Seen) -> int:
    return sum(seen.now - at <= DROPS_WITHIN_MS for at in seen.line.drops)


def _unstable(seen: Seen) -> bool:
    return _recent_drops(seen) >= DROPS_BAD


RULES = (
    Rule("lost", GRAVE, 15_000, 0, _lost),
    Rule("again", ACT, 3_000, 0, _lost, lambda seen: len(seen.line.drops)),
    Rule("silent", ACT, 20_000, 2_000, _silent),
    Rule("no_microphone", ACT, 5_000, 0, _no_microphone),
    Rule("loss", ACT, 10_000, 20_000, _loss, _worst_loss),
    Rule("one_way", ACT, 15_000, 0, _one_way),
    Rule("unstable", LOOK, 0, 0, _unstable, _recent_drops),
    Rule("rtt", LOOK, 15_000, 20_000, _rtt, _rtt_ms),
    Rule("narrow", LOOK, 10_000, 20_000, _narrow),
    Rule("no_picture", LOOK, 15_000, 2_000, _no_picture),
    Rule("cpu", LOOK, 20_000, 30_000, _cpu),
    Rule("absent", LOOK, 0, 0, _absent),
)
"""The gravest first; a site that is lost is not coming back at the moment, whatever else was said."""
