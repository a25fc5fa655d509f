"""What was sent, answered and heard in a run of the house, and what must hold of it, whatever went wrong meanwhile.

`violations` is a pure function over a recorded history: it asks no server. The nine invariants are those that the
live protocol promises; `tests/live/test_history.py` breaks each of them in a history that is whole and sees it found.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

import msgspec

from server.meetings import views
from server.meetings.acts import Audience, all_commands, read_event, tag_of
from server.meetings.meeting import Meeting
from server.meetings.roles import DESK_AND_SECRETARY, Role
from server.meetings.service import blank

MARK = re.compile(r"mark-[0-9a-f]{16}")
"""What a driver writes into a command so that its event is known again in the log."""
NO_RECEIPT = {"ink.read_only", "ink.unknown", "storage.away", "live.too_fast", "live.too_late"}
"""What is refused before the stream is asked: it may be sent again and be granted."""
MARKED = {
    "notice.post": "notice.posted",
    "floor.request": "floor.requested",
    "ballot.plan": "ballot.planned",
    "stroke.add": "stroke.added",
}
"""Commands that carry a mark, and the one event that each of them yields."""
PERMITS: dict[str, frozenset[Role]] = {tag_of(command): command.permits for command in all_commands()}


class Sent(msgspec.Struct, frozen=True):
    """A command went out for the first time; `tick` counts all that happens anywhere, in order."""

    tick: int
    client: str
    person: str
    stream: str
    id: str
    command: dict[str, Any]


class Answered(msgspec.Struct, frozen=True):
    """The sender heard an answer to it; a command that was sent again may have several."""

    tick: int
    id: str
    ok: bool
    version: int
    code: str = ""


class Synced(msgspec.Struct, frozen=True):
    """A client was brought up to date: with a snapshot, or with events that are recorded as heard."""

    tick: int
    client: str
    person: str
    stream: str
    asked: int
    """The tick at which it asked."""
    version: int
    snapshot: Any = None


class Heard(msgspec.Struct, frozen=True):
    """A client was shown an event, or that there is a hidden one."""

    tick: int
    client: str
    person: str
    stream: str
    version: int
    type: str
    data: Any = None


Record = Sent | Answered | Synced | Heard


class Logged(msgspec.Struct, frozen=True):
    """One event of the log."""

    version: int
    by: str
    type: str
    data: dict[str, Any]


class Held(msgspec.Struct, frozen=True):
    """What a client, or a process of the house (`person` is empty), holds of a stream at rest."""

    holder: str
    person: str
    stream: str
    version: int
    digest: str
    state: Any = None


class Poll(msgspec.Struct, frozen=True):
    """A ballot as it ended: its rows by mandate, and its count where it is closed."""

    state: str
    rows: dict[str, str]
    cast: int = 0
    tally: dict[str, int] = {}


class History(msgspec.Struct, frozen=True, dict=True):
    """A whole run."""

    meeting: str
    base: int
    """Events of the meeting that are older than the run."""
    records: Sequence[Record]
    log: Mapping[str, Sequence[Logged]]
    broken: Mapping[str, int]
    """Streams whose chain of hashes is broken, and where."""
    held: Sequence[Held]
    polls: Mapping[str, Poll]
    drawn: Mapping[str, Sequence[str]]
    """The marks that the rows of each layer have."""
    exported: Mapping[str, Mapping[int, int]] = {}
    """Layer → page → annotations in the exported PDF."""

    @property
    def stream(self) -> str:
        """The meeting's."""
        return f"meeting:{self.meeting}"

    @cached_property
    def states(self) -> list[Meeting]:
        """The meeting after each version, from none."""
        states = [blank(self.meeting)]
        for entry in self.log[self.stream]:
            states.append(read_event(entry.type, msgspec.json.encode(entry.data)).apply(states[-1]))
        return states

    @cached_property
    def audiences(self) -> dict[int, set[Audience]]:
        """Who might see each event of the meeting, by the rules at each moment at which it may have been delivered."""
        events = ((one.version, read_event(one.type, msgspec.json.encode(one.data))) for one in self.log[self.stream])
        return {version: {event.audience(state) for state in self.states[version:]} for version, event in events}

    def stood_at_the_desk(self, person: str) -> set[bool]:
        """Whether this person held a role of the desk or the secretary's, at each moment of the run."""
        if person not in self._desk:
            states = self.states[self.base :]
            self._desk[person] = {bool(state.roles_of(person) & DESK_AND_SECRETARY) for state in states}
        return self._desk[person]

    @cached_property
    def _desk(self) -> dict[str, set[bool]]:
        return {}

    @cached_property
    def sent(self) -> dict[str, Sent]:
        """The commands by their ids."""
        return {record.id: record for record in self.records if isinstance(record, Sent)}

    @cached_property
    def answers(self) -> dict[str, list[Answered]]:
        """The answers by the ids of their commands, in order; those without a receipt only where nothing followed."""
        found: dict[str, list[Answered]] = defaultdict(list)
        for record in self.records:
            if isinstance(record, Answered):
                found[record.id].append(record)
        return {key: [one for one in given if one.code not in NO_RECEIPT] or given[-1:] for key, given in found.items()}

    @cached_property
    def granted(self) -> list[tuple[Sent, Answered]]:
        """The commands that were answered with yes, with the first such answer."""
        return [(self.sent[key], given[0]) for key, given in self.answers.items() if given[0].ok]


