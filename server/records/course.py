"""The course of a meeting (diễn biến) as the minutes need it, whatever log it was read from.

Every piece carries `event`, the version of the meeting's stream it comes from, so that a sentence of the
minutes can always say where it has its knowledge from. What happened before what is known by these versions; times
(milliseconds since the epoch) are only said, for the clock may have been turned back in between.
"""

from __future__ import annotations

import msgspec

from server.clock import Millis
from server.records.attending import Attendee, Quorum, Telephoned
from server.records.ballots import Ballot
from server.records.naming import Person, Words


class Break(msgspec.Struct, frozen=True):
    """The meeting paused ("tạm nghỉ"); `ended` is None while it still does."""

    event: int
    began: Millis
    ended: Millis | None = None
    stopped: bool = False
    """Whether the system was stopped meanwhile, for content that does not belong on it ("tạm dừng hệ thống")."""


class Chairing(msgspec.Struct, frozen=True):
    """Who chaired from when. The first period begins with the meeting; later ones were handed over by name."""

    event: int
    chair: Person
    began: Millis


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
    began_event: int = 0
    """The version at which the floor was given; 0: as `event`, at which it was over."""


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
    key: str = ""
    """Of its paragraph in the minutes, where one event has several."""
    order: int = 0
    """The version of the meeting's log behind which it happened, where that is not `event`."""


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
    remarks: tuple[Remark, ...] = ()
    """Outside any item."""
    recipients: tuple[str, ...] = ()
    """"Nơi nhận", without the line "Lưu: VT, Hồ sơ." which every copy has."""
