"""Open amendments when their paper is replaced: carried, or said why not; never lost; nothing decided is touched."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from server.meetings.opinions.book import LONGEST_DRAFT, Amendment
from server.meetings.opinions.carrying import Unread, left_behind
from tests.meetings.opinions.play import DRAFT, VERSION, Pages

NEW, NEWER = "b" * 64, "c" * 64
THERE = replace(DRAFT, number=9, page=4, label="khoản 3 Điều 5")


def proposed(**fields: object) -> Pages:
    pages = Pages()
    pages.proposes("delegate", **fields)
    return pages


def only(pages: Pages) -> Amendment:
    (found,) = pages.book.amendments.values()
    return found


def test_a_proposal_goes_with_its_paragraph_and_stays_what_it_was() -> None:
    pages = proposed(reason="Cho sát thực tế.", to="all")
    before = only(pages)
    pages.carries(NEW, THERE)
    after = only(pages)
    assert (after.version, after.passage, after.page, after.place) == (NEW, 9, 4, "khoản 3 Điều 5")
    where = {"version": VERSION, "passage": 7, "page": 3, "place": before.place, "origin": ""}
    assert replace(after, **where) == before
    assert after.origin == VERSION and not pages.carries(NEW, THERE), "once"


def test_what_changed_around_the_wish_changes_with_the_paper() -> None:
    pages = proposed()
    pages.carries(NEW, replace(THERE, text=DRAFT.text.replace("hộ nghèo", "hộ nghèo, hộ cận nghèo")))
    assert "50 triệu đồng cho mỗi hộ nghèo, hộ cận nghèo" in only(pages).before
    assert "60 triệu đồng cho mỗi hộ nghèo, hộ cận nghèo" in only(pages).after


@pytest.mark.parametrize(
    ("lost", "text"),
    [
        ("changed", DRAFT.text.replace("50", "70")),
        ("included", DRAFT.text.replace("50", "60")),
        ("changed", DRAFT.text + " từ" * LONGEST_DRAFT),
        ("gone", None),
    ],
)
def test_what_cannot_be_carried_stays_and_says_why(lost: str, text: str | None) -> None:
    pages = proposed()
    before = only(pages)
    pages.carries(NEW, replace(THERE, text=text) if text else None)
    assert only(pages) == replace(before, lost=lost, lost_in=NEW)
    assert left_behind(pages.book, pages.meeting) == [], "it was looked at"


@pytest.mark.parametrize("why", ["no_text", "too_long"])
def test_of_a_version_that_cannot_be_compared_no_paragraph_is_said_to_be_gone(why: Unread) -> None:
    pages = proposed()
    before = only(pages)
    pages.carries(NEW, why)
    assert only(pages) == replace(before, lost=why, lost_in=NEW)
    assert left_behind(pages.book, pages.meeting) == [], "nothing changes by looking again"
    pages.carries(NEWER, THERE)
    assert (only(pages).version, only(pages).lost) == (NEWER, ""), "from the version it was proposed to"


def test_a_paragraph_that_comes_back_in_a_later_version_takes_its_proposal_along() -> None:
    pages = proposed()
    pages.carries(NEW, None)
    pages.carries(NEWER, THERE)
    assert (only(pages).version, only(pages).lost, only(pages).lost_in) == (NEWER, "", "")


def test_a_proposal_to_a_version_that_was_not_looked_at_waits_for_the_next_look() -> None:
    pages = proposed()
    assert pages.carries(NEW, THERE, looked_at=NEWER) == []
    assert [one.id for one in left_behind(pages.book, pages.meeting)] == ["a-1"] and only(pages).lost == ""


@pytest.mark.parametrize("state", ["accepted", "refused"])
def test_what_was_decided_stays_as_decided_until_it_is_opened_again(state: str) -> None:
    pages = proposed()
    pages.does("chair", "amendment.decide", amendment="a-1", state=state)
    decided = only(pages)
    assert pages.carries(NEW, THERE) == [] and only(pages) == decided
    pages.does("chair", "amendment.decide", amendment="a-1", state="open")
    pages.carries(NEW, THERE)
    assert only(pages).version == NEW


def test_carried_ones_meet_those_that_were_proposed_to_the_new_version() -> None:
    pages = proposed()
    pages.carries(NEW, DRAFT)
    pages.proposes("second", "a-2", version=NEW, text=DRAFT.text.replace("50", "70"))
    pages.does("chair", "amendment.decide", amendment="a-2", state="accepted")
    with pytest.raises(Exception, match=r"amendment\.conflicts"):
        pages.does("chair", "amendment.decide", amendment="a-1", state="accepted")


@pytest.mark.parametrize("change", [{"readers": "named"}, {"screen_only": True}, {"version": ""}])
def test_nothing_is_carried_where_nobody_is_given_the_text(change: dict[str, object]) -> None:
    pages = proposed()
    pages.meeting = replace(
        pages.meeting, papers={**pages.meeting.papers, "p-all": replace(pages.meeting.papers["p-all"], **change)}
    )
    assert left_behind(pages.book, pages.meeting) == []


def test_nothing_is_carried_in_an_internal_meeting() -> None:
    pages = proposed()
    newer = replace(pages.meeting.papers["p-all"], version=NEW)
    pages.meeting = replace(pages.meeting, papers={**pages.meeting.papers, "p-all": newer})
    assert left_behind(pages.book, pages.meeting) != []
    pages.meeting = replace(pages.meeting, internal=True)
    assert left_behind(pages.book, pages.meeting) == []


def test_a_decision_knows_its_place_in_the_meetings_log() -> None:
    pages = proposed()
    pages.does("chair", "amendment.decide", amendment="a-1", state="refused")
    assert only(pages).decided_on == 1
    pages.does("chair", "amendment.decide", amendment="a-1", state="open")
    assert only(pages).decided_on == 0
