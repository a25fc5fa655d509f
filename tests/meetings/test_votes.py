from __future__ import annotations

import itertools

import msgspec
import pytest

from server.canonical import digest
from server.catalogue import meeting_kinds
from server.errors import Forbidden, Refused
from server.meetings.acts import write_event
from server.meetings.meeting import Ballot
from server.meetings.results import decided, outcome
from server.meetings.views import view, visible
from tests.meetings.scenario import RULES, Play, opened


@pytest.fixture
def play() -> Play:
    return opened()


def _ballot(play: Play, method: str = "open") -> str:
    return next(key for key, ballot in play.meeting.ballots.items() if ballot.method == method)


def _vote(play: Play, **choices: str) -> str:
    ballot = _ballot(play)
    play.does("chair", "ballot.open", ballot=ballot)
    for person, choice in choices.items():
        play.does(person, "ballot.cast", ballot=ballot, mandate=person, choice=choice)
    return ballot


def test_a_vote_can_be_changed_until_the_ballot_is_closed_and_counts_once(play: Play) -> None:
    ballot = _vote(play, chair="agree", delegate="disagree")
    play.does("delegate", "ballot.cast", ballot=ballot, mandate="delegate", choice="agree")
    play.does("chair", "ballot.close", ballot=ballot)
    assert play.meeting.tallies[ballot].tally == {"agree": 2, "disagree": 0, "abstain": 0}
    with pytest.raises(Refused, match=r"ballot\.not_open"):
        play.does("delegate", "ballot.cast", ballot=ballot, mandate="delegate", choice="disagree")


@pytest.mark.parametrize("announced", [False, True])
def test_what_everybody_hears_of_a_count_does_not_let_them_guess_the_votes(play: Play, announced: bool) -> None:
    """Four voters and three answers are 256 sets of ballots: a hash of the right one would say who voted what."""
    ballot = _vote(play, chair="agree", deputy="disagree", delegate="agree")
    play.does("chair", "ballot.close", ballot=ballot)
    if announced:
        play.does("chair", "ballot.announce", ballot=ballot)
    heard = [write_event(event) for _, event, after in play.steps if visible(event, after, "delegate")]
    told = msgspec.json.encode([heard, view(play.meeting, "delegate")]).decode()
    voters, answers = list(play.meeting.ballots[ballot].electorate), ("", "agree", "disagree", "abstain")
    for choices in itertools.product(answers, repeat=len(voters)):
        guess = {voter: choice for voter, choice in zip(voters, choices, strict=True) if choice}
        assert digest(guess) not in told
    kept = {"chair": "agree", "deputy": "disagree", "delegate": "agree"}
    assert play.meeting.tallies[ballot].sealed == digest(kept), "the log holds the votes to what they were"


def test_the_electorate_is_fixed_when_the_ballot_opens(play: Play) -> None:
    play.does("delegate", "attendance.leave")
    ballot = _vote(play)
    assert set(play.meeting.ballots[ballot].electorate) == {"chair", "deputy", "second"}
    play.does("delegate", "attendance.arrive", place="room")
    with pytest.raises(Forbidden, match=r"ballot\.not_your_mandate"):
        play.does("delegate", "ballot.cast", ballot=ballot, mandate="delegate", choice="agree")


def test_nobody_votes_with_anothers_mandate(play: Play) -> None:
    ballot = _vote(play)
    for person in ("guest", "secretary", "delegate"):
        with pytest.raises(Forbidden, match=r"ballot\.not_your_mandate"):
            play.does(person, "ballot.cast", ballot=ballot, mandate="second", choice="agree")


def test_an_answer_that_was_not_asked_for_is_refused(play: Play) -> None:
    ballot = _vote(play)
    with pytest.raises(Refused, match=r"ballot\.no_such_option"):
        play.does("delegate", "ballot.cast", ballot=ballot, mandate="delegate", choice="maybe")


def test_a_ballot_does_not_open_while_somebody_speaks_nor_beside_another(play: Play) -> None:
    play.does("chair", "floor.invite", person="delegate")
    with pytest.raises(Refused, match=r"ballot\.speaker_has_floor"):
        play.does("chair", "ballot.open", ballot=_ballot(play))
    play.does("chair", "floor.end")
    play.does("chair", "ballot.open", ballot=_ballot(play))
    with pytest.raises(Refused, match=r"ballot\.another_open"):
        play.does("chair", "ballot.open", ballot=_ballot(play, "hands"))
    with pytest.raises(Refused, match=r"floor\.ballot_open"):
        play.does("chair", "floor.invite", person="delegate")
    with pytest.raises(Refused, match=r"item\.ballot_open"):
        play.does("chair", "item.finish")


