"""Who is heard and who is seen: it follows from the floor, and from what the chair decides by hand.

The forwarder enforces the grants per packet; here they are only worked out.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import ClassVar, Literal

import msgspec
from msgspec.structs import replace

from server.clock import Millis
from server.errors import Refused
from server.meetings.acts import AROUND, RUNNING, By, Command, Event, Moment, Row
from server.meetings.meeting import Meeting
from server.meetings.pages import PRESENTERS
from server.meetings.roles import DESK, Role
from server.meetings.words import Id, Line

SWITCHERS = DESK | {Role.TECHNICIAN}
Layout = Literal["", "tiles", "grid", "stage"]


class SwitchMicrophone(Command, tag="microphone.switch"):
    """The desk or the technician opens or closes one microphone, whoever has the floor."""

    who: Id
    open: bool
    permits: ClassVar = SWITCHERS
    phases: ClassVar = AROUND

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        _principal(meeting, self.who)
        if self.open and meeting.phase == "break":
            raise Refused("microphone.on_break")
        yield MicrophonesSwitched({self.who: "open" if self.open else "closed"})


class CloseMicrophone(Command, tag="microphone.close"):
    """A site or a person closes their own microphone; opening it again is theirs too while they have the floor, unless
    that right was taken from them."""

    closed: bool
    permits: ClassVar = frozenset({Role.SITE, Role.DELEGATE, Role.DEPUTY, Role.CHAIR, Role.SECRETARY, Role.GUEST})
    phases: ClassVar = AROUND

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        if not self.closed and by.person not in floor_principals(meeting):
            raise Refused("microphone.ask_for_floor")
        if not self.closed and is_locked(meeting, by.person):
            raise Refused("microphone.locked")
        yield MicrophonesSwitched({by.person: "closed" if self.closed else "open"})


class CloseAllMicrophones(Command, tag="microphones.close_all"):
    """The desk closes every microphone but the chair's and the speaker's."""

    permits: ClassVar = SWITCHERS
    phases: ClassVar = AROUND

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        spared = floor_principals(meeting) | chair_principals(meeting)
        # Before the opening everybody is heard without anybody having opened their microphone.
        heard = {*grants(meeting).audible, *(who for who, state in meeting.microphones.items() if state == "open")}
        closed = dict.fromkeys(sorted(heard - spared), "closed")
        if closed:
            yield MicrophonesSwitched(closed)


class MicrophonesSwitched(Event, tag="microphones.switched"):
    """These microphones are open or closed by hand."""

    microphones: dict[str, str]

    def apply(self, meeting: Meeting) -> Meeting:
        return replace(meeting, microphones={**meeting.microphones, **self.microphones})


class LockMicrophones(Command, tag="microphones.lock"):
    """The desk or the technician takes away the right to open one's own microphone, or gives it back: of those named,
    else of all sites and of everybody who takes part alone, but for the chair's.

    Who is named falls silent, also while speaking; where nobody is, the speaker may go on.
    """

    locked: bool
    who: tuple[Id, ...] = ()
    permits: ClassVar = SWITCHERS
    phases: ClassVar = AROUND

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        for who in self.who:
            _principal(meeting, who)
            if self.locked and who in chair_principals(meeting):
                raise Refused("microphone.is_chairs")
        wanted = set(self.who) or (
            _senders(meeting) - chair_principals(meeting) if self.locked else set(meeting.locked)
        )
        changed = tuple(sorted(who for who in wanted if (who in meeting.locked) != self.locked))
        everybody = not self.who
        if changed or (everybody and meeting.locks_newcomers != self.locked):
            yield MicrophonesLocked(changed, self.locked, everybody)
        opened = {who for who in wanted if meeting.microphones.get(who) == "open"}
        silenced = opened | (floor_principals(meeting) & set(self.who)) if self.locked else set()
        spared = set() if self.who else floor_principals(meeting)
        if closed := {who for who in silenced - spared if meeting.microphones.get(who) != "closed"}:
            yield MicrophonesSwitched(dict.fromkeys(sorted(closed), "closed"))


class MicrophonesLocked(Event, tag="microphones.locked"):
    """These may not open their own microphone any more, or may again. `everybody`: so it is for sites that come
    later."""

    who: tuple[Id, ...]
    locked: bool
    everybody: bool = False

    def apply(self, meeting: Meeting) -> Meeting:
        before = set(meeting.locked)
        after = before | set(self.who) if self.locked else before - set(self.who)
        newcomers = self.locked if self.everybody else meeting.locks_newcomers
        return replace(meeting, locked=tuple(sorted(after)), locks_newcomers=newcomers)


class PinStage(Command, tag="stage.pin"):
    """The desk or the technician keeps one site or person on stage; an empty name lets the floor decide again."""

    who: Line
    permits: ClassVar = SWITCHERS
    phases: ClassVar = AROUND

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        if self.who:
            _principal(meeting, self.who)
            if waits(meeting, self.who):
                raise Refused("stage.waits", name=meeting.site(self.who).name)
        if meeting.pinned != self.who:
            yield StagePinned(self.who)


class StagePinned(Event, tag="stage.pinned"):
    """Somebody stays on stage; empty: the floor decides."""

    who: Line

    def apply(self, meeting: Meeting) -> Meeting:
        return replace(meeting, pinned=self.who)


class ArrangeStage(Command, tag="stage.arrange"):
    """The desk or the technician has all sites show the pictures in one way; empty: each site's screen as it does."""

    layout: Layout
    permits: ClassVar = SWITCHERS
    phases: ClassVar = AROUND

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        if meeting.layout != self.layout:
            yield StageArranged(self.layout)


