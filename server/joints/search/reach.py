"""What somebody may read now, meeting by meeting.

To decide it takes the whole meeting; with hundreds of meetings that is not done for every search. It depends on the
meeting's log and on who asks, so it holds as long as nothing more has happened in the meeting.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Collection, Sequence
from itertools import islice

from server.errors import Problem
from server.http import Visitor
from server.joints.papers import opens
from server.meetings import store
from server.meetings.meeting import Meeting
from server.meetings.routes import asker_of
from server.meetings.service import Asker, Meetings, roles
from server.meetings.store import Held
from server.meetings.views import admit

MOST_PEOPLE = 256
"""Of whom it is remembered; the one who searched longest ago is forgotten first."""
AT_ONCE = 20
"""Meetings read in one transaction."""
NOTHING: frozenset[str] = frozenset()

Who = tuple[str, str, frozenset[str], str]
"""All of a visitor on which it depends: person, unit, offices, and the only meeting."""
Known = dict[str, tuple[int, frozenset[str]]]
"""Meeting → its version, and what may be read of it, as versions of papers."""


class Reach:
    """Remembers for those who searched what they may read."""

    def __init__(self, meetings: Meetings) -> None:
        self.meetings = meetings
        self._known: OrderedDict[Who, Known] = OrderedDict()
        self._same: dict[frozenset[str], frozenset[str]] = {}
        """Most people of a meeting may read the same: it is kept once."""

    async def held(self, visitor: Visitor, among: Collection[str]) -> list[Held]:
        """The meetings among these that may have something for this visitor; newest first."""
        everything = "system" in visitor.offices and not visitor.only_meeting
        host = visitor.unit if "unit" in visitor.offices and not visitor.only_meeting else ""
        async with self.meetings.db.reading() as connection:
            if visitor.only_meeting:
                found = await store.held(connection, store.meetings.c.id == visitor.only_meeting)
            else:
                found = await store.held(connection, *([] if everything else [store.open_to(visitor.person, host)]))
        return [one for one in found if one.id in among]

    async def readable(self, visitor: Visitor, held: Sequence[Held]) -> dict[str, frozenset[str]]:
        """Meeting → the versions of papers this visitor may read there now."""
        who = (visitor.person, visitor.unit, visitor.offices, visitor.only_meeting)
        known = self._known.setdefault(who, {})
        self._known.move_to_end(who)
        while len(self._known) > MOST_PEOPLE:
            self._known.popitem(last=False)
        anew = iter([one for one in held if known.get(one.id, (0, NOTHING))[0] != one.head])
        while part := list(islice(anew, AT_ONCE)):
            async with self.meetings.db.reading() as connection:
                for one in part:
                    version, meeting = await self.meetings.caught_up(connection, one.id)
                    found = _readable(meeting, asker_of(visitor, one.id))
                    known[one.id] = (version, self._same.setdefault(found, found))
        return {one.id: known[one.id][1] for one in held}


def _readable(meeting: Meeting, asker: Asker) -> frozenset[str]:
    try:
        admit(meeting, roles(meeting, asker))
    except Problem:
        return NOTHING
    papers = meeting.papers.values()
    return frozenset(paper.version for paper in papers if paper.version and opens(meeting, paper.id, asker))
