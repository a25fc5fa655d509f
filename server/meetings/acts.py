"""What somebody asks for (a command) and what happened (an event): the two halves of every act.

A command stands beside the events it yields, in the file of its subject. Its docstring is the sentence
in `docs/protocol.md`; its tag is the name on the wire. `decide` and `apply` are pure: the time and fresh
ids come with the `Moment`, and `apply` uses the event's own fields only, so that yesterday's log folds
to the same meeting on every machine.
"""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from functools import cache
from typing import Any, ClassVar, Protocol, TypeVar, Union, dataclass_transform

import msgspec

from server.canonical import canonical
from server.clock import Millis
from server.errors import Forbidden, Invalid, Refused
from server.floorplan import FloorPlan
from server.meetings.meeting import Meeting
from server.meetings.roles import Role
from server.meetings.rules import Rules
from server.text import cleaned

EVERYWHERE = frozenset({"draft", "published", "open", "break", "closed"})
BEFORE_CLOSING = EVERYWHERE - {"closed"}
BEFORE_OPENING = frozenset({"draft", "published"})
AROUND = EVERYWHERE - {"draft", "closed"}
RUNNING = frozenset({"open", "break"})
SITTING = frozenset({"open"})
NOT_NOW = {
    "draft": "phase.draft",
    "published": "phase.published",
    "open": "phase.open",
    "break": "phase.break",
    "closed": "phase.closed",
}


Audience = Container[str] | None
"""Who may see something: principals, or None for everyone admitted to the meeting."""


class Card(msgspec.Struct, frozen=True):
    """What the meeting needs to know of a person it invites."""

    id: str
    name: str
    title: str = ""
    unit: str = ""
    unit_short: str = ""
    precedence: int = 1000


class RoomPlan(msgspec.Struct, frozen=True):
    """What the meeting needs to know of a room it sits in."""

    name: str
    plan: FloorPlan


class Needs(msgspec.Struct, frozen=True):
    """What must be looked up before a command can be decided."""

    people: tuple[str, ...] = ()
    votes_of: str = ""
    creator: bool = False
    line_of: str = ""
    """A principal of whom one must know whether they are connected."""
    box_of: str = ""
    """A secret ballot whose box is opened and counted."""
    voted: tuple[str, str] = ("", "")
    """A secret ballot and a mandate of which one must know whether it has voted."""
    proof: bool = False
    """Whether the asker must have shown the second factor just now, if they have one."""
    room: str = ""
    """A room whose plan is wanted."""


class Moment(msgspec.Struct, frozen=True):
    """When something is decided, with what was looked up for it."""

    now: Millis
    fresh_id: Callable[[], str]
    people: Mapping[str, Card] = {}
    votes: Mapping[str, str] = {}
    """Mandate → option, of the ballot the command named."""
    chair_connected: bool = False
    kinds: Mapping[str, Rules] = {}
    """The catalogue of meeting types, by name."""
    connected: bool = False
    """Whether the principal that the command named has a line open."""
    recorder: str = "absent"
    """Whether a recording could begin: ready, absent (no recorder), full (no room)."""
    box: tuple[str, ...] = ()
    """What lay in the box of the secret ballot the command named, sorted: in no order of voting."""
    voted: bool = False
    """Whether the mandate that the command named has voted in its secret ballot."""
    proved: bool = True
    """False where the asker has a second factor and has not shown it just now."""
    room: RoomPlan | None = None
    """The room that the command named; none when there is no such room."""
    at_shared: bool = False
    """Whether the principal that the command named has a line open, but at a shared tablet only."""


class By(msgspec.Struct, frozen=True):
    """Who asks, with all roles held at this moment."""

    person: str
    roles: frozenset[Role]


class Row(msgspec.Struct, frozen=True):
    """Something kept beside the log, never in it."""


class VoteCast(Row, frozen=True):
    """A row beside the log: one mandate's choice in an open ballot; the newest one counts."""

    ballot: str
    mandate: str
    choice: str
    by: str
    at: Millis


class SecretVote(Row, frozen=True):
    """A mandate has voted, and a sealed choice lies in the box; nothing that is kept ties the one to the other."""

    ballot: str
    mandate: str
    choice: str

    def __repr__(self) -> str:
        return "SecretVote(…)"


class BoxOpened(Row, frozen=True):
    """A box stands ready for a secret ballot: a place for each mandate, and a key of its own."""

    ballot: str
    mandates: tuple[str, ...]
    width: int
    """Octets of the longest choice there can be."""


class BoxCleared(Row, frozen=True):
    """A secret ballot is over: the box is emptied and its key destroyed."""

    ballot: str


class ReadySaid(Row, frozen=True):
    """Whoever holds this mandate is ready to vote."""

    ballot: str
    mandate: str


class ReadyForgotten(Row, frozen=True):
    """Everybody is asked anew whether they are ready: what was said before counts no longer."""

    ballot: str


