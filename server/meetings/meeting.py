"""How a meeting stands: one frozen value, small enough to be sent whole.

Three things are never the same: a *person* (presence, speech), an *endpoint* (a device, or a site's
camera) and a voting *mandate* (one's own, or the one a substitute holds). Ids of persons and of sites
are both *principals*: what may be signed in, heard and put on stage.

Everything is an integer, a string, or a list or map of them, so that the digest of the state reads the
same in Python and JavaScript. Maps and tuples are never changed in place.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from server.clock import Millis
from server.errors import Refused
from server.meetings.ballot import Ballot, Tally, VoidAsked
from server.meetings.roles import Role
from server.meetings.rules import Rules
from server.meetings.seats import Attendance, Call, Member, Seating, Site, Voice
from server.meetings.words import Id, Line, PageNumber, Short, State, Text, Title

__all__ = [
    "Attendance",
    "Ballot",
    "Call",
    "Item",
    "Meeting",
    "Member",
    "Paper",
    "Period",
    "Question",
    "Request",
    "Shown",
    "Site",
    "Speech",
    "Tally",
]


class Item(State):
    """One item of the agenda ("nội dung")."""

    id: Id
    title: Title
    short: Short
    minutes: int = 15
    presenter: Line = ""
    state: Literal["waiting", "current", "done", "postponed"] = "waiting"
    began_at: Millis = 0
    ended_at: Millis = 0
    spent: Millis = 0
    """Time spent on it in earlier rounds; a reopened item goes on from there."""
    conclusion: Text = ""
    kind: Literal["", "content", "procedure"] = ""
    """Whether papers belong to it; opening, closing and the like are procedure. Empty: nobody said."""


class Paper(State):
    """A paper of an item, as readers know it; the file itself is in the documents room."""

    id: Id
    item: Id
    title: Title
    short: Short
    kind: Line = ""
    state: Literal["waiting", "ready", "refused"] = "waiting"
    problem: Line = ""
    version: Line = ""
    pages: int = 0
    readers: Literal["all", "members", "named"] = "all"
    named: tuple[Id, ...] = ()
    screen_only: bool = False
    """Nobody may save or print it, whoever may read it."""


class Shown(State):
    """What the presenter shows: a page and the part of it in view."""

    paper: Id
    page: PageNumber
    x: int = 0
    y: int = 0
    width: int = 10_000
    """Width of the part in view in 1/10000 of the page's width; `x`, `y` its corner, of width and height."""


class Request(State):
    """A registration to speak; `seq` is the one order everybody sees."""

    id: Id
    person: Id
    item: Line
    topic: Line
    seq: int
    at: Millis
    kind: Literal["speech", "question", "order"] = "speech"
    to: Line = ""


class Speech(State):
    """Somebody holds the floor."""

    id: Id
    person: Id
    item: Line
    topic: Line
    began_at: Millis
    allotted: Millis
    invited_by: Id
    kind: Literal["speech", "question", "order", "reply"] = "speech"
    opens_at: Millis = 0
    """When the speaker's microphone opens; until then it says how many seconds are left."""
    to: Line = ""
    """Who is questioned, or whose question is answered."""
    answers: Line = ""
    """The question that is answered."""


class Question(State):
    """Somebody was questioned ("chất vấn"); it waits until it is answered, or will be in writing."""

    id: Id
    """That of the speech in which it was put."""
    person: Id
    to: Line
    item: Line
    topic: Line
    reply: Literal["", "given", "written"] = ""


class Period(State):
    """A stretch of time in which the meeting sat."""

    began_at: Millis
    ended_at: Millis = 0


