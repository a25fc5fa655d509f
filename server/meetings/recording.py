"""Sound and picture are recorded because the chair decided so (Quyết định 45/2018/QĐ-TTg), and everybody is told."""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Literal

from msgspec.structs import replace

from server.clock import Millis
from server.errors import Refused
from server.meetings.acts import RUNNING, By, Command, Event, Moment, Row
from server.meetings.meeting import Meeting
from server.meetings.roles import DESK, Role
from server.meetings.words import Line

NOT_READY = {"absent": "recording.no_recorder", "full": "recording.no_room"}


class StartRecording(Command, tag="recording.start"):
    """The chair has the meeting recorded from now on; every screen says so."""

    permits: ClassVar = DESK

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        if meeting.internal:
            raise Refused("recording.internal")
        if meeting.recording:
            raise Refused("recording.begun")
        _ready(moment)
        yield RecordingStarted(moment.now)


class RecordingStarted(Event, tag="recording.started"):
    """The meeting is recorded from here on."""

    at: Millis

    def apply(self, meeting: Meeting) -> Meeting:
        return replace(meeting, recording="on", recorded=True)


class PauseRecording(Command, tag="recording.pause"):
    """The chair breaks the recording off for a while; what is said meanwhile is not in it."""

    permits: ClassVar = DESK
    phases: ClassVar = RUNNING

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        if meeting.recording != "on":
            raise Refused("recording.not_running")
        yield RecordingPaused(moment.now)


class RecordingPaused(Event, tag="recording.paused"):
    """From here on nothing is recorded, until it goes on."""

    at: Millis

    def apply(self, meeting: Meeting) -> Meeting:
        return replace(meeting, recording="paused")


class ResumeRecording(Command, tag="recording.resume"):
    """The recording goes on after a pause."""

    permits: ClassVar = DESK
    phases: ClassVar = RUNNING

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        if meeting.recording != "paused":
            raise Refused("recording.not_paused")
        _ready(moment)
        yield RecordingResumed(moment.now)


class RecordingResumed(Event, tag="recording.resumed"):
    """It is recorded again."""

    at: Millis

    def apply(self, meeting: Meeting) -> Meeting:
        return replace(meeting, recording="on")


class StopRecording(Command, tag="recording.stop"):
    """The chair ends the recording; the house does when it cannot go on, and says why."""

    reason: Literal["", "disk_full", "write_failed"] = ""
    permits: ClassVar = DESK | {Role.SYSTEM}
    phases: ClassVar = RUNNING
    while_stopped: ClassVar = True

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        if not meeting.recording:
            raise Refused("recording.not_running")
        yield RecordingStopped(moment.now, self.reason)


class RecordingStopped(Event, tag="recording.stopped"):
    """The recording ends here."""

    at: Millis
    reason: Line = ""

    def apply(self, meeting: Meeting) -> Meeting:
        return replace(meeting, recording="")


class DeleteRecording(Command, tag="recording.delete"):
    """The recording is deleted for good, after the meeting: by the chair, by a secretary on the chair's order, or by
    the house once its time is over. The log keeps who did it and why."""

    reason: Line = ""
    permits: ClassVar = frozenset({Role.CHAIR, Role.SECRETARY, Role.SYSTEM})
    phases: ClassVar = frozenset({"closed"})
    for_chair: ClassVar = frozenset({"closed"})

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        if not meeting.recorded:
            raise Refused("recording.gone")
        yield RecordingDeleted(moment.now, self.reason)


class RecordingDeleted(Event, tag="recording.deleted"):
    """There is no recording any more."""

    at: Millis
    reason: Line = ""

    def apply(self, meeting: Meeting) -> Meeting:
        return replace(meeting, recorded=False)


def stop_recording(meeting: Meeting, moment: Moment) -> Iterable[Event]:
    """The end of the meeting is the end of its recording."""
    if meeting.recording:
        yield RecordingStopped(moment.now)


def is_recorded(meeting: Meeting) -> bool:
    """Whether sound and picture are kept at this moment: never in a break."""
    return meeting.recording == "on" and meeting.phase == "open"


def watchers_of_recording(meeting: Meeting) -> frozenset[str]:
    """Who may see the recording once the meeting is over: chair, deputy and secretaries; the other members where the
    type of meeting says so. Never guests, who may have been invited to single items only."""
    may = {Role.CHAIR, Role.DEPUTY, Role.SECRETARY}
    if meeting.rules.recordings == "members":
        may.add(Role.DELEGATE)
    found = {person for person in meeting.members if meeting.roles_of(person) & may}
    return frozenset(person for person in found if Role.GUEST not in meeting.members[person].roles)


def _ready(moment: Moment) -> None:
    if moment.recorder in NOT_READY:
        raise Refused(NOT_READY[moment.recorder])
