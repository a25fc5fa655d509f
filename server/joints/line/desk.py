"""The board of a meeting's lines: looked at every two seconds, told to those who look after them, kept beside it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import msgspec

from server.clock import Millis
from server.errors import Forbidden, Problem, Refused
from server.joints.conference import principals, watchers
from server.joints.line.names import is_test
from server.joints.presence import Tell
from server.media.control import Observation
from server.media.line.alarms import Expected
from server.media.line.checklist import Check, Item, Ticked
from server.media.line.facts import Report
from server.media.line.history import Point, Row
from server.media.line.linetest import Findings, LineTest
from server.media.line.service import LineBoard
from server.media.service import Conferences
from server.meetings.acts import AROUND, RUNNING
from server.meetings.conference import grants, not_yet, waits
from server.meetings.meeting import Meeting, Period
from server.meetings.roles import DESK, DESK_AND_SECRETARY, PREPARERS, Role
from server.meetings.service import Asker, Meetings, roles, stream_of

LOOK_EVERY_S = 2.0
BEFORE_MS = 1_800_000
LATELY_MS = 7_200_000
NIGHT_MS = 6 * 3_600_000
"""After a break as long as this the meeting sits on another day."""
REPORT = "line.report"
"""What processes tell each other of a site's words."""
WATCH = DESK_AND_SECRETARY | {Role.TECHNICIAN}
"""Who sees the board."""
MEND = DESK | {Role.TECHNICIAN}
"""Who may do something about a line."""

log = logging.getLogger("hopso.line")


class Saying(NamedTuple):
    """How the desk is heard."""

    here: Tell
    tell: Tell
    aside: Callable[[str, Any], None]


