"""The floor: one person speaking at a time, and a clock that everybody sees; who comes next stands in the register."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, ClassVar, Literal

from msgspec import Meta
from msgspec.structs import replace

from server.clock import Millis
from server.errors import Refused
from server.meetings.acts import Audience, By, Command, Event, Moment, Row
from server.meetings.conference import MicrophonesSwitched, chair_principals, place_of, waits
from server.meetings.guests import sees_item
from server.meetings.meeting import Meeting, Question, Request, Speech
from server.meetings.register import request_in
from server.meetings.roles import ATTENDEES, DESK, Role
from server.meetings.waiting import SitesAdmitted
from server.meetings.words import Id, Line

Kind = Literal["speech", "question", "order", "reply"]
Extension = Annotated[int, Meta(ge=1, le=120)]
MINUTE: Millis = 60_000
BREATH: Millis = 3_000
"""Between the invitation and the open microphone ("Micrô mở sau 3 giây"): nobody is heard unawares."""


class InviteSpeaker(Command, tag="floor.invite"):
    """The desk gives somebody the floor, registered or not; whoever spoke before is thereby at an end.

    Zero minutes means the meeting type's usual time. The microphone opens three seconds later, `at_once` without that.
    A site that waits is let in by it. `request` says for which of their registrations, `answers` to which question.
    """

    person: Id
    minutes: Annotated[int, Meta(ge=0, le=600)] = 0
    topic: Line = ""
    at_once: bool = False
    request: Line = ""
    answers: Line = ""
    permits: ClassVar = DESK

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        member = meeting.member(self.person)
        if not member.attendance.present:
            raise Refused("floor.not_present", name=member.name)
        if any(ballot.state == "open" for ballot in meeting.ballots.values()):
            raise Refused("floor.ballot_open")
        if meeting.speaking and meeting.speaking.person == self.person:
            raise Refused("floor.speaking_already")
        request = self._request(meeting)
        speech = self._reply(meeting, by, moment) if self.answers else self._speech(meeting, by, moment, request)
        yield from end_speech(meeting, moment)
        place = place_of(meeting, self.person)
        if waits(meeting, place):
            yield SitesAdmitted((place,))
        yield SpeakerInvited(speech, request.id if request else "")
        if meeting.microphones.get(place) == "closed":
            # Whoever is given the floor is to be heard, whatever was closed by hand before.
            yield MicrophonesSwitched({place: "open"})

    def _request(self, meeting: Meeting) -> Request | None:
        """The registration that is taken up: the one named, else theirs for what is being dealt with."""
        if self.request:
            named = request_in(meeting, self.request)
            if named.person != self.person:
                raise Refused("floor.request_unknown")
            return named
        now = {"", meeting.current.id if meeting.current else ""}
        theirs = (r for r in meeting.requests if r.person == self.person and r.item in now)
        return None if self.answers else next(theirs, None)

    def _speech(self, meeting: Meeting, by: By, moment: Moment, request: Request | None) -> Speech:
        if request is not None:
            known = replace(self._begun(meeting, by, moment, request.item), kind=request.kind, to=request.to)
            return replace(known, topic=self.topic or request.topic)
        return self._begun(meeting, by, moment, meeting.current.id if meeting.current else "")

    def _reply(self, meeting: Meeting, by: By, moment: Moment) -> Speech:
        question = put_now(meeting, self.answers) or question_in(meeting, self.answers)
        known = self._begun(meeting, by, moment, question.item)
        return replace(known, topic=self.topic or question.topic, kind="reply", to=question.person, answers=question.id)

    def _begun(self, meeting: Meeting, by: By, moment: Moment, item: str) -> Speech:
        allotted = (self.minutes or meeting.rules.speaking_minutes) * MINUTE
        opens_at = moment.now if self.at_once else moment.now + BREATH
        known = (moment.fresh_id(), self.person, item, self.topic, moment.now, allotted, by.person)
        return Speech(*known, opens_at=opens_at)


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

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
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

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        speech = _speaking(meeting)
        yield SpeechExtended(speech.id, speech.allotted + self.minutes * MINUTE)


class SpeechExtended(Event, tag="floor.extended"):
    """The speaker has more time: this much in all."""

    speech: Id
    allotted: Millis

    def apply(self, meeting: Meeting) -> Meeting:
        return replace(meeting, speaking=replace(_speaking(meeting), allotted=self.allotted))


class EndSpeech(Command, tag="floor.end"):
    """The desk, or the speaker, ends the speech; the microphone closes on the server.

    `speech` names the one that is meant: nobody is cut off because they began just now. The house ends it when the
    time is over, where the meeting's type says so.
    """

    speech: Line = ""
    permits: ClassVar = DESK | ATTENDEES | {Role.SYSTEM}

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        speech = _speaking(meeting)
        if self.speech and self.speech != speech.id:
            raise Refused("floor.speech_over")
        if Role.SYSTEM in by.roles:
            ends = ends_by_itself(meeting)
            if ends is None or moment.now < ends:
                return
        elif speech.person != by.person and not by.roles & DESK:
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
    to: Line = ""
    """Who was questioned, or whose question was answered."""
    answers: Line = ""
    """The question that was answered."""
    turn: int = 0
    """The number of this speech among those of this person, from 1; 0 in logs from before these were counted."""

    def audience(self, meeting: Meeting) -> Audience:
        return sees_item(meeting, self.item)

    def apply(self, meeting: Meeting) -> Meeting:
        spoken = meeting.spoken.get(self.person, 0) + self.at - self.began_at
        turns = {**meeting.turns, self.person: self.turn} if self.turn else meeting.turns
        return replace(
            meeting,
            speaking=None,
            spoken={**meeting.spoken, self.person: spoken},
            turns=turns,
            questions=self._questions(meeting),
        )

    def _questions(self, meeting: Meeting) -> tuple[Question, ...]:
        if self.kind == "question" and self.to:
            return (*meeting.questions, Question(self.speech, self.person, self.to, self.item, self.topic))
        return with_reply(meeting.questions, self.answers, "given")


class PromiseReply(Command, tag="floor.reply_in_writing"):
    """The desk takes down that a question will be answered in writing: it waits no longer."""

    question: Id
    permits: ClassVar = DESK

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        question = question_in(meeting, self.question)
        if question.reply:
            raise Refused("floor.answered")
        yield ReplyPromised(question.id, question.item)


class ReplyPromised(Event, tag="floor.reply_promised"):
    """A question will be answered in writing."""

    question: Id
    item: Line

    def audience(self, meeting: Meeting) -> Audience:
        return sees_item(meeting, self.item)

    def apply(self, meeting: Meeting) -> Meeting:
        return replace(meeting, questions=with_reply(meeting.questions, self.question, "written"))


def with_reply(
    questions: tuple[Question, ...], answered: str, how: Literal["given", "written"]
) -> tuple[Question, ...]:
    """The questions after one of them has been answered."""
    return tuple(replace(one, reply=how) if one.id == answered else one for one in questions)


def put_now(meeting: Meeting, question_id: str) -> Question | None:
    """The question that is being put by whoever speaks: who is questioned may be invited before it is over."""
    speech = meeting.speaking
    if speech is None or speech.id != question_id or speech.kind != "question":
        return None
    return Question(speech.id, speech.person, speech.to, speech.item, speech.topic)


def question_in(meeting: Meeting, question_id: str) -> Question:
    """The question that was put, or `Refused("floor.question_unknown")`."""
    for question in meeting.questions:
        if question.id == question_id:
            return question
    raise Refused("floor.question_unknown")


def ends_by_itself(meeting: Meeting) -> Millis | None:
    """When the house ends the speech under way; None where that is for the desk alone."""
    speech = meeting.speaking
    if speech is None or meeting.rules.speaking_ends != "time":
        return None
    return speech.began_at + speech.allotted + meeting.rules.speaking_grace * 1000


def end_speech(meeting: Meeting, moment: Moment) -> Iterable[Event]:
    """What ends the speech under way, if there is one."""
    speech = meeting.speaking
    if speech is not None:
        # The clock may have been turned back: nobody speaks for less than no time.
        ended_at = max(moment.now, speech.began_at)
        known = (speech.id, speech.person, speech.item, speech.topic, speech.kind, speech.began_at, ended_at)
        turn = meeting.turns.get(speech.person, 0) + 1
        yield SpeechEnded(*known, to=speech.to, answers=speech.answers, turn=turn)
        place = place_of(meeting, speech.person)
        if meeting.microphones.get(place) == "open" and place not in chair_principals(meeting):
            # What was opened for the speech closes with it.
            yield MicrophonesSwitched({place: "closed"})


def _speaking(meeting: Meeting) -> Speech:
    if meeting.speaking is None:
        raise Refused("floor.nobody_speaks")
    return meeting.speaking