class Violation(msgspec.Struct, frozen=True):
    """Something that must not be."""

    invariant: str
    what: str


def versions_are_dense(history: History) -> Iterator[str]:
    """Each stream's versions are dense from 1 and without doubles: in the log, and for each client."""
    for stream, entries in history.log.items():
        if [entry.version for entry in entries] != list(range(1, len(entries) + 1)):
            yield f"the log of {stream} is not dense"
    yield from (f"the chain of {stream} is broken at {version}" for stream, version in history.broken.items())
    stood: dict[tuple[str, str], int] = {}
    for record in history.records:
        if isinstance(record, Heard):
            key = record.client, record.stream
            if record.version != stood.get(key, -1) + 1:
                yield f"{record.client} heard {record.version} of {record.stream} after {stood.get(key)}"
            stood[key] = record.version
        elif isinstance(record, Synced) and record.snapshot is not None:
            stood[record.client, record.stream] = record.version


def what_was_acked_is_kept_once(history: History) -> Iterator[str]:
    """Acked means in the log, after any crash; nothing is there twice, and nothing that was refused."""
    kept = {stream: _marks(entries) for stream, entries in history.log.items()}
    wished: dict[str, Counter[str]] = defaultdict(Counter)
    for key, sent in history.sent.items():
        given = history.answers.get(key, [])
        if not given:
            yield f"{sent.client} was never answered: {sent.command}"
            continue
        if any(answer.code == "bug" for answer in given):
            yield f"{sent.client} met a bug: {sent.command}"
        if any((answer.ok, answer.version) != (given[0].ok, given[0].version) for answer in given):
            yield f"{sent.client} had two answers to one command: {given}"
        mark = _mark_of(sent)
        if mark is None:
            continue
        wished[sent.stream][mark] += 1
        found = kept[sent.stream].get(mark, [])
        if given[0].ok and found != [given[0].version]:
            yield f"{mark} was acked as {given[0].version} and stands at {found}"
        if not given[0].ok and found:
            yield f"{mark} was refused and stands at {found}"
    for stream, marks in kept.items():
        unsent = [at for mark, at in marks.items() if not wished[stream][mark]]
        yield from (f"nobody sent what stands at {at} of {stream}" for at in unsent)


def acked_stands_before_sent_later(history: History) -> Iterator[str]:
    """If A was acked before B was sent, A stands before B."""
    newest: dict[str, int] = {}
    floor: dict[str, int] = {}
    for record in history.records:
        if isinstance(record, Sent):
            floor[record.id] = newest.get(record.stream, 0)
        elif isinstance(record, Answered) and record.ok:
            sent = history.sent[record.id]
            least = floor[record.id] + (_mark_of(sent) is not None)
            if record.version < least:
                yield f"{sent.client} was answered {record.version}, acked before it was sent: {floor[record.id]}"
            newest[sent.stream] = max(newest.get(sent.stream, 0), record.version)


