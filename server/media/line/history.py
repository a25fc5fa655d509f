"""How lines fared over a meeting: when a reading is kept, and how many become few. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import msgspec

from server.clock import Millis
from server.media.line.alarms import Alarm

GRID_MS = 2_000
"""Times are kept on this grid: two processes that see the same keep the same rows."""
EVERY_MS = 10_000
CHANGED_MS = 2_000
"""A change is kept at once, but not more often than this."""
LONG_MS, LONG_EVERY_MS = 6 * 3_600_000, 60_000
"""A conference that lasts over six hours is read once a minute from then on."""
MOST_READINGS = 6_000
"""Of one site in one meeting, whatever happens."""

AWAY = frozenset({"absent", "lost", "voice"})
"""Nothing is measured: what was said holds until something else is."""
BACK_MS = 3_600_000
"""Whoever was away for so long begins anew: tests of the day before do not make the meeting a long one."""

WORSE = ("good", "weak", "voice", "again", "absent", "lost")


class Row(msgspec.Struct, frozen=True):
    """One site on the board. Losses in per mille, rates in bits a second, level in percent (−1: not measured)."""

    site: str
    state: str
    alarms: tuple[Alarm, ...] = ()
    up_loss: int = 0
    down_loss: int = 0
    rtt_ms: int = 0
    up_bps: int = 0
    down_bps: int = 0
    layer: str = ""
    level: int = -1
    open: bool = False
    microphone: str = ""
    """As its screen says: on, muted, missing, refused; empty when nothing was said lately."""
    camera: str = ""
    limited: str = ""
    audio_only: bool = False
    drops: int = 0
    dropped_at: Millis = 0
    gone_at: Millis = 0
    heard: int = -1


class Reading(msgspec.Struct, frozen=True):
    """A row of the history: what a trend and an inquiry after the meeting need."""

    site: str
    at: Millis
    state: str
    up_loss: int
    down_loss: int
    rtt_ms: int
    up_bps: int
    down_bps: int
    alarms: str = ""
    """The kinds that were raised, with commas."""


def reading_of(row: Row, at: Millis) -> Reading:
    """What is kept of a row."""
    kinds = ",".join(alarm.kind for alarm in row.alarms)
    return Reading(
        row.site, at, row.state, row.up_loss, row.down_loss, row.rtt_ms, row.up_bps, row.down_bps, kinds
    )  # fmt: skip


class Kept(msgspec.Struct, frozen=True):
    """What was kept of a site so far."""

    first_at: Millis
    last: Reading
    count: int = 1


def is_due(kept: Kept | None, fresh: Reading) -> bool:
    """Whether this reading should be kept. A site that is away is kept once, so that it is not forgotten."""
    if kept is None:
        return True
    if kept.count >= MOST_READINGS:
        return False
    last, since = kept.last, fresh.at - kept.last.at
    if (last.state, last.alarms) != (fresh.state, fresh.alarms):
        return since >= CHANGED_MS
    if fresh.state in AWAY:
        return False
    return since >= (EVERY_MS if fresh.at - kept.first_at < LONG_MS else LONG_EVERY_MS)


def counted(kept: Kept | None, one: Reading) -> Kept:
    """What was kept of a site, with this reading, too."""
    if kept is None or (kept.last.state in AWAY and one.at - kept.last.at >= BACK_MS):
        return Kept(one.at, one, kept.count + 1 if kept else 1)
    return Kept(kept.first_at, one, kept.count + 1)


def since(readings: Iterable[Reading], begin: Millis) -> list[Reading]:
    """Those of this time and later; how each site stood then is its first one."""
    before: dict[str, Reading] = {}
    after: list[Reading] = []
    for one in readings:
        if one.at < begin:
            before[one.site] = msgspec.structs.replace(one, at=begin)
        else:
            after.append(one)
    return [*before.values(), *after]


def thinned(readings: Sequence[Reading], step_ms: int) -> list[Reading]:
    """Of each step the worst reading of each site, in order of time."""
    worst: dict[tuple[str, int], Reading] = {}
    for one in readings:
        key = (one.site, one.at // step_ms)
        if key not in worst or _badness(one) > _badness(worst[key]):
            worst[key] = one
    return sorted(worst.values(), key=lambda one: (one.at, one.site))


def _badness(one: Reading) -> tuple[int, int, int]:
    return WORSE.index(one.state) if one.state in WORSE else 0, max(one.up_loss, one.down_loss), one.rtt_ms


Point = tuple[Millis, int, int, str, int]
"""Time, loss (the worse way), rate up, state, round trip."""


def trends(readings: Iterable[Reading], points: int) -> dict[str, list[Point]]:
    """Site → how it fared, at most about so many points each."""
    known = list(readings)
    if not known:
        return {}
    span = max(one.at for one in known) - min(one.at for one in known)
    step = max(EVERY_MS, -(-(span + 1) // points))
    found: dict[str, list[Point]] = {}
    for one in thinned(known, step):
        point = (one.at, max(one.up_loss, one.down_loss), one.up_bps, one.state, one.rtt_ms)
        found.setdefault(one.site, []).append(point)
    return found
