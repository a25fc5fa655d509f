"""Họp nội bộ: nobody takes the papers along, nothing is recorded, and once published it stays so."""

from __future__ import annotations

import pytest

from server.errors import Refused
from server.meetings.papers import kept_back
from tests.meetings.scenario import Play, opened, prepared


@pytest.fixture
def play() -> Play:
    return opened()


def _describes(play: Play, internal: bool | None = None) -> None:
    words = {name: getattr(play.meeting, name) for name in ("title", "form", "place", "starts_at", "ends_at")}
    play.does("secretary", "meeting.describe", **words, internal=internal)


def test_of_an_internal_meeting_no_paper_is_taken_along_and_nothing_is_recorded(play: Play) -> None:
    _describes(play, internal=True)
    assert all(kept_back(play.meeting, paper) for paper in play.meeting.papers.values())
    with pytest.raises(Refused, match=r"recording\.internal"):
        play.does("chair", "recording.start")
    assert not play.meeting.recorded


def test_a_draft_may_be_internal_or_not_and_whoever_says_nothing_of_it_leaves_it() -> None:
    play = prepared()
    for internal, then in ((None, False), (True, True), (None, True), (False, False)):
        _describes(play, internal)
        assert play.meeting.internal is then


def test_once_published_an_internal_meeting_stays_so_and_one_that_is_recorded_does_not_become_so(play: Play) -> None:
    play.does("chair", "recording.start")
    for command in ("recording.pause", "recording.stop"):
        with pytest.raises(Refused, match=r"meeting\.recorded_now"):
            _describes(play, internal=True)
        play.does("chair", command)
    _describes(play, internal=True)
    with pytest.raises(Refused, match=r"meeting\.stays_internal"):
        _describes(play, internal=False)
    _describes(play)
    assert play.meeting.internal
