"""Amendments: proposed to a paragraph, decided one by one, never against each other."""

from __future__ import annotations

import msgspec
import pytest

from server.errors import Refused
from server.meetings.acts import By, tag_of, write_event
from server.meetings.opinions.amending import rivals
from server.meetings.opinions.book import LONGEST_DRAFT, Passage, Scene, decide, read_command, read_event
from tests.meetings.opinions.play import DRAFT, Pages


def test_a_proposal_keeps_the_servers_own_words_of_the_draft() -> None:
    pages = Pages()
    pages.proposes("delegate")
    found = pages.book.amendments["a-1"]
    assert (found.before, found.place, found.page) == (DRAFT.text, "khoản 2 Điều 5", 3)
    assert "60 triệu" in found.after


def test_the_same_words_are_no_amendment() -> None:
    with pytest.raises(Refused, match=r"amendment\.no_change"):
        Pages().proposes("delegate", text=f"  {DRAFT.text.replace(' ', '  ')} ")


def test_an_empty_text_takes_the_paragraph_out() -> None:
    pages = Pages()
    pages.proposes("delegate", text="")
    assert pages.book.amendments["a-1"].after == ""


def test_a_paragraph_that_is_not_there_is_refused() -> None:
    pages = Pages()
    fields = b'"amendment":"a-1","paper":"p-all","version":"v","passage":999,"text":"x"'
    command = read_command(b'{"type":"amendment.propose",' + fields + b"}")
    by = By("delegate", pages.meeting.roles_of("delegate"))
    with pytest.raises(Refused, match=r"draft\.passage_unknown"):
        decide(command, pages.book, by, Scene(pages.meeting, 1))


def test_what_is_kept_of_a_proposal_can_be_read_again_whatever_the_paper_holds() -> None:
    endless = Pages(passage=Passage(7, 3, "Điều " + "5" * 1000, f"Mức hỗ trợ {'x' * LONGEST_DRAFT}"))
    with pytest.raises(Refused, match=r"draft\.passage_too_long"):
        endless.proposes("delegate")
    just = msgspec.structs.replace(endless.passage, text=endless.passage.text[:LONGEST_DRAFT])
    [event] = Pages(passage=just).proposes("delegate")
    assert read_event(tag_of(event), msgspec.json.encode(write_event(event))) == event


def test_two_that_want_other_words_in_the_same_place_are_not_both_accepted() -> None:
    pages = Pages()
    pages.proposes("delegate")
    pages.proposes("second", "a-2", text=DRAFT.text.replace("50", "70"))
    pages.does("chair", "amendment.decide", amendment="a-1", state="accepted")
    with pytest.raises(Refused, match=r"amendment\.conflicts") as refused:
        pages.does("chair", "amendment.decide", amendment="a-2", state="accepted")
    assert refused.value.details == {"name": pages.meeting.members["delegate"].name}
    pages.does("chair", "amendment.decide", amendment="a-1", state="refused", reply="Chọn mức 70.")
    assert pages.does("chair", "amendment.decide", amendment="a-2", state="accepted")


def test_changes_in_different_places_of_one_paragraph_are_both_accepted() -> None:
    pages = Pages()
    pages.proposes("delegate")
    pages.proposes("second", "a-2", text=DRAFT.text.replace("hộ nghèo", "hộ nghèo, hộ cận nghèo"))
    for amendment in ("a-1", "a-2"):
        assert pages.does("chair", "amendment.decide", amendment=amendment, state="accepted")
    first, second = pages.book.amendments.values()
    assert rivals(first, [second]) == []


def test_a_decided_proposal_stands_until_it_is_opened_again() -> None:
    pages = Pages()
    pages.proposes("delegate")
    pages.does("secretary", "amendment.decide", amendment="a-1", state="refused")
    with pytest.raises(Refused, match=r"amendment\.decided_already"):
        pages.proposes("delegate", text="Khác.")
    with pytest.raises(Refused, match=r"amendment\.decided_already"):
        pages.does("delegate", "amendment.withdraw", amendment="a-1")
    pages.does("chair", "amendment.decide", amendment="a-1", state="open")
    assert pages.proposes("delegate", text="Khác.")
