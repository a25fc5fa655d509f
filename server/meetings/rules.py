"""What the type of the meeting demands: who must be there, what a vote offers, and what carries it.

The values come from the catalogue of meeting types; sources stand in `docs/legal.md`.
"""

from __future__ import annotations

from typing import Literal

from server.meetings.words import Id, Line, State


class Option(State):
    """One answer of a ballot, in the words of the meeting type."""

    key: Id
    vi: Line
    en: Line


class Rules(State):
    """What the meeting type demands (attendance, quorum, votes); copied into the meeting at its creation."""

    kind: Id
    name: Line
    presiding: Line = "chủ trì"
    members: Line = "thành viên"
    """What those with a vote are called in the minutes."""
    address: Line = "đồng chí"
    quorum_of: int = 0
    quorum_per: int = 1
    """Quorum: `quorum_of`/`quorum_per` of all mandates must be present; 0 means none is needed."""
    votes: bool = True
    options: tuple[Option, ...] = ()
    carries: Id = "agree"
    """The option that decides whether the question passes."""
    against: Id = "disagree"
    """The option that stands against it: as many of the one as of the other is a tie."""
    basis: Literal["all", "present"] = "all"
    majority_of: int = 1
    majority_per: int = 2
    """More than `majority_of`/`majority_per` of the basis must choose `carries`."""
    tie: Literal["chair", "rejected"] = "chair"
    substitutes_vote: bool = False
    speaking_minutes: int = 5
    speaking_ends: Literal["desk", "time"] = "desk"
    """Who ends a speech whose time is over: the desk, or the clock."""
    speaking_grace: int = 15
    """Seconds over time after which the clock does so."""
    ink_for_all: bool = False
    """Whether delegates may draw for everyone, or only the desk and the presenter."""
    recordings: Literal["desk", "members"] = "desk"
    """Who may see a recording afterwards beside chair, deputy and secretaries: nobody, or all members."""
