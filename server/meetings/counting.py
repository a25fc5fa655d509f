"""Results that were counted in the hall: by a show of hands or on paper, at once or afterwards, always with a trace.

What the tellers wrote down must add up, or it is refused in words; nothing is corrected by the software.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Annotated, ClassVar, Literal

from msgspec import Meta

from server.canonical import digest
from server.clock import Millis
from server.errors import Refused
from server.meetings.acts import EVERYWHERE, RUNNING, By, Command, Event, Moment, Row, VoteCast, order_of
from server.meetings.announcing import BallotAnnounced
from server.meetings.ballot import Ballot, CountSheet, Entered
from server.meetings.meeting import Meeting
from server.meetings.results import choice_of, count, decided
from server.meetings.roles import RECORDERS
from server.meetings.votes import BallotClosed, BallotCounted, BallotOpened, voters_now
from server.meetings.words import Id, Line, Time

Count = Annotated[int, Meta(ge=0, le=100_000)]


class RecordCount(Command, tag="ballot.record"):
    """The secretary or the desk enters what was counted by a show of hands, or on paper with the tellers' sheet; of a
    show of hands also who raised theirs for what (`votes`), into the same ledger as the tablets' votes."""

    ballot: Id
    tally: dict[Id, Count]
    chair_choice: Line = ""
    issued: Count = 0
    returned: Count = 0
    invalid: Count = 0
    blank: Count = 0
    votes: dict[Id, Id] = {}
    permits: ClassVar = RECORDERS
    phases: ClassVar = RUNNING
    for_chair: ClassVar = phases

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        ballot = meeting.ballot(self.ballot)
        if ballot.state != "open" or ballot.on_tablets:
            raise Refused("ballot.not_by_hands")
        sheet = CountSheet(self.issued, self.returned, self.invalid) if ballot.method == "paper" else None
        cast = counted(ballot, self.tally, sheet, self.blank)
        entered = Entered(by.person, moment.now, order_of(self, meeting, by))
        yield from self._by_name(ballot, moment)
        yield BallotClosed(self.ballot, moment.now, cast, entered=entered)
        found = decided(ballot, self.tally, self.votes.get(meeting.chair, self.chair_choice), self.blank)
        sealed = digest(self.votes or self.tally)
        yield BallotCounted(self.ballot, self.tally, found.result, cast, sheet, found.chosen, sealed, found.by_chair)

    def _by_name(self, ballot: Ballot, moment: Moment) -> Iterable[VoteCast]:
        """Who raised their hand for what, where that was written down: it must be what was counted."""
        if not self.votes:
            return
        if ballot.method != "hands" or not set(self.votes) <= set(ballot.electorate):
            raise Refused("ballot.not_your_mandate")
        if count(ballot, (choice_of(ballot, said) for said in self.votes.values()))[0] != self.tally:
            raise Refused("ballot.names_do_not_add_up")
        for mandate, choice in self.votes.items():
            yield VoteCast(self.ballot, mandate, choice, ballot.electorate[mandate], moment.now)


