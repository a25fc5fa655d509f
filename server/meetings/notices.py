"""One sentence on all screens: until its time is over, or until it is taken back."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, ClassVar

from msgspec import Meta
from msgspec.structs import replace

from server.clock import Millis
from server.meetings.acts import RUNNING, By, Command, Event, Moment, Row
from server.meetings.meeting import Meeting
from server.meetings.roles import DESK, Role
from server.meetings.words import Line

Lasting = Annotated[int, Meta(ge=0, le=600)]


class PostNotice(Command, tag="notice.post"):
    """The desk or the secretary shows one sentence on all screens, for so many minutes (0: until it is taken back); an
    empty one takes it away."""

    text: Line
    minutes: Lasting = 0
    permits: ClassVar = DESK | {Role.SECRETARY}
    phases: ClassVar = RUNNING | {"published"}

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        until = moment.now + self.minutes * 60_000 if self.text and self.minutes else 0
        if (meeting.notice, meeting.notice_until) != (self.text, until):
            yield NoticePosted(self.text, until)


class EndNotice(Command, tag="notice.end"):
    """The house takes a notice down whose time is over."""

    permits: ClassVar = frozenset({Role.SYSTEM})
    phases: ClassVar = RUNNING | {"published"}
    while_stopped: ClassVar = True

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        if meeting.notice_until and moment.now >= meeting.notice_until:
            yield NoticePosted("")


class NoticePosted(Event, tag="notice.posted"):
    """A sentence stands on all screens, until a time or (0) until it is taken back; an empty one: none does."""

    text: Line
    until: Millis = 0

    def apply(self, meeting: Meeting) -> Meeting:
        return replace(meeting, notice=self.text, notice_until=self.until)
