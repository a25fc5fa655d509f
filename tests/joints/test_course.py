"""The log of a whole meeting, as the minutes are told of it."""

from __future__ import annotations

import msgspec

from server.config import RecordSettings
from server.joints.course import course_of
from server.meetings.acts import tag_of
from server.records.course import Course, Presence
from server.streams import Entry, StreamId
from tests.meetings.scenario import START, Play, opened, whole


def told(play: Play) -> Course:
    """The course of what was played; one second passes between two events."""
    entries = [
        Entry(
            stream=StreamId("meeting:m-1"),
            version=number,
            at=START + 1000 * number,
            by="chair",
            order_of="",
            type=tag_of(event),
            data=msgspec.Raw(msgspec.json.encode(event)),
        )
        for number, (_, event, _) in enumerate(play.steps, 1)
    ]
    return course_of(entries, play.meeting, RecordSettings(agency="ỦY BAN NHÂN DÂN TỈNH LAM GIANG"))


def test_the_meeting_begins_is_quorate_and_ends_as_the_log_says() -> None:
    course = told(whole())
    assert course.agency == "ỦY BAN NHÂN DÂN TỈNH LAM GIANG"
    assert course.began_at is not None and course.ended_at is not None and course.began_at < course.ended_at
    assert course.quorum is not None and course.quorum.event == course.event
    assert [(rest.ended is not None and rest.began < rest.ended) for rest in course.breaks] == [True]


def test_who_chaired_when_stands_there_by_name() -> None:
    assert [period.chair.name for period in told(whole()).chairs] == [
        "Phạm Hồng Sơn",
        "Lê Thị Minh Nguyệt",
        "Phạm Hồng Sơn",
    ]


def test_the_roll_has_voters_and_whoever_came_but_no_technician() -> None:
    roll = {one.id: one for one in told(whole()).attendance}
    assert "technician" not in roll
    assert roll["guest"].presence is Presence.ONLINE and roll["guest"].guest
    assert roll["substitute"].substitutes is not None
    assert roll["substitute"].substitutes.name == "Lưu Thị Bích Thảo"
    assert roll["second"].site == "Điểm cầu xã Thường Xuân"


def test_speeches_and_ballots_lie_under_their_items() -> None:
    first, *_ = told(whole()).items
    assert [(one.speaker.name, one.kind) for one in first.speeches] == [
        ("Lưu Thị Bích Thảo", "speech"),
        ("Vi Văn Thiết", "question"),
    ]
    ballots = [ballot for item in told(whole()).items for ballot in item.ballots]
    by_tablet, by_hands = ballots
    assert {count.option: count.count for count in by_tablet.counts} == {
        "Tán thành": 3,
        "Không tán thành": 1,
        "Không biểu quyết": 0,
    }
    assert "không" not in by_tablet.result and by_tablet.not_voted == 0
    assert by_hands.result.endswith("không được thông qua"), "half of all is not more than half"


def test_a_meeting_that_has_not_ended_has_no_end_and_one_without_opening_no_chair() -> None:
    course = told(opened())
    assert course.ended_at is None and course.ended_event == 0
    assert len(course.chairs) == 1


def test_every_piece_names_the_event_it_comes_from() -> None:
    course = told(whole())
    pieces = [
        *course.chairs,
        *course.breaks,
        *(one for item in course.items for one in (*item.speeches, *item.ballots)),
    ]
    assert all(piece.event > 0 for piece in pieces)
    assert all(one.event > 0 for one in course.attendance if one.presence is not Presence.ABSENT)