class LineDesk:
    """What technicians see and do.

    Every web process hears media itself and tells its own tablets: `here` is `Live.status_here`. `tell` reaches all
    tablets (`Live.status`), `aside` the other processes (`Live.aside`), which know nothing of what a site said here.
    """

    def __init__(
        self, meetings: Meetings, board: LineBoard, conferences: Conferences, say: Saying
    ) -> None:  # fmt: skip
        self.meetings = meetings
        self.board = board
        self.conferences = conferences
        self.here, self.tell, self.aside = say.here, say.tell, say.aside
        self._told: dict[str, list[Row]] = {}
        self._pictures: dict[str, dict[str, Any]] = {}

    def heed(self, observation: Observation) -> None:
        """Something was observed in a conference."""
        if not is_test(observation.conference):
            self.board.heed(observation)

    async def run(self) -> None:
        """Look at every conference, again and again; what goes wrong with one does not concern the others."""
        while True:
            for meeting_id in list(self.conferences.states):
                try:
                    await self.look(meeting_id)
                except Exception:
                    log.exception("the lines of meeting %s could not be looked at", meeting_id)
            await asyncio.sleep(LOOK_EVERY_S)

    async def look(self, meeting_id: str) -> list[Row]:
        """Judge all lines of a meeting, tell what changed, keep what is due."""
        if self._looked_after(meeting_id) is None:
            return []
        self._hold_to(meeting_id, await self.board.recall(meeting_id))
        meeting = self._looked_after(meeting_id)
        if meeting is None:  # it was closed while the orders were read
            self.board.forget(meeting_id)
            return []
        rows = self.board.look(meeting_id, self.expected(meeting))
        if rows != self._told.get(meeting_id):
            self._told[meeting_id] = rows
            self.here(stream_of(meeting_id), "lines", msgspec.to_builtins(rows), _audience(meeting))
            self._say_pictures(meeting_id, rows)
        await self.board.keep(meeting_id, rows)
        return rows

    def _looked_after(self, meeting_id: str) -> Meeting | None:
        """The meeting as it stands at this moment; None when it has no lines, or none any more."""
        known = self.meetings.at_hand(meeting_id)
        return known[1] if known is not None and known[1].phase in AROUND and known[1].sites else None

    def _say_pictures(self, meeting_id: str, rows: Sequence[Row]) -> None:
        """Everybody hears why a site is not seen."""
        found = pictures(rows)
        if found != self._pictures.get(meeting_id):
            self._pictures[meeting_id] = found
            self.here(stream_of(meeting_id), "pictures", found)

    async def trend(self, meeting: Meeting) -> dict[str, list[Point]]:
        """Site → how its line fared on this day of the meeting and half an hour before; until it opens, of late."""
        opened = opened_on_this_day(meeting.periods)
        begin = opened - BEFORE_MS if opened else self.meetings.clock.now() - LATELY_MS
        return await self.board.trend(meeting.id, begin)

    def standing(self) -> dict[str, list[Row]]:
        """Running meeting → its lines as they were told last."""
        return dict(self._told)

    def expected(self, meeting: Meeting) -> list[Expected]:
        """What the meeting expects of each site now, in protocol order."""
        audible = grants(meeting).audible - not_yet(meeting, self.meetings.clock.now())
        audio_only = self.board.audio_only(meeting.id)
        running = meeting.phase in RUNNING
        return [
            Expected(
                site, running, site in audible and meeting.phase == "open", site in audio_only,
                by_telephone=bool(meeting.telephone_of(site)), outside=waits(meeting, site) or bool(meeting.stopped),
            )
            for site in principals(meeting)
            if site in meeting.sites
        ]  # fmt: skip

    def changed(self, before: Meeting, after: Meeting) -> None:
        """The meeting stands differently. Whichever process closed it, each forgets its lines."""
        if after.phase != "closed" or before.phase == "closed":
            return
        self._told.pop(after.id, None)
        self._pictures.pop(after.id, None)
        self.here(stream_of(after.id), "lines", None)
        self.here(stream_of(after.id), "pictures", None)
        self.board.forget(after.id)

    # What technicians do -----------------------------------------------------------------------------------------

    async def for_mending(self, meeting_id: str, asker: Asker, site: str = "") -> Meeting:
        """The meeting, provided the asker may mend its lines. `Forbidden`, `Refused("site.unknown")`."""
        return await self._allowed(meeting_id, asker, MEND, site)

    async def for_watching(self, meeting_id: str, asker: Asker) -> Meeting:
        """The meeting, provided the asker may see its board, or prepares it."""
        return await self._allowed(meeting_id, asker, WATCH | PREPARERS)

    async def _allowed(self, meeting_id: str, asker: Asker, may: frozenset[Role], site: str = "") -> Meeting:
        _, meeting = await self.meetings.seen_by(meeting_id, asker)
        if not roles(meeting, asker) & may:
            raise Forbidden("role.not_allowed")
        if site:
            meeting.site(site)
        return meeting

    async def reconnect(self, meeting: Meeting, site: str) -> None:
        """The site's sessions end as if its line were lost; its screen comes back by itself."""
        for session in self.board.sessions(meeting.id, site):
            with contextlib.suppress(Problem):
                await self.conferences.reconnect(session, site)

    async def order(self, meeting: Meeting, site: str, audio_only: bool, by: str) -> None:
        """Sound only for this site, or everything again: its screen obeys, and the forwarder sees to it."""
        await self.board.order(meeting.id, site, audio_only, by)
        self._hold_to(meeting.id, self.board.audio_only(meeting.id))
        self._say_order(meeting.id, site)

    def _hold_to(self, meeting_id: str, sites: frozenset[str]) -> None:
        self.conferences.quiet(meeting_id, tuple(sorted(sites)))

    def _say_order(self, meeting_id: str, site: str) -> None:
        order = {"audio_only": site in self.board.audio_only(meeting_id)}
        self.tell(stream_of(meeting_id), f"line.order:{site}", order, frozenset({site}))

    def sound(self, meeting: Meeting, sites: Sequence[str]) -> None:
        """Play the test sound at these sites. `Refused("line.sound_before_opening")` once the meeting has begun."""
        if meeting.phase != "published":
            raise Refused("line.sound_before_opening")
        at = self.meetings.clock.now()
        for site in sites or tuple(meeting.sites):
            meeting.site(site)
            self.tell(stream_of(meeting.id), f"line.sound:{site}", {"at": at}, frozenset({site}))

    # What sites say ----------------------------------------------------------------------------------------------

    async def reported(self, meeting_id: str, asker: Asker, report: Report) -> None:
        """A site's screen says how it is."""
        _, meeting = await self.meetings.seen_by(meeting_id, asker)
        if asker.person not in meeting.sites:
            raise Forbidden("conference.not_yours")
        if meeting.phase == "closed":
            return
        known = self.board.said(meeting_id, asker.person)
        self.board.reported(meeting_id, asker.person, report)
        self.aside(REPORT, [meeting_id, asker.person, msgspec.to_builtins(report)])
        if known is None and asker.person in await self.board.recall(meeting_id):
            # A house that was started anew has forgotten what it told.
            self._say_order(meeting_id, asker.person)

    def overheard(self, topic: str, value: Any) -> None:
        """Another process heard a site (`Live.on_aside`)."""
        if topic == REPORT:
            meeting_id, site, report = value
            standing = self.meetings.at_hand(meeting_id)
            if standing is not None and standing[1].phase == "closed":
                return
            self.board.reported(meeting_id, site, msgspec.convert(report, Report))

    async def tested(self, meeting_id: str, asker: Asker, record: tuple[str, str], found: Findings) -> LineTest:
        """A line was tried: `record` is the site and the name of who tried it; by the site, or on its behalf."""
        site, name = record
        _, meeting = await self.meetings.seen_by(meeting_id, asker)
        meeting.site(site)
        if asker.person != site and not roles(meeting, asker) & (MEND | PREPARERS):
            raise Forbidden("role.not_allowed")
        test = await self.board.record(meeting_id, site, (asker.person, name), found)
        self.tell(stream_of(meeting_id), f"line.test:{site}", msgspec.to_builtins(test), self._concerned(meeting, site))
        return test

    async def ticked(self, meeting_id: str, asker: Asker, item: Item, ticked: Ticked) -> dict[str, Check]:
        """Somebody looked at one thing of the main room. `Refused("phase.closed")`: the list stays as it was used."""
        meeting = await self.for_watching(meeting_id, asker)
        if meeting.phase == "closed":
            raise Refused("phase.closed")
        name = meeting.members[asker.person].name if asker.person in meeting.members else asker.person
        found = await self.board.tick(meeting_id, item, ticked, (asker.person, name))
        self.tell(stream_of(meeting_id), "line.checklist", msgspec.to_builtins(found), watchers(meeting))
        return found

    def _concerned(self, meeting: Meeting, site: str) -> frozenset[str]:
        return _audience(meeting) | {site}


def opened_on_this_day(periods: Sequence[Period]) -> Millis:
    """When a meeting that sat in these periods was opened, or resumed after a night; 0 before."""
    mornings = (now for before, now in pairwise(periods) if now.began_at - before.ended_at >= NIGHT_MS)
    return max((one.began_at for one in (*periods[:1], *mornings)), default=0)


def pictures(rows: Sequence[Row]) -> dict[str, Any]:
    """Site → why its tile has no picture; of sites that are there with their camera on nothing is said."""
    return {
        row.site: {"state": row.state, "camera": row.camera, "audio_only": row.audio_only}
        for row in rows
        if row.state not in {"good", "weak"} or row.camera != "on"
    }


def _audience(meeting: Meeting) -> frozenset[str]:
    """Those who look after the lines, and the main site, whose screen may be the wall."""
    return watchers(meeting) | {site.id for site in meeting.sites.values() if site.main}
