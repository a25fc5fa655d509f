"""A vote as it stands: the question, who may answer, and what came of it."""

from __future__ import annotations

from typing import Literal

from server.clock import Millis
from server.errors import Refused
from server.meetings.rules import Option
from server.meetings.words import Id, Line, State, Title

Method = Literal["open", "hands", "paper", "named", "secret"]
"""On the tablets, by a show of hands, or on paper ballots; the last two are counted in the hall and entered. `named`
is announced with names always; `secret` never has any, and what was cast is final."""
Kind = Literal["question", "choice", "election"]
"""Answers of the meeting type; one or several of several; candidates for so many seats."""


class CountSheet(State):
    """What the tellers wrote down of paper ballots: handed out, given back, and not valid."""

    issued: int
    returned: int
    invalid: int = 0


class Entered(State):
    """Who entered a result that was counted in the hall, when, and on whose order."""

    by: Id
    at: Millis
    order_of: Line = ""
    taken_at: Millis = 0
    """When the vote was taken, where it was entered afterwards; 0: just before."""
    reason: Line = ""
    """Why it was entered afterwards."""


class Chosen(State):
    """Which options were chosen, or who was elected: in order of votes, the list's order where those are even."""

    elected: tuple[Id, ...] = ()
    tied: tuple[Id, ...] = ()
    """Even in votes for the last place or places: none of them has it, and a new vote is taken among them."""
    blank: int = 0
    """Ballots on which nobody was chosen."""


class VoidAsked(State):
    """Somebody asks that a ballot be voided; another person has to confirm it."""

    by: Id
    at: Millis
    reason: Line
    again: bool = False
    """Whether the same question is put to the vote once more."""
    method: Method | Literal[""] = ""
    """How it is then voted, where otherwise than before."""


class Voided(State):
    """A ballot that does not count: who asked for it, who confirmed, when and why."""

    asked_by: Id
    by: Id
    at: Millis
    reason: Line


class Ballot(State):
    """A vote ("biểu quyết"); the choices themselves are rows, not state."""

    id: Id
    item: Id
    question: Title
    options: tuple[Option, ...]
    carries: Id
    basis: Literal["all", "present"]
    majority_of: int
    majority_per: int
    tie: Literal["chair", "rejected"]
    method: Method = "open"
    state: Literal["planned", "open", "closed", "announced", "void"] = "planned"
    electorate: dict[str, str] = {}
    """Mandate → person who holds it, fixed when the ballot opened."""
    of_all: int = 0
    opened_at: Millis = 0
    closed_at: Millis = 0
    cast: int = 0
    sealed: Line = ""
    """The seal, in old logs; see `Tally`."""
    tally: dict[str, int] = {}
    """Option → votes; empty until announced."""
    result: Literal["", "passed", "rejected"] = ""
    votes: dict[str, str] = {}
    """Mandate → option, only where the chair announced names."""
    against: Id = "disagree"
    """The option that stands against `carries`: as many of the one as of the other is a tie."""
    entered: Entered | None = None
    """The trace of a result that did not come from the tablets."""
    sheet: CountSheet | None = None
    """What the tellers counted; empty until announced, and where nothing was counted on paper."""
    kind: Kind = "question"
    places: int = 1
    """How many options may be chosen on one ballot, and how many places there are for them."""
    needed: int = 0
    """How many voting members had to be present when it opened; 0: the type asks for none."""
    called_at: Millis = 0
    """Since when everybody is asked whether they are ready; 0: nobody is."""
    chosen: Chosen | None = None
    """What came of a choice or an election; empty until announced."""
    voided: Voided | None = None
    repeats: Line = ""
    """The voided ballot in whose place this one is taken."""
    by_chair: Line | None = None
    """Where for and against were even and the chair's vote decides: what the chair chose, "" for nothing; empty until
    announced, and where it did not come to that."""

    @property
    def by_name(self) -> bool:
        """Whether the rows say who chose what."""
        return self.method in {"open", "named"}

    @property
    def on_tablets(self) -> bool:
        """Whether members vote on their own devices."""
        return self.method in {"open", "named", "secret"}


class Tally(State):
    """A count the desk knows before it is announced."""

    tally: dict[str, int]
    result: Literal["passed", "rejected"]
    cast: int
    sheet: CountSheet | None = None
    chosen: Chosen | None = None
    sealed: Line = ""
    """SHA-256 over the ballots as counted; of a secret ballot over its figures alone."""
    by_chair: Line | None = None


def must_suit(method: str, places: int) -> None:
    """`Refused("ballot.hands_for_one")`: a hand is raised for one option."""
    if method == "hands" and places > 1:
        raise Refused("ballot.hands_for_one")


def tie_of(method: Method, of_type: Literal["chair", "rejected"]) -> Literal["chair", "rejected"]:
    """What comes of as many for as against: how the chair has voted is not known of a secret ballot."""
    return "rejected" if method == "secret" else of_type


def taken_again(ballot: Ballot, fresh_id: str, method: Method, tie: Literal["chair", "rejected"]) -> Ballot:
    """The same question, to be voted on once more in the place of a voided ballot; nothing that was cast goes along."""
    return Ballot(
        fresh_id,
        ballot.item,
        ballot.question,
        ballot.options,
        ballot.carries,
        ballot.basis,
        ballot.majority_of,
        ballot.majority_per,
        tie,
        method,
        against=ballot.against,
        kind=ballot.kind,
        places=ballot.places,
        repeats=ballot.id,
    )