@dataclass_transform(frozen_default=True, field_specifiers=(msgspec.field,))
class Command(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type"):
    """Something somebody asks for."""

    permits: ClassVar[frozenset[Role]] = frozenset()
    phases: ClassVar[frozenset[str]] = SITTING
    for_chair: ClassVar[frozenset[str]] = frozenset()
    """The phases in which a secretary does this on the chair's order, beside what only acting for the chair permits."""
    while_stopped: ClassVar[bool] = False
    """Whether this goes on while the system is stopped for content that does not belong on it: it carries none."""

    def needs(self) -> Needs:
        """What to look up first; nothing, for most commands."""
        return Needs()

    def decide(self, meeting: Meeting, by: By, moment: Moment) -> Iterable[Event | Row]:
        """The events that follow, or a `Refused`."""
        raise AssertionError(f"{type(self).__name__} decides nothing")


@dataclass_transform(frozen_default=True, field_specifiers=(msgspec.field,))
class Event(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type"):
    """Something that happened."""

    def apply(self, meeting: Meeting) -> Meeting:
        """The meeting afterwards."""
        raise AssertionError(f"{type(self).__name__} changes nothing")

    def audience(self, meeting: Meeting) -> Audience:
        """Who may see it, with the meeting as it stands after it."""
        return None


def decide(command: Command, meeting: Meeting, by: By, moment: Moment) -> list[Event | Row]:
    """What follows from the command; refuses by role and by the meeting's phase before the subject's own rules."""
    if not command.permits & by.roles:
        raise Forbidden("role.not_allowed")
    if meeting.phase not in command.phases:
        raise Refused(NOT_NOW[meeting.phase])
    if not command.while_stopped:
        unless_stopped(meeting)
    return list(command.decide(meeting, by, moment))


def unless_stopped(meeting: Meeting) -> None:
    """`Refused("meeting.stopped")` while the system is stopped for content that does not belong on it."""
    if meeting.stopped:
        raise Refused("meeting.stopped")


def order_of(command: Command, meeting: Meeting, by: By) -> str:
    """On whose order somebody acts: the chair speaks, the secretary taps; empty for what is one's own to do."""
    if Role.SECRETARY not in by.roles or Role.CHAIR in by.roles:
        return ""
    only_acting = command.permits & by.roles == {Role.ACTING}
    return meeting.chair if only_acting or meeting.phase in command.for_chair else ""


S = TypeVar("S")


class Applied(Protocol[S]):
    """What changes a state of this kind."""

    def apply(self, state: S, /) -> S: ...


def fold(state: S, events: Iterable[Applied[S]]) -> S:
    """The meeting, or another state, after these events, in order."""
    for event in events:
        state = event.apply(state)
    return state


def tag_of(act: msgspec.Struct | type[msgspec.Struct]) -> str:
    """The name on the wire."""
    return str(act.__struct_config__.tag)


def all_commands() -> list[type[Command]]:
    """Every command there is, by tag."""
    return sorted(Command.__subclasses__(), key=tag_of)


def all_events() -> list[type[Event]]:
    """Every event there is, by tag."""
    return sorted(Event.__subclasses__(), key=tag_of)


def read_command(raw: bytes) -> Command:
    """The command of this JSON: unknown names and fields, wrong types, long texts and huge numbers are refused.

    Human text is cleaned on the way in: NFC, without bidirectional and zero-width controls.
    """
    command: Command = read_act(raw, reader_of(Command))
    return command


def read_act(raw: bytes, reader: msgspec.json.Decoder[Any]) -> Any:
    """What this reader makes of it, with `command.malformed` for whatever it makes nothing of."""
    try:
        return reader.decode(canonical(cleaned(msgspec.json.decode(raw))))
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, TypeError) as error:
        raise Invalid("command.malformed", reason=str(error)) from error


def write_event(event: msgspec.Struct) -> dict[str, Any]:
    """The event's own fields, as they are stored."""
    plain: dict[str, Any] = msgspec.to_builtins(event)
    del plain["type"]
    return plain


def read_event(tag: str, data: bytes | msgspec.Raw) -> Event:
    """An event out of the log; fields added since then take their defaults."""
    event: Event = read_written(tag, data, reader_of(Event))
    return event


def read_written(tag: str, data: bytes | msgspec.Raw, reader: msgspec.json.Decoder[Any]) -> Any:
    """What `write_event` wrote down, as this reader reads it."""
    return reader.decode(msgspec.json.encode({**msgspec.json.decode(data), "type": tag}))


@cache
def reader_of(family: type[msgspec.Struct]) -> msgspec.json.Decoder[Any]:
    """Reads all kinds of one family by their tags."""
    return msgspec.json.Decoder(Union[tuple(family.__subclasses__())])  # noqa: UP007 - the union is known only now
