"""What was counted in the hall: by hands, on paper, at once or afterwards; who entered it, and on whose order."""

from __future__ import annotations

import pytest

from server.canonical import digest
from server.errors import Refused
from server.meetings.acts import Event, tag_of
from server.meetings.ballot import CountSheet, Entered
from server.meetings.votes import BallotCounted
from tests.meetings.scenario import START, Play, opened

TALLY = {"agree": 3, "disagree": 1, "abstain": 0}
SHEET = {"issued": 4, "returned": 4, "invalid": 0}


@pytest.fixture
def play() -> Play:
    return opened()


def _planned(play: Play, method: str) -> str:
    play.does("secretary", "ballot.plan", item=play.meeting.items[0].id, question="Nhất trí?", method=method)
    return list(play.meeting.ballots)[-1]


def _open(play: Play, method: str) -> str:
    ballot = _planned(play, method)
    play.does("chair", "ballot.open", ballot=ballot)
    return ballot


def test_a_vote_on_paper_is_counted_sealed_and_announced_like_any_other(play: Play) -> None:
    ballot = _open(play, "paper")
    with pytest.raises(Refused, match=r"ballot\.on_paper"):
        play.does("delegate", "ballot.cast", ballot=ballot, mandate="delegate", choice="agree")
    with pytest.raises(Refused, match=r"ballot\.count_the_papers"):
        play.does("chair", "ballot.close", ballot=ballot)
    tally = {"agree": 2, "disagree": 1, "abstain": 0}
    play.does("secretary", "ballot.record", ballot=ballot, tally=tally, issued=4, returned=4, invalid=1)
    closed = play.meeting.ballots[ballot]
    assert (closed.state, closed.cast, closed.tally, closed.sheet) == ("closed", 4, {}, None), "nothing is known yet"
    play.does("chair", "ballot.announce", ballot=ballot)
    announced = play.meeting.ballots[ballot]
    assert (announced.tally, announced.result) == (tally, "rejected")
    assert announced.sheet == CountSheet(issued=4, returned=4, invalid=1)


@pytest.mark.parametrize(
    ("sheet", "refusal"),
    [
        ({"issued": 5, "returned": 4}, "more_issued_than_electorate"),
        ({"issued": 3, "returned": 4}, "more_returned_than_issued"),
        ({"issued": 4, "returned": 3}, "papers_do_not_add_up"),
        ({"issued": 4, "returned": 4, "invalid": 1}, "papers_do_not_add_up"),
    ],
)
def test_papers_that_do_not_add_up_are_refused_with_the_figures(
    play: Play, sheet: dict[str, int], refusal: str
) -> None:
    ballot = _open(play, "paper")
    with pytest.raises(Refused, match=rf"ballot\.{refusal}") as refused:
        play.does("secretary", "ballot.record", ballot=ballot, tally=TALLY, **sheet)
    assert set(refused.value.details) >= {"issued"} or refused.value.details["total"] == 4
    assert play.meeting.ballots[ballot].state == "open"


def test_more_hands_than_voters_are_refused_with_both_figures(play: Play) -> None:
    ballot = _open(play, "hands")
    with pytest.raises(Refused, match=r"ballot\.more_than_electorate") as refused:
        play.does("secretary", "ballot.record", ballot=ballot, tally={"agree": 5, "disagree": 0, "abstain": 0})
    assert refused.value.details == {"total": 5, "electorate": 4}


def test_a_count_says_who_entered_it_when_and_on_whose_order(play: Play) -> None:
    ballot = _open(play, "hands")
    play.does("secretary", "ballot.record", ballot=ballot, tally=TALLY)
    assert play.meeting.ballots[ballot].entered == Entered("secretary", play.clock.now(), "chair")
    other = _open_again(play)
    play.does("chair", "ballot.record", ballot=other, tally=TALLY)
    assert play.meeting.ballots[other].entered == Entered("chair", play.clock.now())


def _open_again(play: Play) -> str:
    play.does("chair", "ballot.announce", ballot=list(play.meeting.ballots)[-1])
    return _open(play, "hands")


def _afterwards(play: Play, ballot: str, **changes: object) -> list[str]:
    told = {"method": "paper", "tally": TALLY, "taken_at": START, "reason": "Mất điện", **SHEET, **changes}
    acts = play.does("secretary", "ballot.enter", ballot=ballot, **told)
    return [tag_of(act) for act in acts if isinstance(act, Event)]


