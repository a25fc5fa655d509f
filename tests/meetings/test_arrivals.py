"""A newer file takes a paper's place while the meeting goes on."""

from __future__ import annotations

from server.meetings.acts import Event, tag_of
from tests.meetings.scenario import Play, opened

NEWER = "b" * 64


def arrives(play: Play, pages: int) -> list[str]:
    acts = play.house("paper.prepare", paper="p-all", state="ready", version=NEWER, pages=pages)
    return [tag_of(act) for act in acts if isinstance(act, Event)]


def shown_at(page: int) -> Play:
    play = opened()
    play.does("chair", "paper.show", paper="p-all", page=page)
    return play


def test_everybody_goes_to_the_newer_version_on_the_page_that_is_shown() -> None:
    play = shown_at(7)
    assert arrives(play, 30) == ["paper.ready"]
    assert play.meeting.shown is not None
    assert (play.meeting.papers["p-all"].version, play.meeting.shown.page) == (NEWER, 7)


def test_a_shorter_version_shows_its_last_page_instead_of_one_it_does_not_have() -> None:
    play = shown_at(20)
    assert arrives(play, 9) == ["paper.ready", "page.turned"]
    assert play.meeting.shown is not None
    assert play.meeting.shown.page == 9


def test_a_paper_that_is_not_on_screen_turns_no_page() -> None:
    play = opened()
    assert arrives(play, 1) == ["paper.ready"]
    play.does("chair", "paper.show", paper="p-members", page=20)
    assert play.house("paper.prepare", paper="p-all", state="ready", version="c" * 64, pages=2)
    assert play.meeting.shown is not None
    assert play.meeting.shown.page == 20
