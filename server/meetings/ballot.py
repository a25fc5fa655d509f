"""A vote as it stands: the question, who may answer, and what came of it."""

from __future__ import annotations

from typing import Literal

from server.clock import Millis
from server.meetings.rules import Option
from server.meetings.words import Id, Line, State, Title

Method = Literal["open", "hands", "paper"]
"""On the tablets, by a show of hands, or on paper ballots; the last two are counted in the hall and entered."""


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
    """SHA-256 over the ballots as counted."""
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


class Tally(State):
    """A count the desk knows before it is announced."""

    tally: dict[str, int]
    result: Literal["passed", "rejected"]
    cast: int
    sheet: CountSheet | None = None
