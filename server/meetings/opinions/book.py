"""The book of a meeting: what was written about its papers, who may see it, and its kinds of commands and events."""

from __future__ import annotations

import itertools
from collections.abc import Container, Iterable
from typing import Annotated, ClassVar, Literal, dataclass_transform

import msgspec
from msgspec import Meta

from server.clock import Millis
from server.errors import Forbidden, Refused
from server.meetings.acts import EVERYWHERE, NOT_NOW, Audience, By, read_act, read_written, reader_of
from server.meetings.meeting import Meeting, Paper
from server.meetings.papers import readers_of
from server.meetings.roles import Role
from server.meetings.views import may_read
from server.meetings.votes import desk_of
from server.meetings.words import Id, Line, State

Words = Annotated[str, Meta(min_length=1, max_length=4000)]
Reply = Annotated[str, Meta(max_length=4000)]
LONGEST_DRAFT, LONGEST_PLACE = 12_000, 100
Draft = Annotated[str, Meta(max_length=LONGEST_DRAFT)]
To = Literal["desk", "all"]
"""For chair and secretary, or for everyone who may read the paper."""

WRITTEN = EVERYWHERE - {"draft", "closed"}
ANSWERED = EVERYWHERE - {"draft"}
TWIN = "."
"""In no comment's id: before a number it tells two of one name apart."""
LONGEST_NAME = 56
MOST = 300
"""What one person may have written in one meeting."""


class Opinion(State):
    """An opinion on a paper, or on a page of it, with what was answered."""

    id: Id
    person: Id
    paper: Id
    text: Words
    to: To
    at: Millis
    page: int = 0
    """0: on the whole paper."""
    place: Line = ""
    """The article, clause and point: "khoản 2 Điều 5"."""
    answer: Literal["", "accepted", "partly", "explained"] = ""
    """`accepted` (tiếp thu), `partly` (tiếp thu một phần), `explained` (giải trình)."""
    reply: Reply = ""
    answered_by: Line = ""
    answered_at: Millis = 0


class Amendment(State):
    """A paragraph of a draft as it is, and as somebody proposes it."""

    id: Id
    person: Id
    paper: Id
    version: Line
    """Of the paper, whose text this is."""
    passage: int
    """Number of the paragraph within it."""
    page: int
    place: Line
    before: Draft
    after: Draft
    """Empty: the paragraph is to go."""
    to: To
    at: Millis
    reason: Reply = ""
    state: Literal["open", "accepted", "refused"] = "open"
    reply: Reply = ""
    decided_by: Line = ""
    decided_at: Millis = 0
    decided_on: int = 0
    """The version of the meeting's log behind which it was decided; 0 in logs from before this was kept."""
    origin: Line = ""
    """The version it was first proposed to, where it was carried to a newer one."""
    lost: Literal["", "gone", "changed", "included", "no_text", "too_long"] = ""
    """Why it stays at an older version: the paragraph is gone, other words stand in this very place, or just these; or
    the newer version cannot be compared, being pictures without text (a scan) or too long for a draft."""
    lost_in: Line = ""
    """The version to which it could not be carried."""


class Book(State):
    """Everything written so far, by id, in the order it was first written."""

    opinions: dict[str, Opinion] = {}
    amendments: dict[str, Amendment] = {}

    def opinion(self, wanted: str) -> Opinion:
        """The opinion, or `Refused("opinion.unknown")`."""
        if wanted not in self.opinions:
            raise Refused("opinion.unknown")
        return self.opinions[wanted]

    def amendment(self, wanted: str) -> Amendment:
        """The amendment, or `Refused("amendment.unknown")`."""
        if wanted not in self.amendments:
            raise Refused("amendment.unknown")
        return self.amendments[wanted]


class Passage(msgspec.Struct, frozen=True):
    """A paragraph of a draft, as the documents room reads it."""

    number: int
    page: int
    label: str
    text: str


class Stuck(msgspec.Struct, frozen=True):
    """A sticky comment that its author gave to the desk or to everyone, as the documents room keeps it."""

    id: str
    person: str
    paper: str
    page: int
    text: str
    to: To
    at: Millis


class Scene(msgspec.Struct, frozen=True):
    """What surrounds a decision: the meeting as it stands, the time, and the paragraph or comment asked for.

    `version` is that of the meeting's log.
    """

    meeting: Meeting
    now: Millis
    passage: Passage | None = None
    stuck: Stuck | None = None
    version: int = 0


