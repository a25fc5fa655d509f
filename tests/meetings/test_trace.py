"""Every change of the attendance is traced: who recorded it, when, from what to what."""

from __future__ import annotations

import msgspec

from server.meetings.acts import tag_of, write_event
from server.meetings.trace import Recorded, trace
from server.streams import Entry, StreamId
from tests.meetings.scenario import PEOPLE, START, Play, prepared


class Kept:
    """A published meeting whose log is kept with who acted."""

    def __init__(self) -> None:
        self.play: Play = prepared()
        self.by: dict[int, str] = {}
        self.does("secretary", "meeting.publish")

    def does(self, person: str, tag: str, /, **fields: object) -> None:
        before = len(self.play.steps)
        self.play.does(person, tag, **fields)
        self.by |= dict.fromkeys(range(before, len(self.play.steps)), person)

    def lines(self) -> list[Recorded]:
        return trace(
            Entry(
                StreamId("meeting:m-1"),
                number + 1,
                START + number,
                self.by.get(number, "secretary"),
                "",
                tag_of(event),
                msgspec.Raw(msgspec.json.encode(write_event(event))),
            )
            for number, (_, event, _) in enumerate(self.play.steps)
        )


def test_a_late_correction_says_from_what_to_what_and_who_made_it() -> None:
    kept = Kept()
    kept.does("delegate", "attendance.arrive", place="room")
    kept.does("secretary", "attendance.record", person="delegate", state="absent", excused=True, reason="Ốm")
    first, second = kept.lines()
    assert (first.by, first.before.state, first.after.state, first.corrected) == ("delegate", "expected", "room", False)
    assert (second.by, second.name, second.corrected) == ("secretary", "Lưu Thị Bích Thảo", True)
    assert (second.before.state, second.after.state, second.after.reason) == ("room", "absent", "Ốm")


def test_checking_somebody_in_the_first_time_corrects_nothing() -> None:
    kept = Kept()
    kept.does("secretary", "attendance.record", person="guest", state="room")
    assert [line.corrected for line in kept.lines()] == [False]


def test_what_is_put_on_record_only_afterwards_is_traced_although_nothing_stood_there() -> None:
    kept = Kept()
    kept.does("secretary", "attendance.record", person="guest", state="room", at=START - 600_000)
    assert [line.corrected for line in kept.lines()] == [True]


def test_what_is_put_on_record_after_the_closing_is_traced() -> None:
    kept = Kept()
    for person in ("chair", "deputy", "delegate"):
        kept.does(person, "attendance.arrive", place="room")
    kept.does("chair", "meeting.open")
    kept.does("chair", "meeting.close")
    kept.does("secretary", "attendance.record", person="guest", state="absent", excused=True, reason="Ốm")
    assert [line.name for line in kept.lines() if line.corrected] == [PEOPLE["guest"].name]


def test_a_substitute_is_named_with_whom_they_replace() -> None:
    kept = Kept()
    kept.does("secretary", "attendance.substitute", person="delegate", substitute="substitute", reason="Đi công tác")
    kept.does("substitute", "attendance.arrive", place="room")
    named, came = kept.lines()
    assert (named.name, named.substitute, named.after.reason) == ("Lưu Thị Bích Thảo", "Mai Thị Xuân", "Đi công tác")
    assert (came.name, came.before.state, came.corrected) == ("Mai Thị Xuân", "expected", False)


def test_taking_a_substitute_back_is_traced_with_their_name_and_so_is_another_in_their_place() -> None:
    kept = Kept()
    kept.does("secretary", "attendance.substitute", person="delegate", substitute="substitute", reason="Ốm")
    kept.does("secretary", "attendance.substitute", person="delegate", substitute="stranger", reason="Ốm")
    kept.does("secretary", "attendance.substitute", person="delegate", substitute="")
    named, changed, taken_back = kept.lines()
    assert (named.substitute, named.taken_back) == ("Mai Thị Xuân", "")
    assert (changed.substitute, changed.taken_back) == (PEOPLE["stranger"].name, "Mai Thị Xuân")
    assert (taken_back.name, taken_back.substitute) == ("Lưu Thị Bích Thảo", "")
    assert (taken_back.taken_back, taken_back.by, taken_back.corrected) == (PEOPLE["stranger"].name, "secretary", True)
    assert taken_back.before == taken_back.after == changed.after, "their absence stays until somebody says otherwise"


def test_saying_the_same_again_corrects_nothing_but_another_hour_does() -> None:
    kept = Kept()
    kept.does("delegate", "attendance.arrive", place="room")
    since = kept.play.meeting.members["delegate"].attendance.since
    kept.does("secretary", "attendance.record", person="delegate", state="room")
    kept.does("secretary", "attendance.record", person="delegate", state="room", at=since - 600_000)
    assert [line.corrected for line in kept.lines()] == [False, False, True]
