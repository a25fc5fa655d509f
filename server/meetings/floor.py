"""The floor: one register in one order, one person speaking at a time, a clock that everybody sees."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, ClassVar, Literal

from msgspec import Meta
from msgspec.structs import replace

from server.clock import Millis
from server.errors import Refused
from server.meetings.acts import SITTING, Audience, By, Command, Event, Moment, VoteCast
from server.meetings.conference import MicrophonesSwitched, chair_principals, place_of, waits
from server.meetings.guests import invited_to, sees_item
from server.meetings.meeting import Meeting, Request, Speech
from server.meetings.roles import ATTENDEES, DESK, Role
from server.meetings.waiting import SitesAdmitted
from server.meetings.words import Id, Line

Kind = Literal["speech", "question", "order"]
Extension = Annotated[int, Meta(ge=1, le=120)]
MINUTE: Millis = 60_000
BREATH: Millis = 3_000
"""Between the invitation and the open microphone ("Micrô mở sau 3 giây"): nobody is heard unawares."""
LONGEST_REGISTER = 500


class RequestFloor(Command, tag="floor.request"):
    """A person registers to speak on the current item, with a topic; `question` names the person questioned."""

    topic: Line = ""
    kind: Kind = "speech"
    to: Line = ""
    permits: ClassVar = ATTENDEES

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | VoteCast]:
        if meeting.requests_closed and self.kind != "order":
            raise Refused("floor.register_closed")
        if any(request.person == by.person for request in meeting.requests):
            raise Refused("floor.already_registered")
        if len(meeting.requests) >= LONGEST_REGISTER:
            raise Refused("floor.register_full")
        if self.to:
            meeting.member(self.to)
        item = meeting.current.id if meeting.current else ""
        if item and not invited_to(meeting, item, by.person):
            raise Refused("floor.not_your_item")
        entered = Request(moment.fresh_id(), by.person, item, self.topic, meeting.next_seq, moment.now)
        yield FloorRequested(replace(entered, kind=self.kind, to=self.to))


class FloorRequested(Event, tag="floor.requested"):
    """Somebody stands in the register."""

    request: Request

    def audience(self, meeting: Meeting) -> Audience:
        return sees_item(meeting, self.request.item)

    def apply(self, meeting: Meeting) -> Meeting:
        ahead = tuple(r for r in meeting.requests if r.kind == "order") if self.request.kind == "order" else None
        if ahead is None:
            requests = (*meeting.requests, self.request)
        else:
            # A point of order goes before the speeches, behind earlier points of order.
            requests = (*ahead, self.request, *(r for r in meeting.requests if r.kind != "order"))
        return replace(meeting, requests=requests, next_seq=self.request.seq + 1)


class WithdrawRequest(Command, tag="floor.withdraw"):
    """A person takes their registration back; the desk may strike anybody's."""

    request: Id
    permits: ClassVar = ATTENDEES | DESK
    phases: ClassVar = SITTING | {"break"}

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | VoteCast]:
        request = _request(meeting, self.request)
        if request.person != by.person and not by.roles & DESK:
            raise Refused("floor.not_yours")
        yield FloorWithdrawn(self.request)


class FloorWithdrawn(Event, tag="floor.withdrawn"):
    """A registration is gone."""

    request: Id

    def apply(self, meeting: Meeting) -> Meeting:
        return replace(meeting, requests=tuple(r for r in meeting.requests if r.id != self.request))


class OrderRegister(Command, tag="floor.order"):
    """The desk moves a registration before another one; an empty `before` moves it to the end."""

    request: Id
    before: Line = ""
    permits: ClassVar = DESK

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | VoteCast]:
        _request(meeting, self.request)
        order = [r.id for r in meeting.requests if r.id != self.request]
        if self.before:
            _request(meeting, self.before)
        place = order.index(self.before) if self.before in order else len(order)
        order.insert(place, self.request)
        if order != [r.id for r in meeting.requests]:
            yield RegisterOrdered(tuple(order))


class RegisterOrdered(Event, tag="floor.ordered"):
    """The register stands in this order."""

    order: tuple[Id, ...]

    def apply(self, meeting: Meeting) -> Meeting:
        return replace(meeting, requests=tuple(_request(meeting, request) for request in self.order))


class CloseRegister(Command, tag="floor.register"):
    """The desk closes the register, or opens it again; points of order remain possible."""

    closed: bool
    permits: ClassVar = DESK

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | VoteCast]:
        if meeting.requests_closed != self.closed:
            yield RegisterClosed(self.closed)


class RegisterClosed(Event, tag="floor.register_closed"):
    """Nobody can register any more, or they can again."""

    closed: bool

    def apply(self, meeting: Meeting) -> Meeting:
        return replace(meeting, requests_closed=self.closed)