class StageArranged(Event, tag="stage.arranged"):
    """All sites show the pictures in this way; empty: no longer."""

    layout: Layout

    def apply(self, meeting: Meeting) -> Meeting:
        return replace(meeting, layout=self.layout)


class ShareScreen(Command, tag="screen.share"):
    """A presenter shows their screen to everybody, or stops; the desk may stop anybody's."""

    sharing: bool
    permits: ClassVar = PRESENTERS
    phases: ClassVar = RUNNING

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        if self.sharing and meeting.sharing not in {"", by.person} and not by.roles & DESK:
            raise Refused("screen.shared_by_other")
        if not self.sharing and meeting.sharing not in {"", by.person} and not by.roles & DESK:
            raise Refused("screen.shared_by_other")
        wanted = by.person if self.sharing else ""
        if meeting.sharing != wanted:
            yield ScreenShared(wanted)


class ScreenShared(Event, tag="screen.shared"):
    """Somebody's screen is shown; empty: nobody's."""

    who: Line

    def apply(self, meeting: Meeting) -> Meeting:
        return replace(meeting, sharing=self.who)


class Grants(msgspec.Struct, frozen=True):
    """What the forwarder enforces: who may be heard, who holds the floor, who is on stage, whose screen is shown."""

    audible: frozenset[str]
    floor: str
    stage: str
    screen: str


def grants(meeting: Meeting) -> Grants:
    """The grants that follow from the meeting as it stands.

    Before the opening everybody may test picture and sound. While the meeting sits the chair is heard; others while
    they hold the floor, or when the desk opened their microphone. In a break nobody is heard, who waits to be let in
    never is, and who may not open their own microphone only by the floor or the desk's hand. When is said by `not_yet`.
    """
    floor = floor_principals(meeting)
    if meeting.phase not in AROUND:
        return Grants(frozenset(), "", "", "")
    heard = chair_principals(meeting) | floor
    if meeting.phase == "published":
        heard |= {who for who in everybody(meeting) if not is_locked(meeting, who)}
    by_hand = meeting.microphones
    audible = {who for who in heard | set(by_hand) if by_hand.get(who, "open" if who in heard else "closed") == "open"}
    audible = set() if meeting.phase == "break" else {who for who in audible if not waits(meeting, who)}
    speaker = speaker_principal(meeting)
    stage = meeting.pinned or speaker or main_site(meeting) or meeting.chair
    return Grants(frozenset(audible), speaker, stage, meeting.sharing)


def not_yet(meeting: Meeting, now: Millis) -> set[str]:
    """The principals whose microphone the floor will open in a moment: until then they are not heard, but for those
    that carry the chair."""
    speech = meeting.speaking
    if speech is None or speech.opens_at <= now:
        return set()
    return floor_principals(meeting) - chair_principals(meeting)


def everybody(meeting: Meeting) -> set[str]:
    """All principals."""
    return {*meeting.sites, *meeting.members}


def waits(meeting: Meeting, who: str) -> bool:
    """Whether this is a site that has not been let in yet; the main site and the chair's never wait."""
    site = meeting.sites.get(who)
    if not meeting.waiting_room or site is None or site.main or who in meeting.admitted:
        return False
    return who not in chair_principals(meeting)


def is_locked(meeting: Meeting, who: str) -> bool:
    """Whether somebody may not open their own microphone; whoever carries the chair always may."""
    return who in meeting.locked and who not in chair_principals(meeting)


def main_site(meeting: Meeting) -> str:
    """The main site's id, or empty."""
    return next((site.id for site in meeting.sites.values() if site.main), "")


def place_of(meeting: Meeting, person: str) -> str:
    """The principal whose camera and microphone carry this person: their site, the main room, or themselves."""
    member = meeting.members.get(person)
    if member is None:
        return ""
    if member.attendance.state == "online":
        return person
    if member.attendance.state == "room":
        return main_site(meeting) or person
    return member.site or main_site(meeting) or person


def speaker_principal(meeting: Meeting) -> str:
    """Where the speaker is heard from; empty when nobody has the floor."""
    return place_of(meeting, meeting.speaking.person) if meeting.speaking else ""


def floor_principals(meeting: Meeting) -> set[str]:
    """The principals whose microphone the floor opens: of a site on the telephone also that of the main room, where
    its voice comes from."""
    speaker = speaker_principal(meeting)
    carries = main_site(meeting) if meeting.telephone_of(speaker) else ""
    return {place for place in (speaker, carries) if place}


def chair_principals(meeting: Meeting) -> set[str]:
    """The principals that carry whoever chairs, or holds the controls."""
    return {place for who in (meeting.chair, meeting.controlling) if (place := place_of(meeting, who))}


def _senders(meeting: Meeting) -> set[str]:
    """Sites, and who takes part alone: whoever has a microphone of their own here."""
    return {*meeting.sites, *(member for member in meeting.members if place_of(meeting, member) == member)}


def _principal(meeting: Meeting, who: str) -> None:
    if who not in meeting.sites and who not in meeting.members:
        raise Refused("member.unknown")