def all_agree_at_rest(history: History) -> Iterator[str]:
    """At rest all clients and all processes hold equal digests, and each client exactly what its person may see."""
    for stream in {held.stream for held in history.held}:
        holders = [held for held in history.held if held.stream == stream]
        head = len(history.log[stream])
        for held in holders:
            if held.version != head:
                yield f"{held.holder} holds {held.version} of {stream}, the log {head}"
        if not stream.endswith(":desk") and len({held.digest for held in holders}) > 1:
            yield f"{stream}: {sorted((held.digest[:8], held.holder) for held in holders)}"
    for held in history.held:
        is_tablets = held.person and held.stream == history.stream
        if is_tablets and held.state != as_shown(history.states[-1], held.person):
            yield f"{held.holder} does not hold the meeting as {held.person} may see it"


def no_page_goes_back(history: History) -> Iterator[str]:
    """A tablet's page never goes back, across reconnects, processes and devices: whatever a person has seen before a
    device of theirs asked, that device is at least as far; and it is shown what the meeting was at that version."""
    known: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
    for record in history.records:
        if not isinstance(record, Heard | Synced):
            continue
        seen = known[record.person, record.stream]
        if isinstance(record, Synced):
            theirs = [one for one in seen if one[0] < record.asked and record.snapshot is not None]
            before = max((version for _, version in theirs), default=0)
            if record.version < before:
                yield f"{record.client} was taken back from {before} to {record.version} of {record.stream}"
        seen.append((record.tick, max(record.version, seen[-1][1] if seen else 0)))
    for record in history.records:
        if isinstance(record, Synced) and record.snapshot is not None and record.stream == history.stream:
            if record.version >= len(history.states):
                yield f"{record.client} was shown version {record.version}, which is not in the log"
            elif record.snapshot != as_shown(history.states[record.version], record.person):
                yield f"{record.client} was shown another meeting than that of version {record.version}"


def strokes_are_in_the_export(history: History) -> Iterator[str]:
    """Acked strokes less acked erasures are the strokes in the rows, in every client, and in the exported PDF."""
    left: dict[str, dict[str, int]] = {stream: {} for stream in history.drawn}
    erased: dict[str, set[str]] = defaultdict(set)
    for sent, _ in history.granted:
        if sent.command["type"] == "stroke.add":
            left[sent.stream][sent.command["stroke"]["id"]] = sent.command["stroke"]["page"]
        elif sent.command["type"] == "stroke.erase":
            erased[sent.stream].add(sent.command["id"])
    for stream, marks in history.drawn.items():
        wanted = {mark: page for mark, page in left[stream].items() if mark not in erased[stream]}
        if sorted(marks) != sorted(wanted):
            yield f"the rows of {stream} differ by {set(marks) ^ set(wanted)} from what was acked"
        pages = history.exported.get(stream)
        if pages is not None and dict(pages) != dict(Counter(wanted.values())):
            yield f"the PDF has {dict(pages)} of {stream}, acked were {dict(Counter(wanted.values()))}"


Votes = dict[str, list[tuple[Sent, Answered]]]
"""The votes that were acked, by mandate."""


def votes_are_one_number(history: History) -> Iterator[str]:
    """Accepted votes, distinct voters acked and the sum of the tally are one number; none after an acked closing."""
    cast: dict[str, Votes] = defaultdict(lambda: defaultdict(list))
    closed: dict[str, int] = {}
    for sent, answer in history.granted:
        if sent.command["type"] == "ballot.close":
            closed[sent.command["ballot"]] = answer.tick
        elif sent.command["type"] == "ballot.cast":
            cast[sent.command["ballot"]][sent.command["mandate"]].append((sent, answer))
    for ballot, votes in cast.items():
        late = [sent for given in votes.values() for sent, _ in given if sent.tick > closed.get(ballot, sent.tick)]
        yield from (f"{sent.client} voted in {ballot} after its closing was acked" for sent in late)
    for ballot, poll in history.polls.items():
        yield from (f"{ballot}: {what}" for what in _miscounted(poll, cast[ballot]))


def _miscounted(poll: Poll, votes: Votes) -> Iterator[str]:
    if set(poll.rows) != set(votes):
        yield f"votes of {sorted(poll.rows)}, acked to {sorted(votes)}"
    if poll.state in {"closed", "announced"}:
        is_one = poll.cast == sum(poll.tally.values()) == len(votes)
        if not is_one or Counter(poll.rows.values()) != Counter(poll.tally):
            yield f"{poll.cast} cast, tally {poll.tally}, {len(votes)} voters acked, rows {poll.rows}"
    for mandate, given in votes.items():
        last = {one.command["choice"] for one, told in given if not any(other.tick > told.tick for other, _ in given)}
        if poll.rows.get(mandate) not in last:
            yield f"{mandate} chose {sorted(last)} last, kept is {poll.rows.get(mandate)}"


