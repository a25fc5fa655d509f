"""Which process carries a conference, and where a receiver goes. Pure: the same standings give the same place.

A conference has one home, to which everybody sends; receivers go there until it has enough to do, then to edges, which
take each picture and voice once from home. Several web processes may place at the same time: what they say is joined by
`newest`, in whatever order it is heard, so that all come to the same end.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence

import msgspec

from server.clock import Millis
from server.media.control import Load, Peer, Placed

FULL = 600
"""Per mille of a core: with more to do a process takes no more receivers while another one has room."""
GUESSED = 3
"""What a receiver costs before it was measured: 210 packets a second of 14 µs."""
FEW = 20
"""Receivers from which on their average cost is believed."""
STEP = 50
"""Loads that differ by less are alike, so that chance decides nothing."""
MEASURED_MS = 1_000

OVER_MS = 15_000
"""So long a process must have been full before receivers are told to leave it: a moment's haste moves nobody."""
RELIEVED = 100
"""Per mille of a core below full: as far a process is relieved, and only from there on it takes receivers again. Nobody
is sent where less room than that is left."""
MOVED_A_MINUTE = 12
MINUTE_MS = 60_000


class Standing(msgspec.Struct, frozen=True):
    """A process that answers, how busy it is expected to be (per mille of a core), and of how many it is the home."""

    peer: Peer
    busy: int = 0
    homes: int = 0
    each: int = GUESSED
    """What one receiver costs there."""


class Burden:
    """How busy one process is: as it said last, and with those who came since."""

    def __init__(self) -> None:
        self.busy = self.receivers = 0
        self._before: tuple[int, Millis] | None = None

    def weigh(self, load: Load, at: Millis) -> None:
        """Take in what the process said at that time of any steady clock."""
        before = self._before
        if before is None:
            self._before = (load.cpu_ms, at)
        elif at - before[1] >= MEASURED_MS:
            self._before = (load.cpu_ms, at)
            self.busy = max(0, load.cpu_ms - before[0]) * 1000 // (at - before[1])
            self.receivers = load.down

    def expected(self, receivers: int) -> int:
        """Per mille of a core with so many receivers."""
        return max(0, self.busy + (receivers - self.receivers) * self.each)

    @property
    def each(self) -> int:
        """Per mille of a core for one receiver."""
        return max(GUESSED, self.busy // self.receivers) if self.receivers >= FEW else GUESSED


class Relief:
    """How many receivers should leave which process. Everybody who hears the same loads comes to the same."""

    def __init__(self, full: int = FULL) -> None:
        self.full = full
        self.enough = full - min(RELIEVED, full // 2)
        self.closed: frozenset[str] = frozenset()
        """The processes that take no receivers, until they have little enough to do."""
        self._since: dict[str, Millis] = {}
        self._moved: list[tuple[Millis, int]] = []

    def look(self, standings: Sequence[Standing], now: Millis) -> dict[str, int]:
        """Process → how many of its receivers should leave it now; call it every second or so."""
        self._since = {one.peer.name: self._since.get(one.peer.name, now) for one in standings if one.busy >= self.full}
        over = {name for name, since in self._since.items() if now - since >= OVER_MS}
        still = {one.peer.name for one in standings if one.peer.name in self.closed and one.busy >= self.enough}
        self.closed = frozenset(over | still)
        room = sum(max(0, self.enough - one.busy) for one in standings if one.peer.name not in self.closed)
        left = MOVED_A_MINUTE - sum(count for at, count in self._moved if now - at < MINUTE_MS)
        found: dict[str, int] = {}
        for one in sorted(standings, key=lambda one: (-one.busy, one.peer.name)):
            count = min(-(-(one.busy - self.enough) // one.each), room // one.each, left)
            if one.peer.name in over and count > 0:
                found[one.peer.name] = count
                room, left = room - count * one.each, left - count
        return found

    def moved(self, count: int, now: Millis) -> None:
        """So many were told to leave."""
        self._moved = [one for one in self._moved if now - one[0] < MINUTE_MS] + [(now, count)]

    def shut(self, standings: Sequence[Standing]) -> list[Standing]:
        """The same, those that take no receivers as full."""
        return [
            msgspec.structs.replace(one, busy=max(one.busy, self.full)) if one.peer.name in self.closed else one
            for one in standings
        ]


def chosen(sessions: Collection[str], count: int) -> list[str]:
    """Which of them leave: the same ones wherever the same are known."""
    return sorted(sessions, key=lambda one: _chance(one, "leaves"))[:count]


def newest(one: Placed | None, other: Placed) -> Placed:
    """What holds of two: the larger number, of equal ones the larger home, of equal homes the edges of both."""
    if one is None:
        return other
    if (one.number, one.home.name) != (other.number, other.home.name):
        return max(one, other, key=lambda each: (each.number, each.home.name))
    edges = {each.name: each for each in (*one.edges, *other.edges)}
    return msgspec.structs.replace(one, edges=tuple(edges[name] for name in sorted(edges)))


def first(conference: str, standings: Sequence[Standing]) -> Placed | None:
    """A place for a conference that has none; None while nobody is there."""
    if not standings:
        return None
    return Placed(conference, 1, _idlest(conference, standings).peer)


def mended(placed: Placed, standings: Sequence[Standing]) -> Placed | None:
    """Without the processes that are gone; None when nothing need change, or nobody is left."""
    there = {one.peer.name for one in standings}
    edges = tuple(one for one in placed.edges if one.name in there)
    if placed.home.name in there:
        return None if edges == placed.edges else Placed(placed.conference, placed.number + 1, placed.home, edges)
    if not standings:
        return None
    home = _idlest(placed.conference, standings).peer
    edges = tuple(one for one in edges if one.name != home.name)
    return Placed(placed.conference, placed.number + 1, home, edges)


def for_receiver(placed: Placed, standings: Sequence[Standing], full: int = FULL) -> tuple[Placed, str]:
    """Where one more receiver goes, and the placement, perhaps with a new edge for it.

    Home first, then the edges one after the other; a process that is not there is left out.
    """
    found = {one.peer.name: one for one in standings}
    members = [found[name] for name in placed.members if name in found]
    for one in members:
        if one.busy < full:
            return placed, one.peer.name
    others = [one for one in standings if one.peer.name not in placed.members and one.busy < full]
    if placed.home.name in found and others:
        chosen = _idlest(placed.conference, others).peer
        return newest(placed, msgspec.structs.replace(placed, edges=(chosen,))), chosen.name
    return placed, min(members, key=lambda one: one.busy).peer.name if members else placed.home.name


def by_name(conference: str, names: Collection[str]) -> str | None:
    """A process for a conference that nobody placed: the same one wherever the same ones are known."""
    return min(names, key=lambda name: _chance(conference, name), default=None)


def _idlest(conference: str, standings: Sequence[Standing]) -> Standing:
    return min(standings, key=lambda one: (one.busy // STEP, one.homes, _chance(conference, one.peer.name)))


def _chance(conference: str, name: str) -> bytes:
    """Rendezvous hashing: which of several is not decided by the order in which they came."""
    return hashlib.sha256(f"{conference}\n{name}".encode()).digest()
