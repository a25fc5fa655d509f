"""The board of lines: keeps what is observed of every site, judges it, and writes the history."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from server.clock import Clock, Millis
from server.db import Database
from server.errors import TooMany
from server.media.control import Joined, Loudest, Observation, Slots
from server.media.line import store
from server.media.line.alarms import Condition, Expected, Seen, alarms, judge, state_of
from server.media.line.checklist import Check, Item, Ticked, checked
from server.media.line.facts import Line, Report, heed
from server.media.line.history import (
    GRID_MS,
    Kept,
    Point,
    Reading,
    Row,
    counted,
    is_due,
    reading_of,
    since,
    thinned,
    trends,
)
from server.media.line.linetest import Findings, LineTest, faults_of, result_of

TREND_POINTS = 90
AFTERWARDS_MS = 60_000
"""What stays of a closed meeting is one reading a minute, the worst."""
MOST_TESTS = 50
"""Of one site for one meeting."""


class LineBoard:
    """All lines of all conferences, as this web process sees them."""

    def __init__(self, db: Database, clock: Clock) -> None:
        self.db = db
        self.clock = clock
        self._lines: dict[str, dict[str, Line]] = {}
        self._watches: dict[tuple[str, str], dict[str, Condition]] = {}
        self._kept: dict[tuple[str, str], Kept] = {}
        self._audio_only: dict[str, frozenset[str]] = {}
        self._given = 0
        """Orders given here."""

    def heed(self, observation: Observation) -> None:
        """Something was observed."""
        if isinstance(observation, Loudest):
            return
        who = observation.receiver if isinstance(observation, Slots) else observation.endpoint
        if who not in self._lines.get(observation.conference, {}) and not isinstance(observation, Joined):
            return
        lines = self._lines.setdefault(observation.conference, {})
        lines[who] = heed(lines.get(who, Line()), observation, self.clock.now())

    def reported(self, conference: str, site: str, report: Report) -> None:
        """A site's screen says how it is."""
        lines = self._lines.setdefault(conference, {})
        now = self.clock.now()
        lines[site] = msgspec.structs.replace(lines.get(site, Line()), report=report, reported_at=now)

    def said(self, conference: str, site: str) -> Report | None:
        """What a site's screen said lately."""
        return self._lines.get(conference, {}).get(site, Line()).said(self.clock.now())

    def look(self, conference: str, expected: Sequence[Expected]) -> list[Row]:
        """The board as it stands now, in the order asked for."""
        now = self.clock.now()
        lines = self._lines.get(conference, {})
        return [self._row(conference, Seen(lines.get(one.site, Line()), one, now)) for one in expected]

    def _row(self, conference: str, seen: Seen) -> Row:
        line, expected, now = seen
        key = (conference, expected.site)
        watch = self._watches[key] = judge(self._watches.get(key, {}), seen)
        raised = alarms(watch, seen)
        said = line.said(now)
        if any(alarm.kind == "lost" for alarm in raised):
            raised = tuple(alarm for alarm in raised if alarm.kind != "again")
        closed_level = said.level if said is not None else -1
        return Row(
            site=expected.site, state=state_of(watch, line, expected.by_telephone), alarms=raised,
            up_loss=line.up_loss, down_loss=line.down_loss, rtt_ms=line.rtt_ms or (said.rtt_ms if said else 0),
            up_bps=line.up_bps, down_bps=line.down_bps, layer=line.layer,
            level=(line.level if expected.open else closed_level) if line.connected else -1,
            open=expected.open, microphone=said.microphone if said else "", camera=_camera(line, expected, now),
            limited=said.limited if said else "", audio_only=expected.audio_only,
            drops=len(line.drops), dropped_at=line.drops[-1] if line.drops else 0, gone_at=line.gone_at,
            heard=said.heard if said else -1,
        )  # fmt: skip

    def sessions(self, conference: str, site: str) -> list[str]:
        """The site's sessions that are joined."""
        line = self._lines.get(conference, {}).get(site, Line())
        return [session for session in (line.up, line.down) if session]

    async def keep(self, conference: str, rows: Sequence[Row]) -> None:
        """Keep the readings that are due."""
        now = self.clock.now()
        due = [
            one
            for row in rows
            if is_due(self._kept.get((conference, row.site)), one := reading_of(row, now // GRID_MS * GRID_MS))
        ]
        if not due:
            return
        async with self.db.writing() as connection:
            await store.keep_readings(connection, self.db, conference, due)
        for one in due:
            self._count(conference, one)

    def _count(self, conference: str, one: Reading) -> None:
        key = (conference, one.site)
        self._kept[key] = counted(self._kept.get(key), one)

    # What technicians order --------------------------------------------------------------------------------------

    def audio_only(self, conference: str) -> frozenset[str]:
        """The sites that shall send and receive sound only; as they were read last."""
        return self._audio_only.get(conference, frozenset())

    async def recall(self, conference: str) -> frozenset[str]:
        """Read the orders of a conference: another process may have given some. One that is given here meanwhile is
        newer than what was read."""
        given = self._given
        async with self.db.reading() as connection:
            found = await store.audio_only_in(connection, conference)
        if given == self._given:
            self._audio_only[conference] = found
        return self.audio_only(conference)

    async def order(self, conference: str, site: str, audio_only: bool, by: str) -> None:
        """Sound only for this site, or everything again."""
        async with self.db.writing() as connection:
            order = store.Order(site, audio_only, by, self.clock.now())
            await store.keep_order(connection, self.db, conference, order)
            found = await store.audio_only_in(connection, conference)
        self._audio_only[conference] = found
        self._given += 1

    # The history and the tests ----------------------------------------------------------------------------------

    async def trend(self, conference: str, begin: Millis = 0) -> dict[str, list[Point]]:
        """Site → how its line fared since then."""
        async with self.db.reading() as connection:
            known = await store.readings_of(connection, conference)
        return trends(since(known, begin), TREND_POINTS)

    def forget(self, conference: str) -> None:
        """The meeting is over: forget the present."""
        self._lines.pop(conference, None)
        self._audio_only.pop(conference, None)
        for register in (self._watches, self._kept):
            for key in [key for key in register if key[0] == conference]:
                del register[key]

    async def thin(self, conference: str) -> None:
        """The meeting is over: keep one reading a minute of the past. Doing it again changes nothing."""
        async with self.db.writing() as connection:
            known = await store.readings_of(connection, conference)
            await store.replace_readings(connection, self.db, conference, thinned(known, AFTERWARDS_MS))

    async def record(self, conference: str, site: str, by: tuple[str, str], found: Findings) -> LineTest:
        """A line was tried; `by` is the principal and the name written down. `TooMany("line.too_many_tests")`."""
        faults = faults_of(found)
        test = LineTest(site, self.clock.now(), by[1], by[0], found, faults, result_of(faults))
        async with self.db.writing() as connection:
            if await store.tests_by(connection, conference, site) >= MOST_TESTS:
                raise TooMany("line.too_many_tests")
            await store.keep_test(connection, self.clock.fresh_id(), conference, test)
        return test

    async def tick(self, conference: str, item: Item, ticked: Ticked, by: tuple[str, str]) -> dict[str, Check]:
        """Somebody looked at one thing of the main room; `by` is the principal and the name. The list afterwards."""
        found = checked(item, ticked, by, self.clock.now())
        async with self.db.writing() as connection:
            if found is None:
                await store.drop_check(connection, conference, item)
            else:
                await store.keep_check(connection, self.db, conference, found)
        return await self.checklist(conference)

    async def checklist(self, conference: str) -> dict[str, Check]:
        """Item → what was found; items nobody has looked at are left out."""
        async with self.db.reading() as connection:
            return {check.item: check for check in await store.checks_of(connection, conference)}

    async def tests(self, conference: str) -> dict[str, LineTest]:
        """Site → its last test."""
        async with self.db.reading() as connection:
            return {test.site: test for test in await store.newest_tests(connection, conference)}


def _camera(line: Line, expected: Expected, now: Millis) -> str:
    """audio_only, on (a picture arrives), what its screen says, or stopped; empty while it is not connected."""
    if not line.up:
        return ""
    if expected.audio_only:
        return "audio_only"
    if line.layer:
        return "on"
    said = line.said(now)
    return said.camera if said is not None and said.camera != "on" else "stopped"