def authors_held_their_roles(history: History) -> Iterator[str]:
    """Every event's author held the role it needed at that version, and had asked for it."""
    newest, floor = 0, dict[str, int]()
    for record in history.records:
        if isinstance(record, Sent):
            floor[record.id] = newest
        elif isinstance(record, Answered) and record.ok and history.sent[record.id].stream == history.stream:
            newest = max(newest, record.version)
    spans: dict[str, list[tuple[int, int]]] = defaultdict(list)
    for sent, answer in history.granted:
        if sent.stream != history.stream:
            continue
        span = range(floor[sent.id], answer.version + (_mark_of(sent) is None))
        spans[sent.person].append((floor[sent.id], answer.version))
        if _mark_of(sent) is not None:
            span = range(answer.version - 1, answer.version)
        permits = PERMITS[sent.command["type"]]
        if not any(permits & history.states[at].roles_of(sent.person) for at in span if at < len(history.states)):
            yield f"{sent.person} was granted {sent.command} at {answer.version} without the role"
    for entry in history.log[history.stream][history.base :]:
        asked = any(low < entry.version <= high for low, high in spans[entry.by])
        if entry.by != "house" and not asked:
            yield f"{entry.type} at {entry.version} stands under {entry.by}, who had not asked for anything then"


def nobody_hears_what_is_hidden(history: History) -> Iterator[str]:
    """Nobody receives an event that the rules hide from them; whoever may see one receives it as it is in the log."""
    for record in history.records:
        if not isinstance(record, Heard):
            continue
        entries = history.log[record.stream]
        if record.version > len(entries):
            yield f"{record.client} heard {record.version} of {record.stream}, which is not in the log"
            continue
        entry = entries[record.version - 1]
        allowed = _allowed(history, record, entry)
        if record.type == "hidden":
            if allowed == {True}:
                yield f"{record.client} was not shown {entry.type} at {entry.version}"
        elif True not in allowed:
            yield f"{record.client} was shown {entry.type} at {entry.version}, which is hidden from {record.person}"
        elif (record.type, record.data) != (entry.type, entry.data):
            yield f"{record.client} was shown {record.type} at {entry.version}, the log has {entry.type}"


INVARIANTS: dict[str, Callable[[History], Iterator[str]]] = {
    "1 dense": versions_are_dense,
    "2 kept once": what_was_acked_is_kept_once,
    "3 in order": acked_stands_before_sent_later,
    "4 agree at rest": all_agree_at_rest,
    "5 never back": no_page_goes_back,
    "6 strokes": strokes_are_in_the_export,
    "7 votes": votes_are_one_number,
    "8 roles": authors_held_their_roles,
    "9 hidden": nobody_hears_what_is_hidden,
}


def violations(history: History) -> list[Violation]:
    """Everything in this history that must not be; nothing, when all promises were kept."""
    return [Violation(name, what) for name, broken in INVARIANTS.items() for what in broken(history)]


def as_shown(meeting: Meeting, person: str) -> Any:
    """The meeting as this person may see it, as plain data of JSON."""
    return msgspec.json.decode(views.as_json(views.view(meeting, person)))


def _allowed(history: History, heard: Heard, entry: Logged) -> set[bool]:
    """Whether the person may see the event, by the rules at each moment at which it may have been delivered."""
    if heard.stream == history.stream:
        return {allowed is None or heard.person in allowed for allowed in history.audiences[entry.version]}
    if heard.stream.endswith(":desk"):
        mine = heard.person == (entry.data.get("drawn_by") or entry.by)
        return {mine} if mine else history.stood_at_the_desk(heard.person)
    return {True}


def _mark_of(sent: Sent) -> str | None:
    if sent.command["type"] not in MARKED:
        return None
    found = MARK.search(msgspec.json.encode(sent.command).decode())
    return found.group() if found else None


def _marks(entries: Sequence[Logged]) -> dict[str, list[int]]:
    """Mark → the versions at which an event stands that has it from its command."""
    found: dict[str, list[int]] = defaultdict(list)
    for entry in entries:
        if entry.type in MARKED.values():
            for mark in MARK.findall(msgspec.json.encode(entry.data).decode()):
                found[mark].append(entry.version)
    return found
