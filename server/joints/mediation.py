"""Between the meetings and media: says how each conference should be, hears how it is, ends whose session has ended.

Every web process does the same for itself: none leads, and whichever dies, the others have said it too.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Collection, Coroutine
from typing import Any

from server.clock import Millis
from server.config import MediaSettings
from server.errors import Problem
from server.joints.conference import Lines, concerns, desired, opens_later, told_of
from server.joints.line.names import is_test
from server.joints.presence import Share, Tell
from server.media.control import Gone, Observation
from server.media.service import Conferences
from server.meetings.meeting import Meeting
from server.meetings.service import Meetings, stream_of

OPENED = "media.opened"
"""What processes tell each other: which line to media was opened by whose session."""
LATELY_MS: Millis = 7 * 24 * 3600 * 1000
"""Meetings that were to end no longer ago are said to be over again: whoever closed them may have died meanwhile."""

Begin = Callable[[Coroutine[Any, Any, None]], None]


class Mediation:
    """All conferences. `tell` is `Live.status_here`, `share` `Live.aside`; `begin` looks after background work."""

    def __init__(self, meetings: Meetings, settings: MediaSettings, tell: Tell, share: Share, begin: Begin) -> None:
        self.meetings = meetings
        self.tell, self.share, self.begin = tell, share, begin
        self.conferences = Conferences(settings.sockets(), self.observed, self._is_back, settings.full_percent * 10)
        self.lines = Lines()
        self.on_observed: list[Callable[[Observation], None]] = []
        """Called with everything that media observes."""
        self._opened: dict[str, tuple[str, str]] = {}
        self._opening: dict[str, asyncio.TimerHandle] = {}
        self._unsaid: dict[str, tuple[int, Meeting]] = {}

    # What should be ----------------------------------------------------------------------------------------------

    def changed(self, before: Meeting, after: Meeting) -> None:
        """The meeting stands differently: the conference follows, as soon as everybody has been shown what changed."""
        if after.id in self.conferences.states and not concerns(before, after):
            return
        if after.id not in self._unsaid:
            asyncio.get_running_loop().call_soon(self._say_newest, after.id)
        self._unsaid[after.id] = self.meetings.at_hand(after.id) or (0, after)

    def _say_newest(self, meeting_id: str) -> None:
        self._say(*self._unsaid.pop(meeting_id))

    async def say_all(self) -> None:
        """Say how each conference should be, from the log: another process may have decided what we have not heard."""
        for listing in await self.meetings.running():
            self._say(*await self.meetings.standing(listing.id))
        for listing in await self.meetings.over_since(self.meetings.clock.now() - LATELY_MS):
            self._say(*await self.meetings.standing(listing.id))

    def _say(self, version: int, meeting: Meeting) -> None:
        now = self.meetings.clock.now()
        self.conferences.desire(desired(version, meeting, now))
        waiting = self._opening.pop(meeting.id, None)
        if waiting is not None:
            waiting.cancel()
        if opens_later(meeting, now) and meeting.speaking is not None:
            delay = (meeting.speaking.opens_at - now) / 1000
            self._opening[meeting.id] = asyncio.get_running_loop().call_later(delay, self._open, meeting.id)

    def _open(self, meeting_id: str) -> None:
        """The seconds of warning are over; whoever forgot the meeting meanwhile reads it from the log."""
        del self._opening[meeting_id]
        known = self.meetings.at_hand(meeting_id)
        if known is not None:
            self._say(*known)
        else:
            self.begin(self._say_anew(meeting_id))

    async def _say_anew(self, meeting_id: str) -> None:
        self._say(*await self.meetings.standing(meeting_id))

    # What is -----------------------------------------------------------------------------------------------------

    def _is_back(self) -> None:
        """A media process is (again) connected."""
        self.begin(self.say_all())

    def observed(self, observation: Observation) -> None:
        """Media observed something: every web process has a line of its own to it, and tells its own tablets."""
        self.lines.heed(observation)
        if isinstance(observation, Gone):
            self._opened.pop(observation.session, None)
        for told in self.on_observed:
            told(observation)
        found = None if is_test(observation.conference) else told_of(observation, self._standing)
        if found is not None:
            self.tell(stream_of(observation.conference), *found)

    def _standing(self, meeting_id: str) -> Meeting | None:
        known = self.meetings.at_hand(meeting_id)
        return known[1] if known else None

    # Whose it is -------------------------------------------------------------------------------------------------

    def opened(self, line: str, endpoint: str, session: str) -> None:
        """This endpoint, signed in by this session, has opened a line to media."""
        self._opened[line] = (endpoint, session)
        self.share(OPENED, [line, endpoint, session])

    def overheard(self, topic: str, value: Any) -> None:
        """Another process let somebody in (`Live.on_aside`)."""
        if topic == OPENED:
            line, endpoint, session = value
            self._opened[line] = (endpoint, session)

    async def close_of(self, sessions: Collection[str], person: str) -> None:
        """These sessions have ended: so does what they opened, and nothing of the person's other devices.

        Where nobody knows which session opened a line (this process began later) it is cut as if it were lost: who may
        still be there comes back at once.
        """
        theirs = {line: endpoint for line, (endpoint, session) in self._opened.items() if session in sessions}
        for line, endpoint in theirs.items():
            with contextlib.suppress(Problem):
                await self.conferences.close(line, endpoint)
        for line, endpoint in self.lines.of(person):
            if line not in self._opened:
                with contextlib.suppress(Problem):
                    await self.conferences.reconnect(line, endpoint)