@dataclass_transform(frozen_default=True, field_specifiers=(msgspec.field,))
class OpinionCommand(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type"):
    """Something somebody asks of the book."""

    permits: ClassVar[frozenset[Role]] = frozenset()
    phases: ClassVar[frozenset[str]] = WRITTEN
    for_chair: ClassVar[bool] = False
    """Whether a secretary does it on the chair's order."""

    def needs(self) -> tuple[str, str, int] | None:
        """The paragraph to look up first: paper, version, number."""
        return None

    def takes(self) -> tuple[str, str] | None:
        """The sticky comment to look up first: paper, comment."""
        return None

    def decide(self, book: Book, by: By, scene: Scene) -> Iterable[OpinionEvent]:
        """The events that follow, or a `Refused`."""
        raise AssertionError(f"{type(self).__name__} decides nothing")


@dataclass_transform(frozen_default=True, field_specifiers=(msgspec.field,))
class OpinionEvent(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type"):
    """Something that happened to the book."""

    def apply(self, book: Book) -> Book:
        """The book afterwards."""
        raise AssertionError(f"{type(self).__name__} changes nothing")

    def audience(self, meeting: Meeting) -> Audience:
        """Who may see it, with the meeting as it stands."""
        raise AssertionError(f"{type(self).__name__} is for nobody")


class Also:
    """An audience, and a few people more."""

    def __init__(self, readers: Container[str], people: frozenset[str]) -> None:
        self.readers = readers
        self.people = people

    def __contains__(self, person: object) -> bool:
        return person in self.people or (isinstance(person, str) and person in self.readers)


def told_to(meeting: Meeting, written: Opinion | Amendment) -> Audience:
    """Who may see what was written: its author, the desk and the secretary; or also whoever may read the paper."""
    always = desk_of(meeting) | {written.person}
    if written.to != "all":
        return always
    readers = readers_of(meeting, meeting.papers.get(written.paper))
    return None if readers is None else Also(readers, always)


def view(book: Book, meeting: Meeting, person: str) -> Book:
    """The book without what this principal may not see."""

    def seen(written: Opinion | Amendment) -> bool:
        readers = told_to(meeting, written)
        return readers is None or person in readers

    opinions = {key: one for key, one in book.opinions.items() if seen(one)}
    return Book(opinions, {key: one for key, one in book.amendments.items() if seen(one)})


def written_on(meeting: Meeting, paper_id: str, person: str) -> Paper:
    """The paper somebody writes about; refused when they may not read it, or its item is done with."""
    if paper_id not in meeting.papers or not may_read(meeting, paper_id, person):
        raise Refused("paper.unknown")
    paper = meeting.papers[paper_id]
    still_open(meeting, paper_id)
    return paper


def still_open(meeting: Meeting, paper_id: str) -> None:
    """`Refused("opinion.item_done")` once the paper's item has been dealt with."""
    paper = meeting.papers.get(paper_id)
    if paper is not None and meeting.item(paper.item).state == "done":
        raise Refused("opinion.item_done")


def room_left(book: Book, person: str) -> None:
    """`Refused("opinion.too_many")` for whoever writes without end."""
    written: list[Opinion | Amendment] = [*book.opinions.values(), *book.amendments.values()]
    if sum(one.person == person for one in written) >= MOST:
        raise Refused("opinion.too_many", limit=MOST)


def known_again(book: Book) -> frozenset[tuple[str, str, str]]:
    """By which a sticky comment is found in the book: its id, its author, its paper. The id alone says nothing, for
    whoever writes gives an opinion the name they like, that of another's comment, too."""
    return frozenset((one.id.partition(TWIN)[0], one.person, one.paper) for one in book.opinions.values())


def name_for(book: Book, comment: str) -> str:
    """What a comment is called in the book: as on its page, unless somebody has taken that name."""
    others = (f"{comment[:LONGEST_NAME]}{TWIN}{number}" for number in itertools.count(2))
    return next(name for name in itertools.chain((comment,), others) if name not in book.opinions)


def decide(command: OpinionCommand, book: Book, by: By, scene: Scene) -> list[OpinionEvent]:
    """What follows; refuses by role and by the meeting's phase before the subject's own rules."""
    if not command.permits & by.roles:
        raise Forbidden("role.not_allowed")
    if scene.meeting.phase not in command.phases:
        raise Refused(NOT_NOW[scene.meeting.phase])
    return list(command.decide(book, by, scene))


def read_command(raw: bytes) -> OpinionCommand:
    """As `acts.read_command`, of the book."""
    command: OpinionCommand = read_act(raw, reader_of(OpinionCommand))
    return command


def read_event(tag: str, data: bytes | msgspec.Raw) -> OpinionEvent:
    """An event out of the log; fields added since then take their defaults."""
    event: OpinionEvent = read_written(tag, data, reader_of(OpinionEvent))
    return event