class Meeting(State):
    """The whole meeting after some version of its stream."""

    id: Id
    title: Title
    rules: Rules
    form: Literal["room", "online", "hybrid"] = "hybrid"
    place: Line = ""
    starts_at: Millis = 0
    ends_at: Millis = 0
    host: Line = ""
    """The unit that convenes."""
    internal: bool = False
    """Nobody takes its papers along, and it is not recorded."""
    phase: Literal["draft", "published", "open", "break", "closed"] = "draft"
    periods: tuple[Period, ...] = ()
    break_reason: Line = ""
    stopped: Millis = 0
    """Since when the system is stopped for content that does not belong on it, which is a break, too; 0: it is not."""
    chair: Line = ""
    deputy: Line = ""
    acting: bool = False
    controlling: Line = ""
    members: dict[str, Member] = {}
    sites: dict[str, Site] = {}
    items: tuple[Item, ...] = ()
    papers: dict[str, Paper] = {}
    shown: Shown | None = None
    presenting: Line = ""
    asking: tuple[Id, ...] = ()
    """Who asks to present, in order."""
    requests: tuple[Request, ...] = ()
    requests_closed: bool = False
    next_seq: int = 1
    speaking: Speech | None = None
    spoken: dict[str, int] = {}
    """Person → milliseconds spoken so far."""
    turns: dict[str, int] = {}
    """Person → how often they have spoken."""
    questions: tuple[Question, ...] = ()
    """Those that were put, in order."""
    ballots: dict[str, Ballot] = {}
    tallies: dict[str, Tally] = {}
    voidings: dict[str, VoidAsked] = {}
    """Ballot → who asks that it be voided, until another person has decided; for the desk's eyes."""
    microphones: dict[str, Literal["open", "closed"]] = {}
    """Principal → what the chair decided by hand; nobody named follows the floor."""
    locked: tuple[Id, ...] = ()
    """Principals who may not open their own microphone: it opens with the floor, or by the desk's hand."""
    locks_newcomers: bool = False
    """All were locked, and not given back to all since: a site that comes later is locked too."""
    pinned: Line = ""
    layout: Literal["", "tiles", "grid", "stage"] = ""
    """How all sites show the pictures: stage with tiles, all alike, the stage alone; empty: as each screen does."""
    waiting_room: bool = False
    """Whether a site waits until it is let in."""
    admitted: tuple[Id, ...] = ()
    """The sites let in, while there is a waiting room."""
    sharing: Line = ""
    notice: Line = ""
    """The sentence that stands on all screens."""
    notice_until: Millis = 0
    """When the house takes it away; 0: not before somebody does."""
    calls: dict[str, Call] = {}
    """What seats and sites call for, until it is done."""
    voices: dict[str, tuple[Voice, ...]] = {}
    """Site → when it was there by telephone, in order; the last one may still go on."""
    recording: Literal["", "on", "paused"] = ""
    """What the chair decided; in a break nothing is recorded either way."""
    recorded: bool = False
    """Whether there is a recording of this meeting."""
    seating: Seating | None = None
    """The plan of the room; none where people sit as they like."""
    seats_shown: bool = False
    """Whether the hall's screen shows who sits where."""

    def item(self, item_id: str) -> Item:
        """The item, or `Refused("item.unknown")`."""
        for item in self.items:
            if item.id == item_id:
                return item
        raise Refused("item.unknown")

    def paper(self, paper_id: str) -> Paper:
        """The paper, or `Refused("paper.unknown")`."""
        if paper_id not in self.papers:
            raise Refused("paper.unknown")
        return self.papers[paper_id]

    def member(self, person: str) -> Member:
        """The member, or `Refused("member.unknown")`."""
        if person not in self.members:
            raise Refused("member.unknown")
        return self.members[person]

    def site(self, site_id: str) -> Site:
        """The site, or `Refused("site.unknown")`."""
        if site_id not in self.sites:
            raise Refused("site.unknown")
        return self.sites[site_id]

    def telephone_of(self, site_id: str) -> str:
        """The number under which the site is there by telephone now; empty while it is not."""
        last = self.voices.get(site_id, ())[-1:]
        return last[0].number if last and not last[0].ended_at else ""

    def ballot(self, ballot_id: str) -> Ballot:
        """The ballot, or `Refused("ballot.unknown")`."""
        if ballot_id not in self.ballots:
            raise Refused("ballot.unknown")
        return self.ballots[ballot_id]

    @property
    def current(self) -> Item | None:
        """The item being dealt with."""
        return next((item for item in self.items if item.state == "current"), None)

    def roles_of(self, person: str) -> frozenset[Role]:
        """All roles somebody holds now: those given, and those that follow from the course."""
        if person in self.sites:
            return frozenset({Role.SITE})
        member = self.members.get(person)
        if member is None:
            return frozenset()
        held = set(member.roles)
        if person == self.chair:
            held.add(Role.CHAIR)
        if person == self.deputy:
            held.add(Role.DEPUTY)
        if self.acting and Role.SECRETARY in held:
            held.add(Role.ACTING)
        if person == self.controlling:
            held.add(Role.CONTROLLING)
        if person == self.presenting:
            held.add(Role.PRESENTER)
        return frozenset(held)

    def with_item(self, changed: Item) -> Meeting:
        """The meeting with this item in place of the one of the same id."""
        items = tuple(changed if item.id == changed.id else item for item in self.items)
        return msgspec.structs.replace(self, items=items)

    def with_member(self, changed: Member) -> Meeting:
        """The meeting with this member added or replaced."""
        return msgspec.structs.replace(self, members={**self.members, changed.id: changed})

    def with_ballot(self, changed: Ballot) -> Meeting:
        """The meeting with this ballot added or replaced."""
        return msgspec.structs.replace(self, ballots={**self.ballots, changed.id: changed})

    def with_paper(self, changed: Paper) -> Meeting:
        """The meeting with this paper added or replaced."""
        return msgspec.structs.replace(self, papers={**self.papers, changed.id: changed})


def without_presenter(items: tuple[Item, ...], person: str) -> tuple[Item, ...]:
    """The agenda when this person presents nothing of it any more."""
    return tuple(msgspec.structs.replace(item, presenter="") if item.presenter == person else item for item in items)