def test_more_than_half_of_all_members_carries_the_question(play: Play) -> None:
    ballot = _vote(play, chair="agree", deputy="agree", delegate="agree", second="disagree")
    play.does("chair", "ballot.close", ballot=ballot)
    assert play.meeting.tallies[ballot].result == "passed"


@pytest.mark.parametrize(("chair", "result"), [("agree", "passed"), ("disagree", "rejected"), ("", "rejected")])
def test_a_tie_follows_the_chairs_vote_where_the_type_says_so(chair: str, result: str) -> None:
    ballot = Ballot("b", "i", "?", RULES.options, "agree", "all", 1, 2, "chair", of_all=4)
    assert outcome(ballot, {"agree": 2, "disagree": 2}, chair) == result
    assert outcome(msgspec.structs.replace(ballot, tie="rejected"), {"agree": 2}, chair) == "rejected"


@pytest.mark.parametrize("chair", ["disagree", "abstain", ""])
def test_what_the_chair_chose_is_kept_where_a_tie_follows_it_and_told_with_the_result(play: Play, chair: str) -> None:
    others = {"deputy": "agree", "delegate": "disagree"} if chair != "disagree" else {"deputy": "agree"}
    ballot = _vote(play, **others, **({"chair": chair} if chair else {}))
    play.does("chair", "ballot.close", ballot=ballot)
    assert (play.meeting.tallies[ballot].by_chair, play.meeting.ballots[ballot].by_chair) == (chair, None)
    play.does("chair", "ballot.announce", ballot=ballot)
    assert play.meeting.ballots[ballot].by_chair == chair


def test_what_the_chair_chose_is_not_told_where_it_decided_nothing(play: Play) -> None:
    ballot = _vote(play, chair="agree", deputy="agree", delegate="disagree")
    play.does("chair", "ballot.close", ballot=ballot)
    assert play.meeting.tallies[ballot].by_chair is None, "no tie"
    even = {"agree": 2, "disagree": 2}
    third = Ballot("b", "i", "?", RULES.options, "agree", "all", 1, 3, "chair", of_all=4)
    assert decided(third, even, "agree").by_chair is None, "more than a third carries it without the chair"
    assert decided(msgspec.structs.replace(third, majority_per=2), even, "nonsense").by_chair == ""


def test_half_of_all_is_no_tie_while_fewer_stand_against() -> None:
    ballot = Ballot("b", "i", "?", RULES.options, "agree", "all", 1, 2, "chair", of_all=4)
    assert outcome(ballot, {"agree": 2, "disagree": 1, "abstain": 1}, "agree") == "rejected", "not more than half"


def test_for_and_against_even_is_a_tie_however_many_abstain() -> None:
    ballot = Ballot("b", "i", "?", RULES.options, "agree", "all", 1, 2, "chair", of_all=29)
    assert outcome(ballot, {"agree": 14, "disagree": 14, "abstain": 1}, "agree") == "passed"
    assert outcome(ballot, {"agree": 14, "disagree": 14, "abstain": 1}, "disagree") == "rejected"
    assert outcome(ballot, {"agree": 0, "disagree": 0, "abstain": 29}, "agree") == "rejected"


@pytest.mark.parametrize(
    ("kind", "in_favour", "against", "result"),
    [
        ("phien_hop_thuong_ky", 15, 14, "passed"),
        ("phien_hop_thuong_ky", 14, 0, "rejected"),
        ("phien_hop_thuong_ky", 14, 14, "passed"),
        ("ky_hop_hdnd", 14, 14, "rejected"),
        ("ky_hop_hdnd", 15, 14, "passed"),
        ("hoi_nghi_truc_tuyen", 10, 9, "passed"),
    ],
)
def test_each_kind_of_the_catalogue_counts_by_its_own_rules(
    kind: str, in_favour: int, against: int, result: str
) -> None:
    rules = next(one for one in meeting_kinds() if one.kind == kind)
    carried = (rules.options, rules.carries, rules.basis, rules.majority_of, rules.majority_per, rules.tie)
    present = {f"m{number}": "x" for number in range(19)}
    ballot = Ballot("b", "i", "?", *carried, of_all=29, electorate=present, against=rules.against)
    assert outcome(ballot, {"agree": in_favour, "disagree": against}, "agree") == result


def test_the_committee_asks_for_no_other_opinion_and_a_briefing_asks_for_nothing() -> None:
    options = {rules.kind: [option.vi for option in rules.options] for rules in meeting_kinds()}
    assert options["phien_hop_thuong_ky"] == ["Tán thành", "Không tán thành", "Không biểu quyết"]
    assert options["ky_hop_hdnd"][-1] == "Ý kiến khác"
    briefing = next(rules for rules in meeting_kinds() if rules.kind == "hop_giao_ban")
    assert (briefing.votes, briefing.quorum_of, briefing.options) == (False, 0, ())
    assert {rules.presiding for rules in meeting_kinds()} == {"chủ trì", "chủ tọa"}


