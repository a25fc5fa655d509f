"""The log, told for whoever watches."""

from __future__ import annotations

import itertools

import msgspec

from server.joints.recording.desk import captions, wanted
from server.joints.recording.timeline import Happened, happened, seen_by, shown_to_members
from server.meetings.acts import tag_of, write_event
from server.meetings.meeting import Meeting
from server.meetings.rules import Rules
from server.streams import Entry, StreamId
from tests.meetings.scenario import Play, opened, whole

START = 1_760_000_000_000


def told(play: Play, pace: int = 1_000) -> Happened:
    blank = Meeting("m-1", "–", Rules(kind="none", name=""))
    entries = [
        Entry(
            StreamId("meeting:m-1"),
            version,
            START + version * pace,
            "",
            "",
            tag_of(event),
            msgspec.Raw(msgspec.json.encode(write_event(event))),
        )
        for version, (_, event, _) in enumerate(play.steps, 1)
    ]
    return happened(blank, entries)


def test_pages_items_speakers_and_votes_stand_in_order_with_their_moments() -> None:
    course = told(whole())
    for marks in (course.pages, course.items, course.speakers, course.votes):
        moments = [one.at for one in marks]
        assert moments == sorted(moments) and moments
    shown = [(one.title, one.page) for one in course.pages if one.paper]
    assert shown[:3] == [("p-all", 1), ("p-all", 7), ("Báo cáo thẩm định", 2)]
    assert course.pages[-1].paper == "", "the page was taken away"
    assert [one.name for one in course.speakers[:4]] == ["Lưu Thị Bích Thảo", "", "Vi Văn Thiết", ""]
    assert [one.state for one in course.votes][:3] == ["open", "closed", "announced"]
    assert course.names["site-tx"] == "Điểm cầu xã Thường Xuân"
    assert [one.number for one in course.items] == [1, 0, 2, 0]


def test_of_what_happened_at_one_moment_the_last_word_holds() -> None:
    play = whole()
    assert not any(before.at == after.at for before, after in itertools.pairwise(told(play, pace=0).pages))


def test_a_page_for_named_readers_is_not_told_to_others() -> None:
    play = whole()
    course = told(play)
    hidden = [one.at for one in course.pages if one.paper == "p-named"]
    assert hidden
    for person, sees in (("chair", True), ("delegate", False)):
        pages = seen_by(course, play.meeting, person).pages
        assert any(one.paper == "p-named" for one in pages) == sees
        assert [one.at for one in pages] == [one.at for one in course.pages], "that something was shown is no secret"
    film = shown_to_members(course.pages)
    assert not any(one.paper == "p-named" for one in film) and any(one.paper == "p-members" for one in film)


def test_a_page_for_the_screen_only_is_played_to_its_readers_and_in_no_film() -> None:
    play = opened()
    play.does("secretary", "paper.restrict", paper="p-all", screen_only=True)
    play.does("chair", "paper.show", paper="p-all", page=7)
    course = told(play)
    assert any((one.paper, one.page) == ("p-all", 7) for one in seen_by(course, play.meeting, "delegate").pages)
    assert not any((one.paper, one.page) == ("p-all", 7) for one in shown_to_members(course.pages))


def test_no_page_of_an_internal_meeting_is_in_a_film() -> None:
    play = opened()
    about = {"title": "Hội ý", "form": "room", "place": "Phòng 2", "starts_at": 1, "ends_at": 2}
    play.does("secretary", "meeting.describe", **about, internal=True)
    play.does("chair", "paper.show", paper="p-all", page=7)
    assert not any(one.page == 7 for one in shown_to_members(told(play).pages))


def test_a_film_names_who_speaks_and_what_about() -> None:
    words = captions(told(whole()))
    assert any(one.speaker == "Vi Văn Thiết" and one.item.startswith("1. ") for one in words)
    assert words == tuple(sorted(words, key=lambda one: one.at))


def test_the_recorder_is_wanted_while_the_meeting_sits_and_the_chair_has_it_recorded() -> None:
    play = opened()
    play.does("chair", "recording.start")
    assert wanted(5, play.meeting).recording
    play.does("chair", "meeting.pause")
    assert (wanted(6, play.meeting).recording, wanted(6, play.meeting).why) == (False, "paused")
    play.does("chair", "meeting.resume")
    play.does("chair", "recording.pause")
    assert (wanted(7, play.meeting).recording, wanted(7, play.meeting).why) == (False, "paused")
    play.does("chair", "recording.resume")
    play.does("chair", "meeting.close")
    end = wanted(9, play.meeting)
    assert (end.recording, end.why, end.over) == (False, "stopped", True)
    assert end.newer_than(wanted(8, play.meeting))


def test_a_page_of_a_paper_that_was_taken_off_is_told_to_the_desk_alone() -> None:
    play = whole()
    without = msgspec.structs.replace(play.meeting, papers={})
    for person, sees in (("chair", True), ("delegate", False)):
        assert any(one.paper == "p-named" for one in seen_by(told(play), without, person).pages) == sees
