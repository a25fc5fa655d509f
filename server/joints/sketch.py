"""What is drawn over a shared screen: told to those who see the screen, kept nowhere, gone when the sharing ends.

Each mark is a status of the stream `screen:<meeting>`, so that whoever comes later sees it, too, in whichever process;
what grows under a pen and where somebody points are hints. Coordinates are 1/10000 of the picture's width, from its
left upper corner: every screen lays them on the picture itself, whatever bars stand around it.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Sequence
from typing import Any

import msgspec

from server.documents.limits import PageSize
from server.documents.marks import AddStroke, EraseStroke, Shape, Stroke, fitted, may_erase
from server.errors import Conflict, Forbidden, Invalid, Refused
from server.http import Visitor
from server.joints.conference import receives
from server.live import Live
from server.meetings.meeting import Meeting
from server.meetings.pages import PRESENTERS
from server.meetings.roles import DESK_AND_SECRETARY
from server.meetings.routes import asker_of
from server.meetings.service import Meetings, roles
from server.statuses import Status
from server.streams import Answer, Entry, StreamId

KIND = "screen"
MARK = "mark:"
MOST_MARKS = 300
MOST_POINTS = 500
"""Of one line: whoever comes late is told everything at once."""
PICTURE = (PageSize(width=1, height=6),)
"""Pictures are no higher than this; what each really measures is known to those who see it."""
HINTS = frozenset({"stroke", "pointer"})


class AddShape(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="mark.add"):
    """Somebody drew a line, an arrow, a box or an ellipse."""

    mark: Shape


class ClearMarks(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="marks.clear"):
    """Somebody wipes the screen: the desk and whoever shares it of everything, others of what they drew themselves."""


SketchCommand = AddStroke | AddShape | EraseStroke | ClearMarks
_decoded: Callable[[bytes], SketchCommand] = msgspec.json.Decoder(SketchCommand).decode


def screen_of(meeting_id: str) -> StreamId:
    """The stream of what is drawn over the shared screen of a meeting."""
    return StreamId(f"{KIND}:{meeting_id}")


class Sketch:
    """The door of the streams `screen:<meeting>`; the live door, which it is a part of, is there when it is asked."""

    kind = KIND
    for_the_house: Container[str] = frozenset()

    def __init__(self, meetings: Meetings, live: Callable[[], Live]) -> None:
        self.meetings = meetings
        self.live = live

    async def admit(self, visitor: Visitor, stream: StreamId) -> None:
        """Whoever the conference comes to: they see the screen when one is shared."""
        if not _sees(await self._seen(visitor, stream), visitor.person):
            raise Forbidden("conference.not_now")

    async def snapshot(self, _visitor: Visitor, stream: StreamId) -> tuple[int, bytes]:
        """`{"strokes": […], "marks": […]}` as of ink on papers; nothing is an event, so the version stays 0."""
        drawn = [each.value for each in self._marks(stream)]
        strokes = [each for each in drawn if each["kind"] == "stroke"]
        return 0, msgspec.json.encode({"strokes": strokes, "marks": [each for each in drawn if each not in strokes]})

    def audience(self, _entry: Entry) -> frozenset[str]:
        """Nobody: there are no events here."""
        return frozenset()

    async def perform(self, visitor: Visitor, stream: StreamId, _command_id: str, command: bytes) -> Answer:
        """Draw or rub out. Doing it again changes nothing, so that no receipt need be kept."""
        meeting = await self._seen(visitor, stream)
        if not _draws(meeting, visitor):
            raise Forbidden("role.not_allowed")
        if not meeting.sharing:
            raise Refused("screen.not_shared")
        self._do(stream, visitor, _read(command), _tidies(meeting, visitor))
        return Answer(ok=True, now=self.meetings.clock.now())

    def _do(self, stream: StreamId, visitor: Visitor, wanted: SketchCommand, tidies: bool) -> None:
        match wanted:
            case AddStroke():
                self._add(stream, visitor.person, wanted.stroke)
            case AddShape():
                self._add(stream, visitor.person, wanted.mark)
            case EraseStroke():
                self._erase(stream, visitor.person, wanted.id, tidies)
            case ClearMarks():
                for status in self._marks(stream):
                    if may_erase(status.value["by"], visitor.person, tidies):
                        self.live().status(stream, status.topic, None)

    def _add(self, stream: StreamId, person: str, mark: Stroke | Shape) -> None:
        if isinstance(mark, Stroke) and len(mark.points) > MOST_POINTS:
            raise Invalid("stroke.malformed")
        known = {status.topic: status.value["by"] for status in self._marks(stream)}
        topic = MARK + mark.id
        if topic in known:
            if known[topic] != person:
                raise Conflict("stroke.exists")
            return
        if len(known) >= MOST_MARKS:
            raise Refused("ink.full", limit=MOST_MARKS)
        plain: dict[str, Any] = msgspec.to_builtins(fitted(mark, PICTURE))
        self.live().status(stream, topic, plain | {"by": person, "at": self.meetings.clock.now()})

    def _erase(self, stream: StreamId, person: str, mark: str, tidies: bool) -> None:
        for status in self._marks(stream):
            if status.topic == MARK + mark:
                if not may_erase(status.value["by"], person, tidies):
                    raise Forbidden("stroke.not_yours")
                self.live().status(stream, status.topic, None)

    def may_hint(self, visitor: Visitor, stream: StreamId, kind: str) -> bool:
        """Whoever draws shows the line while it grows, and where they point."""
        standing = self.meetings.at_hand(_meeting(stream))
        if standing is None or kind not in HINTS or not standing[1].sharing:
            return False
        try:
            return _draws(standing[1], visitor)
        except Forbidden:
            return False

    def digest(self, _stream: StreamId) -> tuple[int, str] | None:
        """None: nothing is kept that could differ."""
        return None

    def changed(self, before: Meeting, after: Meeting) -> None:
        """The meeting stands differently: what was drawn over a screen that is shared no longer is wiped away.

        Every process does so and tells the others: a mark that one of them took in a moment too late goes, too.
        """
        if before.sharing and before.sharing != after.sharing:
            for status in self._marks(screen_of(after.id)):
                self.live().status(status.stream, status.topic, None)

    def _marks(self, stream: StreamId) -> list[Status]:
        return [status for status in self.live().statuses.of(stream) if status.topic.startswith(MARK)]

    async def _seen(self, visitor: Visitor, stream: StreamId) -> Meeting:
        """The meeting as it stands at this very moment: while it was read, the sharing may have ended."""
        meeting_id = _meeting(stream)
        read = await self.meetings.admitted(meeting_id, asker_of(visitor, meeting_id))
        return (self.meetings.at_hand(meeting_id) or read)[1]


def gone_from(before: Meeting, after: Meeting, persons: Sequence[str]) -> set[str]:
    """Of those who follow what is drawn, the ones who see the screen no longer."""
    return {who for who in persons if _sees(before, who) and not _sees(after, who)}


def _sees(meeting: Meeting, who: str) -> bool:
    """Administrators who only look after meetings are no part of a conference."""
    return (who in meeting.members or who in meeting.sites) and receives(meeting, who)


def _draws(meeting: Meeting, visitor: Visitor) -> bool:
    """Whoever may present, and whoever shares the screen."""
    held = roles(meeting, asker_of(visitor, meeting.id))
    return _sees(meeting, visitor.person) and (bool(held & PRESENTERS) or meeting.sharing == visitor.person)


def _tidies(meeting: Meeting, visitor: Visitor) -> bool:
    held = roles(meeting, asker_of(visitor, meeting.id))
    return bool(held & DESK_AND_SECRETARY) or meeting.sharing == visitor.person


def _read(command: bytes) -> SketchCommand:
    try:
        return _decoded(command)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Invalid("stroke.malformed") from error


def _meeting(stream: StreamId) -> str:
    return stream.removeprefix(f"{KIND}:")
