"""Opinions: written, reworded, taken back, answered."""

from __future__ import annotations

import pytest

from server.errors import Forbidden, Refused
from server.meetings.opinions.book import known_again
from tests.meetings.opinions.play import STUCK, Pages
from tests.meetings.scenario import opened


def done() -> Pages:
    """The item of the paper has been dealt with."""
    pages, play = Pages(), opened()
    play.does("chair", "item.finish", state="done")
    pages.writes("delegate")
    pages.meeting = play.meeting
    return pages


def test_an_opinion_is_reworded_in_its_place_and_keeps_its_time() -> None:
    pages = Pages()
    pages.writes("delegate")
    first = pages.book.opinions["o-1"]
    pages.writes("delegate", text="Nhất trí.")
    assert (pages.book.opinions["o-1"].text, pages.book.opinions["o-1"].at) == ("Nhất trí.", first.at)
    assert pages.writes("delegate", text="Nhất trí.") == []


def test_nobody_rewords_or_takes_back_what_somebody_else_wrote() -> None:
    pages = Pages()
    pages.writes("delegate")
    with pytest.raises(Forbidden, match=r"opinion\.not_yours"):
        pages.writes("second")
    with pytest.raises(Forbidden, match=r"opinion\.not_yours"):
        pages.does("second", "opinion.withdraw", opinion="o-1")


def test_when_its_item_is_done_an_opinion_stands_as_it_is() -> None:
    pages = done()
    for act in (
        lambda: pages.writes("delegate", text="Khác."),
        lambda: pages.writes("second", "o-2"),
        lambda: pages.does("delegate", "opinion.withdraw", opinion="o-1"),
        lambda: pages.proposes("delegate"),
    ):
        with pytest.raises(Refused, match=r"opinion\.item_done"):
            act()
    assert pages.does("secretary", "opinion.answer", opinion="o-1", answer="accepted")


def test_an_answered_opinion_stands_until_the_answer_is_taken_back() -> None:
    pages = Pages()
    pages.writes("delegate")
    pages.does("secretary", "opinion.answer", opinion="o-1", answer="accepted")
    with pytest.raises(Refused, match=r"opinion\.answered_already"):
        pages.writes("delegate", text="Khác.")
    pages.does("secretary", "opinion.answer", opinion="o-1", answer="")
    assert pages.writes("delegate", text="Khác.")


def test_a_sticky_comment_is_answered_in_its_authors_name_once() -> None:
    pages = Pages()
    taken = {"comment": "c-1", "paper": "p-all"}
    with pytest.raises(Refused, match=r"opinion\.no_explanation"):
        pages.does("secretary", "opinion.take_comment", **taken, answer="explained")
    pages.does("secretary", "opinion.take_comment", **taken, answer="explained", reply="Đã gồm.")
    opinion = pages.book.opinion("c-1")
    assert (opinion.person, opinion.text, opinion.page, opinion.to) == ("second", STUCK.text, 2, "desk")
    assert (opinion.answer, opinion.reply, opinion.answered_by) == ("explained", "Đã gồm.", "secretary")
    with pytest.raises(Refused, match=r"opinion\.taken_already"):
        pages.does("secretary", "opinion.take_comment", **taken, answer="accepted")
    pages.does("secretary", "opinion.answer", opinion="c-1", answer="accepted")
    assert pages.book.opinion("c-1").answer == "accepted"


def test_nobody_hides_anothers_comment_by_an_opinion_of_the_same_name() -> None:
    pages = Pages()
    pages.writes("delegate", STUCK.id)
    taken = {"comment": STUCK.id, "paper": "p-all", "answer": "accepted"}
    assert (STUCK.id, STUCK.person, STUCK.paper) not in known_again(pages.book)
    pages.does("secretary", "opinion.take_comment", **taken)
    assert [(one.person, one.answer) for one in pages.book.opinions.values()] == [
        ("delegate", ""),
        ("second", "accepted"),
    ]
    with pytest.raises(Refused, match=r"opinion\.taken_already"):
        pages.does("secretary", "opinion.take_comment", **taken)


def test_a_comment_that_was_taken_off_the_page_is_not_answered() -> None:
    pages = Pages()
    pages.stuck = None
    with pytest.raises(Refused, match=r"opinion\.no_comment"):
        pages.does("secretary", "opinion.take_comment", comment="c-1", paper="p-all", answer="accepted")


def test_an_explanation_needs_words() -> None:
    pages = Pages()
    pages.writes("delegate")
    with pytest.raises(Refused, match=r"opinion\.no_explanation"):
        pages.does("secretary", "opinion.answer", opinion="o-1", answer="explained")


def test_what_everyone_has_seen_is_not_hidden_again() -> None:
    pages = Pages()
    pages.writes("delegate", to="all")
    with pytest.raises(Refused, match=r"opinion\.shared_already"):
        pages.writes("delegate", to="desk")


@pytest.mark.parametrize(("who", "paper"), [("guest", "p-members"), ("delegate", "p-named"), ("delegate", "none")])
def test_a_paper_one_may_not_read_is_unknown(who: str, paper: str) -> None:
    with pytest.raises(Refused, match=r"paper\.unknown"):
        Pages().writes(who, paper=paper)


def test_a_page_beyond_the_last_is_refused() -> None:
    with pytest.raises(Refused, match=r"page\.out_of_range"):
        Pages().writes("delegate", page=25)


def test_what_was_never_written_is_unknown() -> None:
    for who, tag, fields in (
        ("delegate", "opinion.withdraw", {"opinion": "o-7"}),
        ("delegate", "amendment.withdraw", {"amendment": "a-7"}),
    ):
        with pytest.raises(Refused, match=rf"{tag.partition('.')[0]}\.unknown"):
            Pages().does(who, tag, **fields)


def test_what_its_author_has_just_reworded_is_neither_answered_nor_decided_unread() -> None:
    pages = Pages()
    pages.writes("delegate", text="Nhất trí.")
    pages.writes("delegate", text="Không nhất trí.")
    with pytest.raises(Refused, match=r"opinion\.reworded"):
        pages.does("secretary", "opinion.answer", opinion="o-1", answer="accepted", seen="Nhất trí.")
    assert pages.does("secretary", "opinion.answer", opinion="o-1", answer="accepted", seen="Không nhất trí.")
    pages.proposes("delegate", text="Một.")
    pages.proposes("delegate", text="Hai.")
    with pytest.raises(Refused, match=r"opinion\.reworded"):
        pages.does("secretary", "amendment.decide", amendment="a-1", state="accepted", seen="Một.")
    assert pages.does("secretary", "amendment.decide", amendment="a-1", state="accepted", seen="Hai.")
