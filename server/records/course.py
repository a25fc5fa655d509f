"""The course of a meeting (diễn biến) as the minutes need it, whatever log it was read from.

Every piece carries `event`, the version of the meeting's stream it comes from, so that a sentence of the
minutes can always say where it has its knowledge from. What happened before what is known by these versions; times
(milliseconds since the epoch) are only said, for the clock may have been turned back in between.
"""

from __future__ import annotations

from enum import StrEnum

import msgspec

from server.clock import Millis


class Words(msgspec.Struct, frozen=True):
    """The words this type of meeting uses."""

    chair: str = "chủ trì"
    """`chủ trì` (People's Committee) or `chủ tọa` (People's Council)."""
    comrade: bool = True
    """True: "đồng chí"; False: each person's own `form` ("ông", "bà")."""
    noun: str = "cuộc họp"
    """`cuộc họp`, `phiên họp`, `kỳ họp`, `hội nghị`, `hội thảo`."""
    members: str = "thành viên"
    """Who has a vote: "thành viên Ủy ban nhân dân tỉnh", "đại biểu Hội đồng nhân dân tỉnh"."""


class Person(msgspec.Struct, frozen=True):
    """Somebody as the minutes name them."""

    name: str
    title: str = ""
    unit: str = ""
    form: str = ""
    """`ông` or `bà`; empty is written "ông/bà". Not used where the meeting says "đồng chí"."""


class Break(msgspec.Struct, frozen=True):
    """The meeting paused ("tạm nghỉ"); `ended` is None while it still does."""

    event: int
    began: Millis
    ended: Millis | None = None


class Chairing(msgspec.Struct, frozen=True):
    """Who chaired from when. The first period begins with the meeting; later ones were handed over by name."""

    event: int
    chair: Person
    began: Millis


class Presence(StrEnum):
    """Where somebody was, or why not."""

    ROOM = "room"
    SITE = "site"
    ONLINE = "online"
    ABSENT_EXCUSED = "absent_excused"
    ABSENT = "absent"


class Attendee(msgspec.Struct, frozen=True):
    """One line of the attendance list."""

    id: str
    event: int
    person: Person
    presence: Presence
    votes: bool = True
    guest: bool = False
    site: str = ""
    late_at: Millis | None = None
    left_at: Millis | None = None
    reason: str = ""
    substitutes: Person | None = None
    """The person who could not come and whose place is taken ("dự thay")."""

    @property
    def absent(self) -> bool:
        """Whether they did not come at all."""
        return self.presence in {Presence.ABSENT, Presence.ABSENT_EXCUSED}


class Telephoned(msgspec.Struct, frozen=True):
    """A site that was there by telephone: its number, and from when to when where that was not the whole meeting."""

    event: int
    site: str
    number: str
    began: Millis | None = None
    ended: Millis | None = None


class Quorum(msgspec.Struct, frozen=True):
    """How many had to be there and how many were, when the chair opened."""

    event: int
    members: int
    present: int
    needed: int


class Speech(msgspec.Struct, frozen=True):
    """One turn at the microphone."""

    event: int
    speaker: Person
    began: Millis
    ended: Millis | None = None
    seconds: int = 0
    kind: str = "speech"
    """`present`, `speech`, `question`, `answer`, `explain`, `chair`, `order` (ý kiến về trình tự)."""
    topic: str = ""
    site: str = ""
    to: Person | None = None
    """Who was questioned, or whose question was answered."""
    began_event: int = 0  # the version at which the floor was given; 0: as `event`, at which it was over


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
    papers: Papers | None = None  # what the tellers counted of paper ballots
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
    tied: tuple[str, ...] = ()  # even in votes for the last place, which none of them has
    blank: int = 0  # valid ballots on which nobody was chosen
    short_of: int = 0
    """How many voting members should have been there, where it opened without the quorum; 0: enough were."""
    voided: Voiding | None = None
    repeated: bool = False  # taken in the place of one that was voided


class Conclusion(msgspec.Struct, frozen=True):
    """What the chair concluded, as the secretary took it down."""

    event: int
    at: Millis
    text: str


class Task(msgspec.Struct, frozen=True):
    """Work given out by the chair; `due` is any moment of the last day."""

    event: int
    at: Millis
    text: str
    lead: str
    others: tuple[str, ...] = ()
    due: Millis | None = None


class Remark(msgspec.Struct, frozen=True):
    """Something said to everybody, or done by the chair, that is neither a speech nor a vote."""

    event: int
    at: Millis
    text: str
    key: str = ""  # of its paragraph in the minutes, where one event has several
    order: int = 0  # the version of the meeting's log behind which it happened, where that is not `event`


class Item(msgspec.Struct, frozen=True):
    """One item of the agenda and what happened in it."""

    id: str
    event: int
    number: int
    title: str
    state: str = "planned"
    """`planned`, `running`, `done`, `postponed`, `withdrawn`."""
    began: Millis | None = None
    ended: Millis | None = None
    presenter: Person | None = None
    papers: tuple[str, ...] = ()
    speeches: tuple[Speech, ...] = ()
    ballots: tuple[Ballot, ...] = ()
    remarks: tuple[Remark, ...] = ()
    conclusions: tuple[Conclusion, ...] = ()
    tasks: tuple[Task, ...] = ()
    ended_event: int = 0


class Course(msgspec.Struct, frozen=True):
    """Everything that happened, from the opening to the end."""

    meeting: str
    title: str
    place: str
    event: int = 0
    """The version at which the meeting was opened."""
    agency: str = ""
    superior_agency: str = ""
    symbol: str = ""
    """What stands after BB: the agency's short name, "UBND"."""
    number: int | None = None
    """Given by the records clerk at issue; until then the form has a gap."""
    form: str = "room"
    """`room`, `online`, `hybrid`."""
    words: Words = Words()
    began_at: Millis | None = None
    ended_at: Millis | None = None
    ended_event: int = 0
    breaks: tuple[Break, ...] = ()
    chairs: tuple[Chairing, ...] = ()
    secretary: Person | None = None
    chair_position: str = ""
    """The government position under CHỦ TỌA, only if needed (Mẫu 1.9, note 5)."""
    attendance: tuple[Attendee, ...] = ()
    quorum: Quorum | None = None
    sites: tuple[str, ...] = ()
    telephoned: tuple[Telephoned, ...] = ()
    items: tuple[Item, ...] = ()
    remarks: tuple[Remark, ...] = ()  # outside any item
    recipients: tuple[str, ...] = ()
    """"Nơi nhận", without the line "Lưu: VT, Hồ sơ." which every copy has."""


class Listed(msgspec.Struct, frozen=True):
    """A line of the annex: who, their office, and what is to be said of them (site, dự thay, late, absent and why)."""

    name: str
    office: str
    note: str = ""


class Part(msgspec.Struct, frozen=True):
    """Those who belong together: members, those at the sites, guests, the absent."""

    title: str
    people: tuple[Listed, ...]


class Annex(msgspec.Struct, frozen=True):
    """The list that is too long for the text of the minutes."""

    title: str
    parts: tuple[Part, ...]