@pytest.mark.parametrize(("in_favour", "result"), [(19, "rejected"), (20, "rejected"), (21, "passed")])
def test_two_thirds_are_exact(in_favour: int, result: str) -> None:
    ballot = Ballot("b", "i", "?", RULES.options, "agree", "all", 2, 3, "rejected", of_all=30)
    assert outcome(ballot, {"agree": in_favour}, "agree") == result


def test_the_basis_may_be_those_present(play: Play) -> None:
    ballot = Ballot("b", "i", "?", RULES.options, "agree", "present", 1, 2, "rejected", of_all=9)
    voting = msgspec.structs.replace(ballot, electorate={"a": "a", "b": "b", "c": "c"})
    assert outcome(voting, {"agree": 2}, "") == "passed"


def test_the_result_is_known_to_all_only_when_announced(play: Play) -> None:
    ballot = _vote(play, chair="agree")
    with pytest.raises(Refused, match=r"ballot\.not_closed"):
        play.does("chair", "ballot.announce", ballot=ballot)
    play.does("chair", "ballot.close", ballot=ballot)
    assert play.meeting.ballots[ballot].tally == {}
    play.does("chair", "ballot.announce", ballot=ballot)
    assert play.meeting.ballots[ballot].tally["agree"] == 1
    assert play.meeting.ballots[ballot].votes == {}


def test_names_are_announced_only_if_the_chair_chooses(play: Play) -> None:
    ballot = _vote(play, chair="agree", second="disagree")
    play.does("chair", "ballot.close", ballot=ballot)
    play.does("chair", "ballot.announce", ballot=ballot, names=True)
    assert play.meeting.ballots[ballot].votes == {"chair": "agree", "second": "disagree"}


def test_a_show_of_hands_is_entered_into_the_same_ledger(play: Play) -> None:
    ballot = _ballot(play, "hands")
    play.does("chair", "ballot.open", ballot=ballot)
    with pytest.raises(Refused, match=r"ballot\.by_hands"):
        play.does("delegate", "ballot.cast", ballot=ballot, mandate="delegate", choice="agree")
    with pytest.raises(Refused, match=r"ballot\.more_than_electorate"):
        play.does("secretary", "ballot.record", ballot=ballot, tally={"agree": 9, "disagree": 0, "abstain": 0})
    play.does("secretary", "ballot.record", ballot=ballot, tally={"agree": 3, "disagree": 1, "abstain": 0})
    assert play.meeting.tallies[ballot].result == "passed"


def test_a_meeting_type_without_votes_has_no_ballots(play: Play) -> None:
    play.meeting = msgspec.structs.replace(play.meeting, rules=msgspec.structs.replace(RULES, votes=False))
    with pytest.raises(Refused, match=r"ballot\.type_without_votes"):
        play.does("chair", "ballot.plan", item=play.meeting.items[0].id, question="Nhất trí?")


def test_a_substitute_votes_only_where_the_type_allows_it(play: Play) -> None:
    play.does("delegate", "attendance.leave")
    play.does("secretary", "attendance.substitute", person="delegate", substitute="substitute")
    play.does("substitute", "attendance.arrive", place="room")
    allowing = msgspec.structs.replace(play.meeting.rules, substitutes_vote=True)
    may = msgspec.structs.replace(play.meeting, rules=allowing)
    play.does("chair", "ballot.open", ballot=_ballot(play))
    assert "delegate" not in play.meeting.ballots[_ballot(play)].electorate
    play.meeting = may
    play.does("chair", "ballot.open", ballot=_ballot(play))
    play.does("substitute", "ballot.cast", ballot=_ballot(play), mandate="delegate", choice="agree")
    assert play.votes[_ballot(play)] == {"delegate": "agree"}


def test_nobody_is_substituted_or_taken_back_while_a_ballot_is_open(play: Play) -> None:
    play.does("delegate", "attendance.leave")
    play.does("secretary", "attendance.substitute", person="delegate", substitute="substitute")
    play.does("substitute", "attendance.arrive", place="room")
    play.meeting = msgspec.structs.replace(
        play.meeting, rules=msgspec.structs.replace(play.meeting.rules, substitutes_vote=True)
    )
    play.does("chair", "ballot.open", ballot=_ballot(play))
    with pytest.raises(Refused, match=r"member\.ballot_open"):
        play.does("secretary", "attendance.substitute", person="delegate", substitute="")
    play.does("substitute", "ballot.cast", ballot=_ballot(play), mandate="delegate", choice="agree")
    play.does("chair", "ballot.close", ballot=_ballot(play))
    play.does("secretary", "attendance.substitute", person="delegate", substitute="")
    with pytest.raises(Forbidden, match=r"role\.not_allowed"):
        play.does("substitute", "ballot.cast", ballot=_ballot(play), mandate="delegate", choice="disagree")
