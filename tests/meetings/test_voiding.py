"""Four eyes: a ballot is voided, and taken again, only by two people, one of whom presides."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from server.errors import Forbidden, Refused
from server.meetings import views
from server.meetings.export import table_of
from tests.meetings.scenario import Play, opened


@pytest.fixture
def play() -> Play:
    return opened()


def _announced(play: Play) -> str:
    ballot = next(iter(play.meeting.ballots))
    play.does("chair", "ballot.open", ballot=ballot)
    for person, choice in (("chair", "agree"), ("second", "disagree")):
        play.does(person, "ballot.cast", ballot=ballot, mandate=person, choice=choice)
    play.does("chair", "ballot.close", ballot=ballot)
    play.does("chair", "ballot.announce", ballot=ballot, names=True)
    return ballot


def test_whoever_asks_cannot_confirm_and_another_can(play: Play) -> None:
    ballot = _announced(play)
    play.does("chair", "ballot.ask_void", ballot=ballot, reason="Sai danh sách")
    with pytest.raises(Forbidden, match=r"ballot\.void_needs_another"):
        play.does("chair", "ballot.confirm_void", ballot=ballot)
    with pytest.raises(Refused, match=r"ballot\.void_asked"):
        play.does("secretary", "ballot.ask_void", ballot=ballot, reason="Sai danh sách")
    play.does("secretary", "ballot.confirm_void", ballot=ballot)
    voided = play.meeting.ballots[ballot]
    assert voided.state == "void" and voided.voided is not None
    assert (voided.voided.asked_by, voided.voided.by, voided.voided.reason) == ("chair", "secretary", "Sai danh sách")
    assert ballot not in play.meeting.tallies


def test_two_secretaries_void_nothing_unless_one_of_the_two_presides(play: Play) -> None:
    ballot = _announced(play)
    play.does("secretary", "member.change", person="delegate", roles=["secretary"], mandate=True)
    play.does("secretary", "ballot.ask_void", ballot=ballot, reason="Sai danh sách")
    with pytest.raises(Forbidden, match=r"ballot\.void_needs_chair"):
        play.does("delegate", "ballot.confirm_void", ballot=ballot)
    play.does("deputy", "ballot.confirm_void", ballot=ballot)
    assert play.meeting.ballots[ballot].state == "void"


def test_what_is_taken_again_is_the_same_question_with_nothing_cast(play: Play) -> None:
    ballot = _announced(play)
    play.does("secretary", "ballot.ask_void", ballot=ballot, reason="Sai danh sách", again=True)
    play.does("chair", "ballot.confirm_void", ballot=ballot)
    old, again = play.meeting.ballots[ballot], list(play.meeting.ballots.values())[-1]
    assert (again.repeats, again.question, again.options) == (old.id, old.question, old.options)
    assert (again.state, again.electorate, again.votes, again.tally) == ("planned", {}, {}, {})
    play.does("chair", "ballot.open", ballot=again.id)


def test_what_was_entered_afterwards_may_be_taken_again_as_it_was_planned(play: Play) -> None:
    ballot = next(iter(play.meeting.ballots))
    tally = {"agree": 2, "disagree": 1, "abstain": 0}
    told = {"taken_at": play.clock.now(), "reason": "Mất điện", "issued": 3, "returned": 3}
    play.does("secretary", "ballot.enter", ballot=ballot, method="paper", tally=tally, **told)
    play.does("secretary", "ballot.ask_void", ballot=ballot, reason="Sai danh sách", again=True, method="secret")
    play.does("chair", "ballot.confirm_void", ballot=ballot)
    again = list(play.meeting.ballots.values())[-1]
    assert (play.meeting.ballots[ballot].method, again.method, again.tie) == ("paper", "secret", "rejected")


def test_several_are_not_chosen_again_by_a_show_of_hands(play: Play) -> None:
    asked = {"question": "Bầu Tổ kiểm phiếu", "kind": "election", "options": ["Bà Hà", "Ông Toàn"], "places": 2}
    play.does("secretary", "ballot.plan", item=play.meeting.items[0].id, **asked)
    ballot = list(play.meeting.ballots)[-1]
    play.does("chair", "ballot.open", ballot=ballot)
    with pytest.raises(Refused, match=r"ballot\.hands_for_one"):
        play.does("chair", "ballot.ask_void", ballot=ballot, reason="Nhầm", again=True, method="hands")


def test_what_was_voted_on_secretly_is_not_voted_on_again_openly() -> None:
    play = opened()
    play.does("secretary", "ballot.plan", item=play.meeting.items[0].id, question="Nhân sự?", method="secret")
    known = play.meeting.ballots[list(play.meeting.ballots)[-1]]
    play.meeting = play.meeting.with_ballot(replace(known, state="closed"))
    for method in ("open", "named", "hands"):
        with pytest.raises(Refused, match=r"ballot\.stays_secret"):
            play.does("secretary", "ballot.ask_void", ballot=known.id, reason="Nhầm", again=True, method=method)
    play.does("secretary", "ballot.ask_void", ballot=known.id, reason="Nhầm", again=True, method="paper")


def test_an_open_ballot_may_be_voided_and_one_that_never_opened_is_dropped(play: Play) -> None:
    first, second = play.meeting.ballots
    with pytest.raises(Refused, match=r"ballot\.nothing_to_void"):
        play.does("chair", "ballot.ask_void", ballot=first, reason="Nhầm")
    play.does("chair", "ballot.open", ballot=first)
    with pytest.raises(Refused, match=r"ballot\.not_planned"):
        play.does("chair", "ballot.drop", ballot=first)
    play.does("chair", "ballot.ask_void", ballot=first, reason="Nhầm")
    play.does("secretary", "ballot.confirm_void", ballot=first)
    play.does("chair", "ballot.drop", ballot=second)
    assert list(play.meeting.ballots) == [first]
    play.does("chair", "item.finish")


def test_what_is_asked_is_known_to_the_desk_alone_and_may_be_taken_back(play: Play) -> None:
    ballot = _announced(play)
    play.does("secretary", "ballot.ask_void", ballot=ballot, reason="Sai danh sách")
    knowing = {person for person in play.meeting.members if views.view(play.meeting, person).voidings}
    assert knowing == {"chair", "deputy", "secretary"}
    play.does("secretary", "ballot.refuse_void", ballot=ballot)
    assert play.meeting.voidings == {}
    with pytest.raises(Refused, match=r"ballot\.void_not_asked"):
        play.does("chair", "ballot.confirm_void", ballot=ballot)


def test_the_table_has_shares_and_announced_names_and_no_cell_a_spreadsheet_would_run(play: Play) -> None:
    item = play.meeting.items[0].id
    play.does("secretary", "ballot.plan", item=item, question="=cmd|' /C calc'!A0", method="named")
    ballot = list(play.meeting.ballots)[-1]
    play.does("chair", "ballot.open", ballot=ballot)
    for person, choice in (("chair", "agree"), ("deputy", "agree"), ("second", "disagree")):
        play.does(person, "ballot.cast", ballot=ballot, mandate=person, choice=choice)
    play.does("chair", "ballot.close", ballot=ballot)
    known = play.meeting.ballots[ballot]
    before = table_of(play.meeting, known, play.meeting.tallies[ballot])
    assert "Phạm Hồng Sơn" not in before, "no names before they are announced"
    play.does("chair", "ballot.announce", ballot=ballot)
    lines = table_of(play.meeting, play.meeting.ballots[ballot]).split("\r\n")
    assert lines[0].startswith("\ufeff") and "\"'=cmd" not in lines[0] and "'=cmd|" in lines[0]
    assert 'Tán thành,2,"50,00",Không đạt' in lines
    assert "Phạm Hồng Sơn,Chủ tịch,Ủy ban nhân dân tỉnh,Tán thành" in lines
    assert lines.index("Phạm Hồng Sơn,Chủ tịch,Ủy ban nhân dân tỉnh,Tán thành") < len(lines) - 2