class EnterResult(Command, tag="ballot.enter"):
    """The secretary enters afterwards what was voted and announced in the hall while the system was away: who might
    vote follows from the attendance, which is entered first; why and when it was voted stands beside it for good."""

    ballot: Id
    method: Literal["hands", "paper"]
    tally: dict[Id, Count]
    taken_at: Time
    reason: Annotated[str, Meta(min_length=1, max_length=600)]
    chair_choice: Line = ""
    issued: Count = 0
    returned: Count = 0
    invalid: Count = 0
    blank: Count = 0
    permits: ClassVar = RECORDERS
    phases: ClassVar = EVERYWHERE - {"draft"}
    for_chair: ClassVar = phases

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        ballot = meeting.ballot(self.ballot)
        if ballot.state not in {"planned", "open"}:
            raise Refused("ballot.has_result")
        if self.taken_at > moment.now:
            raise Refused("ballot.not_yet_taken")
        if ballot.method == "secret" and self.method != "paper":
            raise Refused("ballot.secret_on_paper")
        if ballot.method == "secret" and ballot.state == "open":
            raise Refused("ballot.secret_under_way")
        opened = self._opened(meeting, ballot)
        yield opened
        ballot = opened.apply(meeting).ballot(self.ballot)
        sheet = CountSheet(self.issued, self.returned, self.invalid) if self.method == "paper" else None
        cast = counted(ballot, self.tally, sheet, self.blank)
        entered = Entered(by.person, moment.now, order_of(self, meeting, by), self.taken_at, self.reason)
        found = decided(ballot, self.tally, self.chair_choice, self.blank)
        yield BallotClosed(self.ballot, self.taken_at, cast, entered=entered)
        told = (sheet, found.chosen)
        sealed = digest(self.tally)
        yield BallotCounted(self.ballot, self.tally, found.result, cast, *told, sealed, found.by_chair)
        yield BallotAnnounced(self.ballot, self.tally, found.result, {}, moment.now, *told, found.by_chair)

    def _opened(self, meeting: Meeting, ballot: Ballot) -> BallotOpened:
        if ballot.state == "open":
            # What was opened here keeps its electorate; what was cast on tablets meanwhile is not counted.
            return BallotOpened(ballot.id, ballot.electorate, ballot.of_all, ballot.opened_at, self.method)
        later = _came_since(meeting, self.taken_at)
        there = {mandate: holder for mandate, holder in voters_now(meeting).items() if holder not in later}
        electorate = there | _left_since(meeting, self.taken_at)
        if not electorate:
            raise Refused("ballot.attendance_first")
        of_all = sum(1 for member in meeting.members.values() if member.mandate)
        return BallotOpened(ballot.id, electorate, of_all, self.taken_at, self.method)


def counted(ballot: Ballot, tally: Mapping[str, int], sheet: CountSheet | None, blank: int = 0) -> int:
    """How many voted, when what was counted adds up; else a `Refused` that says what does not."""
    if set(tally) != {option.key for option in ballot.options}:
        raise Refused("ballot.no_such_option")
    total, electorate = sum(tally.values()), len(ballot.electorate)
    if sheet is None:
        total += blank if ballot.kind != "question" else 0
        if total > electorate:
            raise Refused("ballot.more_than_electorate", total=total, electorate=electorate)
        return total
    if sheet.issued > electorate:
        raise Refused("ballot.more_issued_than_electorate", issued=sheet.issued, electorate=electorate)
    if sheet.returned > sheet.issued:
        raise Refused("ballot.more_returned_than_issued", returned=sheet.returned, issued=sheet.issued)
    if ballot.places > 1:
        _several(ballot, tally, sheet, blank)
        return sheet.returned
    empty = blank if ballot.kind != "question" else 0
    if total + empty + sheet.invalid != sheet.returned:
        invalid = empty + sheet.invalid
        raise Refused("ballot.papers_do_not_add_up", total=total, invalid=invalid, returned=sheet.returned)
    return sheet.returned


def _several(ballot: Ballot, tally: Mapping[str, int], sheet: CountSheet, blank: int) -> None:
    """Papers on which several may be chosen: nobody has more votes than there are papers with a name on them."""
    named = sheet.returned - sheet.invalid - blank
    total, most = sum(tally.values()), max(tally.values())
    if named < 0 or most > named or not named <= total <= named * ballot.places:
        raise Refused("ballot.more_votes_than_papers", total=total, most=most, named=max(named, 0))


def _came_since(meeting: Meeting, taken_at: Millis) -> set[str]:
    """Who is on record as late, and came only after the vote was taken."""
    return {
        member.id
        for member in meeting.members.values()
        if member.attendance.present and member.attendance.late and member.attendance.since > taken_at
    }


def _left_since(meeting: Meeting, taken_at: Millis) -> dict[str, str]:
    """Members who were still there when the vote was taken, and went home later."""
    return {
        member.id: member.id
        for member in meeting.members.values()
        if member.mandate and member.attendance.state == "left" and member.attendance.since > taken_at
    }