def test_a_result_of_the_reserve_kit_is_entered_afterwards_with_its_trace(play: Play) -> None:
    ballot = _planned(play, "open")
    play.does("chair", "meeting.close")
    told = ["ballot.opened", "ballot.closed", "ballot.counted", "ballot.announced"]
    assert _afterwards(play, ballot, chair_choice="agree") == told
    entered = play.meeting.ballots[ballot]
    assert (entered.method, entered.result, entered.of_all, len(entered.electorate)) == ("paper", "passed", 4, 4)
    assert entered.entered == Entered("secretary", play.clock.now(), "chair", START, "Mất điện")
    with pytest.raises(Refused, match=r"ballot\.has_result"):
        _afterwards(play, ballot)


def test_who_went_home_after_the_vote_is_counted_and_who_before_is_not(play: Play) -> None:
    ballot = _planned(play, "open")
    play.does("delegate", "attendance.leave")
    left = play.clock.now()
    with pytest.raises(Refused, match=r"ballot\.more_issued_than_electorate"):
        _afterwards(play, ballot, taken_at=left)
    _afterwards(play, ballot, taken_at=left - 1)
    assert "delegate" in play.meeting.ballots[ballot].electorate


def test_attendance_is_entered_before_results(play: Play) -> None:
    ballot = _planned(play, "open")
    for person in ("chair", "deputy", "delegate", "second"):
        play.does("secretary", "attendance.record", person=person, state="expected")
    with pytest.raises(Refused, match=r"ballot\.attendance_first"):
        _afterwards(play, ballot)
    for person in ("chair", "deputy", "delegate"):
        play.does("secretary", "attendance.record", person=person, state="room")
    with pytest.raises(Refused, match=r"ballot\.more_issued_than_electorate"):
        _afterwards(play, ballot)


def test_a_vote_that_was_open_when_everything_failed_keeps_its_electorate(play: Play) -> None:
    ballot = _open(play, "open")
    play.does("delegate", "ballot.cast", ballot=ballot, mandate="delegate", choice="disagree")
    play.does("second", "attendance.leave")
    _afterwards(play, ballot, method="hands", tally={"agree": 4, "disagree": 0, "abstain": 0})
    entered = play.meeting.ballots[ballot]
    assert (entered.method, entered.tally["agree"], entered.result) == ("hands", 4, "passed")


def test_a_vote_that_has_not_been_taken_yet_cannot_be_entered(play: Play) -> None:
    with pytest.raises(Refused, match=r"ballot\.not_yet_taken"):
        _afterwards(play, _planned(play, "open"), taken_at=play.clock.now() + 3_600_000)


def test_the_seal_is_over_what_was_counted(play: Play) -> None:
    ballot = _open(play, "paper")
    acts = play.does("secretary", "ballot.record", ballot=ballot, tally=TALLY, **SHEET)
    counted = next(act for act in acts if isinstance(act, BallotCounted))
    assert counted.sealed == digest(TALLY)


def test_who_came_after_the_vote_is_not_counted_and_who_was_only_entered_late_is(play: Play) -> None:
    ballot = _planned(play, "open")
    play.does("secretary", "attendance.record", person="second", state="expected")
    play.does("secretary", "attendance.record", person="delegate", state="expected")
    taken = play.clock.now()
    play.clock.advance(1_800_000)
    play.does("second", "attendance.arrive", place="room")
    play.does("secretary", "attendance.record", person="delegate", state="room")
    _afterwards(play, ballot, method="hands", tally={"agree": 2, "disagree": 1, "abstain": 0}, taken_at=taken)
    assert sorted(play.meeting.ballots[ballot].electorate) == ["chair", "delegate", "deputy"]


def test_what_is_voted_on_secretly_is_entered_from_paper_only_and_not_over_an_open_box(play: Play) -> None:
    play.does("secretary", "member.invite", people=["stranger"], roles=["delegate"], mandate=True)
    play.does("stranger", "attendance.arrive", place="room")
    ballot = _planned(play, "secret")
    with pytest.raises(Refused, match=r"ballot\.secret_on_paper"):
        _afterwards(play, ballot, method="hands")
    play.does("chair", "ballot.open", ballot=ballot)
    for method, code in (("hands", "secret_on_paper"), ("paper", "secret_under_way")):
        with pytest.raises(Refused, match=rf"ballot\.{code}"):
            _afterwards(play, ballot, method=method)
