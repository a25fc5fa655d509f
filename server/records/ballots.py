"""The votes of a meeting as the minutes tell them: what was asked, how, and what came of it.

`event` is the version of the meeting's stream a piece comes from; times are milliseconds since the epoch.
"""

from __future__ import annotations

import msgspec

from server.clock import Millis


class Count(msgspec.Struct, frozen=True):
    """One option of a ballot and how many chose it; `names` only where the vote was by name."""

    option: str
    count: int
    names: tuple[str, ...] = ()


class Papers(msgspec.Struct, frozen=True):
    """Paper ballots as the tellers counted them."""

    issued: int
    returned: int
    invalid: int = 0


class Voiding(msgspec.Struct, frozen=True):
    """Two people decided that a ballot does not count."""

    event: int
    at: Millis
    asked_by: str
    by: str
    reason: str = ""


class Ballot(msgspec.Struct, frozen=True):
    """A vote that was held. What came of it is here only if it was announced."""

    event: int
    at: Millis
    question: str
    counts: tuple[Count, ...]
    basis: int
    """What the percentages are of."""
    basis_words: str = "tổng số thành viên"
    not_voted: int = 0
    majority: str = ""
    """The rule in words: "quá nửa tổng số thành viên Ủy ban nhân dân tỉnh"."""
    result: str = ""
    """The sentence that was announced: "Dự thảo Nghị quyết được thông qua"."""
    way: str = "open"
    """`open` (on the tablets), `named` (so, and by name), `hands` (a show of hands the secretary entered), `paper`
    (entered afterwards from paper ballots), `secret` (bỏ phiếu kín)."""
    entered_at: Millis | None = None
    entered_by: str = ""
    ordered_by: str = ""
    """On whose order the result was entered; empty where the chair did it."""
    taken_at: Millis | None = None
    """When the vote was taken, where the result was entered afterwards, and why it was."""
    reason: str = ""
    papers: Papers | None = None
    """What the tellers counted of paper ballots."""
    absent: int = 0
    """Members who could not vote because they were not there, where the percentages are of all members."""
    announced: bool = True
    """False where it was closed and counted and the chair announced nothing: `counts` is empty, `at` is its end."""
    cast: int = 0
    electorate: int = 0
    """How many voted of those who might; said only where nothing was announced."""
    kind: str = "question"
    """`question`, `choice` (one or several of several), `election`."""
    places: int = 1
    elected: tuple[str, ...] = ()
    """Who was elected, or what was chosen, the most votes first."""
    tied: tuple[str, ...] = ()
    """Even in votes for the last place, which none of them has."""
    blank: int = 0
    """Valid ballots on which nobody was chosen."""
    short_of: int = 0
    """How many voting members should have been there, where it opened without the quorum; 0: enough were."""
    voided: Voiding | None = None
    repeated: bool = False
    """Taken in the place of one that was voided."""
