"""What comes of a vote: how ballots are counted, what carries a question, who is elected. All of it by the rules."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from server.errors import Refused
from server.meetings.ballot import Ballot, Chosen
from server.meetings.words import State

Result = Literal["passed", "rejected"]


class Outcome(State):
    """The result in one word, and for a choice or an election what was chosen."""

    result: Result
    chosen: Chosen | None = None
    by_chair: str | None = None
    """What the chair chose where that decided, "" for nothing; None where it did not come to that."""


def chosen_in(choice: str) -> list[str]:
    """The options that a choice as `choice_of` writes it names: none on a blank ballot."""
    return choice.split(",") if choice else []


def choice_of(ballot: Ballot, said: str) -> str:
    """What was chosen, written one way: keys in the ballot's own order, joined by commas; "" is a blank ballot.

    Raises `Refused`: "ballot.no_such_option", "ballot.too_many_chosen", "ballot.nothing_chosen" (an answer is needed
    where the question is answered by one).
    """
    wanted = chosen_in(said)
    known = [option.key for option in ballot.options if option.key in wanted]
    if len(known) != len(wanted):
        raise Refused("ballot.no_such_option")
    if len(known) > ballot.places:
        raise Refused("ballot.too_many_chosen", places=ballot.places)
    if not known and ballot.kind == "question":
        raise Refused("ballot.nothing_chosen")
    return ",".join(known)


def count(ballot: Ballot, choices: Iterable[str]) -> tuple[dict[str, int], int]:
    """Votes by option, all of them named, and how many ballots were blank."""
    tally = {option.key: 0 for option in ballot.options}
    blank = 0
    for choice in choices:
        blank += not choice
        for key in chosen_in(choice):
            tally[key] += 1
    return tally, blank


def longest_choice(ballot: Ballot) -> int:
    """Octets of the longest choice there can be."""
    longest = sorted((len(option.key) for option in ballot.options), reverse=True)[: ballot.places]
    return sum(longest) + len(longest)


def decided(ballot: Ballot, tally: Mapping[str, int], chair_choice: str, blank: int = 0) -> Outcome:
    """What came of the vote; for a choice or an election "passed" where all places are filled."""
    if ballot.kind == "question":
        return Outcome(outcome(ballot, tally, chair_choice), by_chair=_by_chair(ballot, tally, chair_choice))
    chosen = winners(ballot, tally, blank)
    return Outcome("passed" if len(chosen.elected) == ballot.places else "rejected", chosen)


def outcome(ballot: Ballot, tally: Mapping[str, int], chair_choice: str) -> Result:
    """Passed when more than the majority of the basis chose the carrying option.

    As many for as against is a tie, whoever else abstained; where the type says so it follows the chair's own vote.
    """
    if carries(ballot, tally.get(ballot.carries, 0)):
        return "passed"
    return "passed" if _by_chair(ballot, tally, chair_choice) == ballot.carries else "rejected"


def _by_chair(ballot: Ballot, tally: Mapping[str, int], chair_choice: str) -> str | None:
    if ballot.tie != "chair" or not is_tie(ballot, tally) or carries(ballot, tally.get(ballot.carries, 0)):
        return None
    return chair_choice if chair_choice in {option.key for option in ballot.options} else ""


def winners(ballot: Ballot, tally: Mapping[str, int], blank: int = 0) -> Chosen:
    """Those with more than the majority of the basis, the most votes first, as many as there are places.

    Where the last place falls to several with as many votes, none of them has it.
    """
    enough = [option.key for option in ballot.options if carries(ballot, tally.get(option.key, 0))]
    ranked = sorted(enough, key=lambda key: -tally[key])
    if len(ranked) <= ballot.places:
        return Chosen(tuple(ranked), blank=blank)
    last = tally[ranked[ballot.places - 1]]
    if tally[ranked[ballot.places]] < last:
        return Chosen(tuple(ranked[: ballot.places]), blank=blank)
    clear = tuple(key for key in ranked if tally[key] > last)
    return Chosen(clear, tuple(key for key in ranked if tally[key] == last), blank)


def carries(ballot: Ballot, votes: int) -> bool:
    """Whether so many votes are more than the majority of the basis; exact, in whole numbers."""
    return votes * ballot.majority_per > basis_of(ballot) * ballot.majority_of


def basis_of(ballot: Ballot) -> int:
    """Of how many the majority is taken."""
    return ballot.of_all if ballot.basis == "all" else len(ballot.electorate)


def is_tie(ballot: Ballot, tally: Mapping[str, int]) -> bool:
    """Whether as many stand for the question as against it, and anybody does."""
    return ballot.kind == "question" and tally.get(ballot.carries, 0) == tally.get(ballot.against, 0) > 0
