"""The meeting sits: opened, broken off and resumed, closed; and who steers it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar

from msgspec.structs import replace

from server.clock import Millis
from server.errors import Refused
from server.meetings.acts import RUNNING, By, Command, Event, Moment, Needs, Row
from server.meetings.agenda import leave_current
from server.meetings.attendance import quorum
from server.meetings.conference import MicrophonesSwitched, chair_principals
from server.meetings.floor import end_speech
from server.meetings.meeting import Meeting, Period
from server.meetings.recording import stop_recording
from server.meetings.roles import DESK, Role
from server.meetings.words import Id, Line


class OpenMeeting(Command, tag="meeting.open"):
    """The chair opens the meeting. Where the type demands a quorum and it is missing, the chair must say so
    (`without_quorum`), and the log keeps it."""

    without_quorum: bool = False
    permits: ClassVar = DESK
    phases: ClassVar = frozenset({"published"})

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        counted = quorum(meeting)
        if not counted.reached and not self.without_quorum:
            raise Refused("quorum.missing", present=counted.present, needed=counted.needed)
        yield MeetingOpened(moment.now, counted.present, counted.needed, counted.of_all)


class MeetingOpened(Event, tag="meeting.opened"):
    """The meeting sits; so many voting members were present, so many were needed."""

    at: Millis
    present: int
    needed: int
    of_all: int

    def apply(self, meeting: Meeting) -> Meeting:
        return replace(meeting, phase="open", periods=(*meeting.periods, Period(self.at)))


class PauseMeeting(Command, tag="meeting.pause"):
    """The chair breaks the meeting off for a while, or until another day; microphones opened by hand are closed."""

    reason: Line = ""
    permits: ClassVar = DESK

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        _no_open_ballot(meeting)
        yield from end_speech(meeting, moment)
        yield from _microphones_closed(meeting)
        yield MeetingPaused(moment.now, self.reason)


class MeetingPaused(Event, tag="meeting.paused"):
    """The meeting is broken off."""

    at: Millis
    reason: Line

    def apply(self, meeting: Meeting) -> Meeting:
        return replace(_period_ended(meeting, self.at), phase="break", break_reason=self.reason)


class StopSystem(Command, tag="system.stop"):
    """The chair stops the system for content that does not belong on it, a state secret above all: nothing is shown,
    heard, seen, written or recorded until the meeting is resumed, and only the times are kept."""

    permits: ClassVar = DESK
    phases: ClassVar = RUNNING

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        # Nothing stands in its way: an open ballot stays open, and nobody votes until the meeting is resumed.
        yield from end_speech(meeting, moment)
        yield from _microphones_closed(meeting)
        yield SystemStopped(moment.now)


class SystemStopped(Event, tag="system.stopped"):
    """The system is stopped: no page, screen or notice is shown any more, and it is a break."""

    at: Millis

    def apply(self, meeting: Meeting) -> Meeting:
        ended = _period_ended(meeting, self.at)
        blank = replace(ended, shown=None, sharing="", notice="", notice_until=0)
        return replace(blank, phase="break", break_reason="", stopped=self.at)


class ResumeMeeting(Command, tag="meeting.resume"):
    """The chair goes on after a break, or opens the system again."""

    permits: ClassVar = DESK
    while_stopped: ClassVar = True
    phases: ClassVar = frozenset({"break"})

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        yield MeetingResumed(moment.now)


class MeetingResumed(Event, tag="meeting.resumed"):
    """The meeting sits again."""

    at: Millis

    def apply(self, meeting: Meeting) -> Meeting:
        periods = (*meeting.periods, Period(self.at))
        return replace(meeting, phase="open", break_reason="", stopped=0, periods=periods)


class CloseMeeting(Command, tag="meeting.close"):
    """The chair closes the meeting: floor, current item and microphones end with it."""

    permits: ClassVar = DESK
    phases: ClassVar = RUNNING
    while_stopped: ClassVar = True

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        _no_open_ballot(meeting)
        yield from leave_current(meeting, moment, "done")
        if meeting.current is None:
            yield from end_speech(meeting, moment)
        yield from stop_recording(meeting, moment)
        yield MeetingClosed(moment.now)


class MeetingClosed(Event, tag="meeting.closed"):
    """The meeting is over."""

    at: Millis

    def apply(self, meeting: Meeting) -> Meeting:
        ended = _period_ended(meeting, self.at)
        return replace(
            ended,
            phase="closed",
            stopped=0,
            shown=None,
            presenting="",
            asking=(),
            requests=(),
            microphones={},
            locked=(),
            locks_newcomers=False,
            pinned="",
            layout="",
            sharing="",
            notice="",
            notice_until=0,
            acting=False,
            controlling="",
            calls={},
        )


class GrantActing(Command, tag="acting.grant"):
    """The chair lets the secretary tap in their place, or takes that back; the log keeps who tapped and for whom."""

    granted: bool
    permits: ClassVar = frozenset({Role.CHAIR})
    phases: ClassVar = RUNNING | {"published"}
    while_stopped: ClassVar = True

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        if meeting.acting != self.granted:
            yield ActingGranted(self.granted)


class ActingGranted(Event, tag="acting.granted"):
    """The secretary may, or may no longer, steer for the chair."""

    granted: bool

    def apply(self, meeting: Meeting) -> Meeting:
        return replace(meeting, acting=self.granted)


class HandOverChair(Command, tag="chair.hand_over"):
    """The chair hands the chairing over to a named member, who must not sit at a shared tablet alone: from there nobody
    steers. It is in the minutes from this moment."""

    to: Id
    permits: ClassVar = frozenset({Role.CHAIR})
    phases: ClassVar = RUNNING
    while_stopped: ClassVar = True

    def needs(self) -> Needs:
        return Needs(line_of=self.to)

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        member = meeting.member(self.to)
        if Role.GUEST in member.roles:
            raise Refused("chair.not_a_guest")
        if moment.at_shared:
            raise Refused("chair.at_shared_tablet", name=member.name)
        if self.to != meeting.chair:
            yield ChairHandedOver(meeting.chair, self.to, moment.now)


class ChairHandedOver(Event, tag="chair.handed_over"):
    """Somebody else chairs from now on."""

    before: Id
    to: Id
    at: Millis

    def apply(self, meeting: Meeting) -> Meeting:
        return replace(meeting, chair=self.to, acting=False, controlling="")


class TakeControls(Command, tag="controls.take"):
    """The deputy named beforehand takes the controls because the chair is cut off; the chair stays the chair."""

    permits: ClassVar = frozenset({Role.DEPUTY})
    phases: ClassVar = RUNNING
    while_stopped: ClassVar = True

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        if moment.chair_connected:
            raise Refused("controls.chair_present")
        if meeting.controlling != by.person:
            yield ControlsPassed(by.person, moment.now)


class ReturnControls(Command, tag="controls.return"):
    """The chair, or the deputy, puts the controls back into the chair's hands."""

    permits: ClassVar = frozenset({Role.CHAIR, Role.CONTROLLING})
    phases: ClassVar = RUNNING
    while_stopped: ClassVar = True

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        if meeting.controlling:
            yield ControlsPassed("", moment.now)


class ControlsPassed(Event, tag="controls.passed"):
    """The controls are with the deputy; empty: with the chair again."""

    to: Line
    at: Millis

    def apply(self, meeting: Meeting) -> Meeting:
        return replace(meeting, controlling=self.to)


def _microphones_closed(meeting: Meeting) -> Iterable[Event]:
    """Nobody but the chair shall be heard again after a break without a new word of the desk's."""
    closed = {who: "closed" for who, state in meeting.microphones.items() if state == "open"}
    closed = {who: state for who, state in closed.items() if who not in chair_principals(meeting)}
    if closed:
        yield MicrophonesSwitched(closed)


def _period_ended(meeting: Meeting, at: Millis) -> Meeting:
    if not meeting.periods or meeting.periods[-1].ended_at:
        return meeting
    return replace(meeting, periods=(*meeting.periods[:-1], replace(meeting.periods[-1], ended_at=at)))


def _no_open_ballot(meeting: Meeting) -> None:
    if any(ballot.state == "open" for ballot in meeting.ballots.values()):
        raise Refused("item.ballot_open")