class InviteSpeaker(Command, tag="floor.invite"):
    """The desk gives somebody the floor, registered or not; whoever spoke before is thereby at an end.

    Zero minutes means the meeting type's usual time. The microphone opens three seconds later, `at_once` without that.
    A site that waits is let in by it.
    """

    person: Id
    minutes: Annotated[int, Meta(ge=0, le=600)] = 0
    topic: Line = ""
    at_once: bool = False
    permits: ClassVar = DESK

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | VoteCast]:
        member = meeting.member(self.person)
        if not member.attendance.present:
            raise Refused("floor.not_present", name=member.name)
        if any(ballot.state == "open" for ballot in meeting.ballots.values()):
            raise Refused("floor.ballot_open")
        if meeting.speaking and meeting.speaking.person == self.person:
            raise Refused("floor.speaking_already")
        yield from end_speech(meeting, moment)
        place = place_of(meeting, self.person)
        if waits(meeting, place):
            yield SitesAdmitted((place,))
        request = next((r for r in meeting.requests if r.person == self.person), None)
        yield SpeakerInvited(self._speech(meeting, by, moment, request), request.id if request else "")
        if meeting.microphones.get(place) == "closed":
            # Whoever is given the floor is to be heard, whatever was closed by hand before.
            yield MicrophonesSwitched({place: "open"})

    def _speech(self, meeting: Meeting, by: By, moment: Moment, request: Request | None) -> Speech:
        allotted = (self.minutes or meeting.rules.speaking_minutes) * MINUTE
        item = request.item if request else (meeting.current.id if meeting.current else "")
        topic = self.topic or (request.topic if request else "")
        kind: Kind = request.kind if request else "speech"
        opens_at = moment.now if self.at_once else moment.now + BREATH
        return Speech(moment.fresh_id(), self.person, item, topic, moment.now, allotted, by.person, kind, opens_at)


class SpeakerInvited(Event, tag="floor.invited"):
    """Somebody has the floor: microphone permitted, on stage, clock running."""

    speech: Speech
    request: Line

    def audience(self, meeting: Meeting) -> Audience:
        return sees_item(meeting, self.speech.item)

    def apply(self, meeting: Meeting) -> Meeting:
        requests = tuple(r for r in meeting.requests if r.id != self.request)
        return replace(meeting, speaking=self.speech, requests=requests)


class OpenNow(Command, tag="floor.open_now"):
    """The desk has the speaker's microphone open at once, before the seconds of warning are over."""

    permits: ClassVar = DESK

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | VoteCast]:
        speech = _speaking(meeting)
        if speech.opens_at > moment.now:
            yield SpeechBegun(speech.id, moment.now)


class SpeechBegun(Event, tag="floor.opened"):
    """The speaker's microphone opens now."""

    speech: Id
    at: Millis

    def apply(self, meeting: Meeting) -> Meeting:
        return replace(meeting, speaking=replace(_speaking(meeting), opens_at=self.at))


class ExtendSpeech(Command, tag="floor.extend"):
    """The desk gives the speaker more minutes."""

    minutes: Extension = 2
    permits: ClassVar = DESK

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | VoteCast]:
        speech = _speaking(meeting)
        yield SpeechExtended(speech.id, speech.allotted + self.minutes * MINUTE)


class SpeechExtended(Event, tag="floor.extended"):
    """The speaker has more time: this much in all."""

    speech: Id
    allotted: Millis

    def apply(self, meeting: Meeting) -> Meeting:
        return replace(meeting, speaking=replace(_speaking(meeting), allotted=self.allotted))


class EndSpeech(Command, tag="floor.end"):
    """The desk, or the speaker, ends the speech; the microphone closes on the server."""

    permits: ClassVar = DESK | ATTENDEES | {Role.SYSTEM}

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | VoteCast]:
        speech = _speaking(meeting)
        if speech.person != by.person and not by.roles & (DESK | {Role.SYSTEM}):
            raise Refused("floor.not_yours")
        yield from end_speech(meeting, moment)


class SpeechEnded(Event, tag="floor.ended"):
    """A speech is over; it took this long."""

    speech: Id
    person: Id
    item: Line
    topic: Line
    kind: Kind
    began_at: Millis
    at: Millis

    def audience(self, meeting: Meeting) -> Audience:
        return sees_item(meeting, self.item)

    def apply(self, meeting: Meeting) -> Meeting:
        spoken = meeting.spoken.get(self.person, 0) + self.at - self.began_at
        return replace(meeting, speaking=None, spoken={**meeting.spoken, self.person: spoken})


def end_speech(meeting: Meeting, moment: Moment) -> Iterable[Event]:
    """What ends the speech under way, if there is one."""
    speech = meeting.speaking
    if speech is not None:
        known = (speech.id, speech.person, speech.item, speech.topic, speech.kind, speech.began_at)
        yield SpeechEnded(*known, at=moment.now)
        place = place_of(meeting, speech.person)
        if meeting.microphones.get(place) == "open" and place not in chair_principals(meeting):
            # What was opened for the speech closes with it.
            yield MicrophonesSwitched({place: "closed"})


def quietest_first(meeting: Meeting) -> list[Request]:
    """The register with those first who have spoken least; an offer to the chair, not the order."""
    return sorted(meeting.requests, key=lambda r: (r.kind != "order", meeting.spoken.get(r.person, 0), r.seq))


def _request(meeting: Meeting, request_id: str) -> Request:
    for request in meeting.requests:
        if request.id == request_id:
            return request
    raise Refused("floor.request_unknown")


def _speaking(meeting: Meeting) -> Speech:
    if meeting.speaking is None:
        raise Refused("floor.nobody_speaks")
    return meeting.speaking
