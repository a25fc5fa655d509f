"""Choosing among several and electing: who is chosen, in which order, and what is done where votes are even."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from server.errors import Forbidden, Refused
from server.meetings.acts import BoxCleared, BoxOpened, ReadyForgotten, SecretVote
from server.meetings.ballot import Ballot, Chosen, CountSheet
from server.meetings.counting import counted
from server.meetings.export import table_of
from server.meetings.results import choice_of, count, decided, longest_choice, winners
from server.meetings.rules import Option
from tests.meetings.scenario import Play, opened


def election(places: int, names: int = 4, voters: int = 10, **change: Any) -> Ballot:
    options = tuple(Option(f"c{number}", f"Ông {number}", f"Mr {number}") for number in range(1, names + 1))
    electorate = {f"m{number}": "x" for number in range(voters)}
    ballot = Ballot("b", "i", "Bầu", options, "agree", "present", 1, 2, "chair", kind="election", places=places)
    return msgspec.structs.replace(ballot, **{"electorate": electorate, "of_all": voters} | change)


@pytest.fixture
def play() -> Play:
    return opened()


def _plan(play: Play, **fields: Any) -> str:
    play.does("secretary", "ballot.plan", item=play.meeting.items[0].id, question="Bầu Ban kiểm phiếu", **fields)
    return list(play.meeting.ballots)[-1]


@pytest.mark.parametrize(
    ("tally", "chosen"),
    [
        ({"c1": 6, "c2": 9, "c3": 7, "c4": 1}, Chosen(("c2", "c3"))),
        ({"c1": 6, "c2": 9, "c3": 5, "c4": 5}, Chosen(("c2", "c1"))),
        ({"c1": 5, "c2": 9, "c3": 5, "c4": 1}, Chosen(("c2",))),
        ({"c1": 7, "c2": 9, "c3": 7, "c4": 1}, Chosen(("c2",), ("c1", "c3"))),
        ({"c1": 8, "c2": 8, "c3": 8, "c4": 1}, Chosen((), ("c1", "c2", "c3"))),
        ({"c1": 8, "c2": 8, "c3": 6, "c4": 1}, Chosen(("c1", "c2"))),
        ({"c1": 1, "c2": 1, "c3": 1, "c4": 1}, Chosen(())),
    ],
    ids=["most votes first", "half is not enough", "one place stays empty", "even for the last", "even for both",
         "even, and places for both", "nobody"],
)  # fmt: skip
def test_those_with_the_most_votes_above_the_majority_are_elected(tally: dict[str, int], chosen: Chosen) -> None:
    assert winners(election(2), tally) == chosen
    found = decided(election(2), tally, "")
    assert found.result == ("passed" if len(chosen.elected) == 2 else "rejected")


def test_the_majority_is_of_all_members_where_the_type_says_so() -> None:
    assert winners(election(1, of_all=30, basis="all"), {"c1": 10}) == Chosen(())
    assert winners(election(1, of_all=19, basis="all"), {"c1": 10}) == Chosen(("c1",))


def test_a_choice_is_written_in_the_ballots_own_order_and_never_more_than_there_are_places() -> None:
    ballot = election(2)
    assert choice_of(ballot, "c3,c1") == "c1,c3"
    assert choice_of(ballot, "") == "", "nobody is chosen: a blank ballot"
    for said, code in (("c1,c2,c3", "too_many_chosen"), ("c9", "no_such_option"), ("c1,c1", "no_such_option")):
        with pytest.raises(Refused, match=rf"ballot\.{code}"):
            choice_of(ballot, said)
    with pytest.raises(Refused, match=r"ballot\.nothing_chosen"):
        choice_of(msgspec.structs.replace(ballot, kind="question", places=1), "")


def test_ballots_are_counted_for_each_name_and_blank_ones_apart() -> None:
    assert count(election(2, 3), ["c1,c3", "c3", "", "c3"]) == ({"c1": 1, "c2": 0, "c3": 3}, 1)
    assert longest_choice(election(2, 12)) >= len("c11,c12")


def test_an_election_on_tablets_may_be_changed_until_it_is_closed_and_is_announced_with_who_was_elected(
    play: Play,
) -> None:
    ballot = _plan(play, kind="election", options=["Bà Hà", "Ông Toàn", "Ông Vịnh"], places=2, method="named")
    play.does("chair", "ballot.open", ballot=ballot)
    for person, choice in (
        ("chair", "c1"),
        ("chair", "c1,c3"),
        ("deputy", "c3,c1"),
        ("second", ""),
        ("delegate", "c3,c1"),
    ):
        play.does(person, "ballot.cast", ballot=ballot, mandate=person, choice=choice)
    play.does("chair", "ballot.close", ballot=ballot)
    assert play.meeting.ballots[ballot].chosen is None, "nothing is known yet"
    play.does("chair", "ballot.announce", ballot=ballot)
    told = play.meeting.ballots[ballot]
    assert (told.result, told.chosen, told.cast) == ("passed", Chosen(("c1", "c3"), (), 1), 4)
    assert "Phiếu trắng,1" in table_of(play.meeting, told), "as the screens call it"
    assert told.votes["chair"] == "c1,c3", "a vote by name is always announced by name"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"options": ["Một"]}, "options_of_the_type"),
        ({"places": 2}, "options_of_the_type"),
        ({"kind": "choice", "options": ["Một"]}, "too_few_options"),
        ({"kind": "election", "options": []}, "too_few_options"),
        ({"kind": "election", "options": ["Hà", "Toàn"], "places": 3}, "too_few_options"),
        ({"kind": "election", "options": ["Hà", "hà"]}, "options_alike"),
        ({"kind": "choice", "options": ["A", "B"], "places": 2, "method": "hands"}, "hands_for_one"),
    ],
)
def test_what_cannot_be_voted_on_is_refused_when_it_is_planned(play: Play, fields: dict[str, Any], code: str) -> None:
    with pytest.raises(Refused, match=rf"ballot\.{code}"):
        _plan(play, **fields)


def test_papers_with_several_names_add_up_by_the_papers_and_not_by_the_votes() -> None:
    ballot = election(2, 3)
    sheet = CountSheet(issued=10, returned=9, invalid=1)
    assert counted(ballot, {"c1": 7, "c2": 4, "c3": 2}, sheet, 1) == 9
    for tally in ({"c1": 8, "c2": 0, "c3": 0}, {"c1": 7, "c2": 7, "c3": 1}, {"c1": 3, "c2": 2, "c3": 0}):
        with pytest.raises(Refused, match=r"ballot\.more_votes_than_papers"):
            counted(ballot, tally, sheet, 1)
    single = msgspec.structs.replace(ballot, places=1)
    assert counted(single, {"c1": 4, "c2": 2, "c3": 1}, sheet, 1) == 9


def test_hands_may_be_written_down_by_name_into_the_same_ledger(play: Play) -> None:
    ballot = next(key for key, one in play.meeting.ballots.items() if one.method == "hands")
    play.does("chair", "ballot.open", ballot=ballot)
    tally = {"agree": 2, "disagree": 1, "abstain": 0}
    votes = {"chair": "agree", "deputy": "agree", "second": "disagree"}
    for wrong, code in (({**votes, "guest": "agree"}, "not_your_mandate"), ({"chair": "agree"}, "names_do_not_add_up")):
        with pytest.raises(Refused, match=rf"ballot\.{code}"):
            play.does("secretary", "ballot.record", ballot=ballot, tally=tally, votes=wrong)
    play.does("secretary", "ballot.record", ballot=ballot, tally=tally, votes=votes)
    play.does("chair", "ballot.announce", ballot=ballot, names=True)
    assert play.meeting.ballots[ballot].votes == votes


# -- quorum, readiness, secrecy ----------------------------------------------------------------------------------------


def test_without_the_quorum_a_ballot_opens_only_if_the_desk_says_so_and_the_log_keeps_it(play: Play) -> None:
    ballot = _plan(play)
    for person in ("delegate", "second"):
        play.does(person, "attendance.leave")
    with pytest.raises(Refused, match=r"ballot\.quorum_missing") as refused:
        play.does("chair", "ballot.open", ballot=ballot)
    assert refused.value.details == {"present": 2, "needed": 3}
    play.does("chair", "ballot.open", ballot=ballot, without_quorum=True)
    assert play.meeting.ballots[ballot].needed == 3


def test_readiness_is_asked_for_and_said_by_who_may_vote(play: Play) -> None:
    ballot = _plan(play)
    with pytest.raises(Refused, match=r"ballot\.not_called"):
        play.does("second", "ballot.ready", ballot=ballot)
    play.does("chair", "ballot.call", ballot=ballot)
    assert [row.mandate for row in play.does("second", "ballot.ready", ballot=ballot)] == ["second"]  # type: ignore[union-attr]
    play.does("chair", "ballot.call", ballot=ballot, calling=False)
    assert ReadyForgotten(ballot) in play.does("chair", "ballot.call", ballot=ballot)
    with pytest.raises(Forbidden, match=r"ballot\.not_your_mandate"):
        play.does("guest", "ballot.ready", ballot=ballot)
    play.does("chair", "ballot.call", ballot=ballot, calling=False)
    assert play.meeting.ballots[ballot].called_at == 0


def _larger(play: Play) -> None:
    """One more member with a vote: five."""
    member = play.meeting.member("guest")
    there = msgspec.structs.replace(member.attendance, state="room")
    more = msgspec.structs.replace(member, mandate=True, roles=("delegate",), attendance=there)
    play.meeting = play.meeting.with_member(more)


def test_four_voters_have_no_secret_ballot_and_five_have_one(play: Play) -> None:
    ballot = _plan(play, method="secret")
    with pytest.raises(Refused, match=r"ballot\.too_few_for_secret") as refused:
        play.does("chair", "ballot.open", ballot=ballot)
    assert refused.value.details == {"count": 4, "least": 5}
    _larger(play)
    acts = play.does("chair", "ballot.open", ballot=ballot)
    assert isinstance(acts[1], BoxOpened) and len(acts[1].mandates) == 5


def test_a_secret_election_is_counted_like_any_other_and_names_nobodys_vote(play: Play) -> None:
    _larger(play)
    ballot = _plan(play, method="secret", kind="election", options=["Bà Hà", "Ông Toàn"], places=1)
    play.does("chair", "ballot.open", ballot=ballot)
    with pytest.raises(Refused, match=r"ballot\.is_secret"):
        play.does("chair", "ballot.cast", ballot=ballot, mandate="chair", choice="c1")
    for person, choice in (("chair", "c2"), ("deputy", "c2"), ("second", ""), ("delegate", "c2"), ("guest", "c1")):
        (vote,) = play.does(person, "ballot.cast_secretly", ballot=ballot, mandate=person, choice=choice)
        assert isinstance(vote, SecretVote)
    with pytest.raises(Refused, match=r"ballot\.already_cast"):
        play.does("deputy", "ballot.cast_secretly", ballot=ballot, mandate="deputy", choice="c1")
    *_, cleared = play.does("chair", "ballot.close", ballot=ballot)
    assert isinstance(cleared, BoxCleared)
    with pytest.raises(Refused, match=r"ballot\.no_names"):
        play.does("chair", "ballot.announce", ballot=ballot, names=True)
    play.does("chair", "ballot.announce", ballot=ballot)
    told = play.meeting.ballots[ballot]
    assert (told.chosen, told.votes, told.cast) == (Chosen(("c2",), (), 1), {}, 5)


def test_the_seal_of_a_secret_ballot_does_not_tell_whole_ballots_apart(play: Play) -> None:
    """Two boxes with the same figures and other ballots in them have one seal: it cannot be searched for signatures."""
    _larger(play)
    seals = set()
    for papers in (("c1,c2", "c3", "", "", ""), ("c1,c3", "c2", "", "", "")):
        options = ["Hà", "Toàn", "Vịnh"]
        ballot = _plan(play, method="secret", kind="election", options=options, places=2)
        play.does("chair", "ballot.open", ballot=ballot)
        for person, choice in zip(("chair", "deputy", "second", "delegate", "guest"), papers, strict=True):
            play.does(person, "ballot.cast_secretly", ballot=ballot, mandate=person, choice=choice)
        play.does("chair", "ballot.close", ballot=ballot)
        seals.add(play.meeting.tallies[ballot].sealed)
    assert len(seals) == 1


def test_the_chairs_vote_cannot_break_a_tie_in_a_secret_ballot_for_nobody_knows_it(play: Play) -> None:
    secret, open_one = _plan(play, method="secret"), _plan(play)
    ballots = play.meeting.ballots
    assert (ballots[secret].tie, ballots[open_one].tie) == ("rejected", "chair")


def test_of_a_show_of_hands_for_a_choice_those_who_raised_none_are_counted_among_the_voters(play: Play) -> None:
    ballot = _plan(play, method="hands", kind="choice", options=["Phương án 1", "Phương án 2"])
    play.does("chair", "ballot.open", ballot=ballot)
    tally = {"c1": 2, "c2": 1}
    with pytest.raises(Refused, match=r"ballot\.more_than_electorate") as refused:
        play.does("secretary", "ballot.record", ballot=ballot, tally=tally, blank=2)
    assert refused.value.details == {"total": 5, "electorate": 4}
    play.does("secretary", "ballot.record", ballot=ballot, tally=tally, blank=1)
