"""One sentence on all screens, and when it goes."""

from __future__ import annotations

import pytest

from server.errors import Forbidden
from server.joints.due import due
from tests.meetings.scenario import Play, opened

QUARTER_MS = 15 * 60_000


@pytest.fixture
def play() -> Play:
    return opened()


def test_a_notice_stands_until_it_is_taken_back(play: Play) -> None:
    play.does("secretary", "notice.post", text="Mời các đồng chí về chỗ")
    assert (play.meeting.notice, play.meeting.notice_until) == ("Mời các đồng chí về chỗ", 0)
    assert list(due(play.meeting)) == []
    play.does("chair", "notice.post", text="")
    assert play.meeting.notice == ""


def test_a_notice_with_an_end_is_taken_down_by_the_house_and_not_before(play: Play) -> None:
    play.does("secretary", "notice.post", text="Giải lao", minutes=15)
    posted = play.clock.now()
    (act,) = due(play.meeting)
    assert act.at == play.meeting.notice_until == posted + QUARTER_MS
    assert play.house("notice.end") == []
    play.clock.advance(QUARTER_MS)
    play.performs("house", act.command, {"system"})
    assert (play.meeting.notice, play.meeting.notice_until) == ("", 0)
    assert play.house("notice.end") == []


def test_the_end_of_a_notice_is_not_that_of_the_one_that_followed_it(play: Play) -> None:
    play.does("secretary", "notice.post", text="Giải lao", minutes=1)
    play.does("secretary", "notice.post", text="Họp tiếp", minutes=30)
    play.clock.advance(2 * 60_000)
    assert play.house("notice.end") == []
    assert play.meeting.notice == "Họp tiếp"


def test_the_same_sentence_with_another_end_is_posted_again(play: Play) -> None:
    play.does("secretary", "notice.post", text="Giải lao")
    assert play.does("secretary", "notice.post", text="Giải lao") == []
    play.does("secretary", "notice.post", text="Giải lao", minutes=5)
    assert play.meeting.notice_until > 0


def test_nobody_but_the_house_ends_a_notice_by_the_clock_and_closing_clears_it(play: Play) -> None:
    with pytest.raises(Forbidden):
        play.does("chair", "notice.end")
    play.does("secretary", "notice.post", text="Giải lao", minutes=5)
    play.does("chair", "meeting.close")
    assert (play.meeting.notice, play.meeting.notice_until) == ("", 0)
    assert list(due(play.meeting)) == []
