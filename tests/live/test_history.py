"""The checker of histories: it finds nothing in a history that is whole, and each broken promise in one that is not."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import pytest
from msgspec.structs import replace

from server.canonical import digest
from server.meetings import views
from server.meetings.acts import Event, tag_of, write_event
from tests.live.history import (
    Answered,
    Heard,
    Held,
    History,
    Logged,
    Poll,
    Record,
    Sent,
    Synced,
    Violation,
    as_shown,
    violations,
)
from tests.meetings.scenario import opened

MEETING = "meeting:m-1"
ALL, DESK = (f"ink:{'a' * 64}:{layer}" for layer in ("all", "desk"))
PEOPLE = ("chair", "secretary", "delegate", "guest")
VOTES = (("chair", "agree"), ("delegate", "disagree"), ("delegate", "agree"), ("second", "agree"))


def mark(number: int) -> str:
    return f"mark-{number:016x}"


class Scribe:
    """Plays a meeting as it should go, and writes down what everybody would have heard."""

    def __init__(self) -> None:
        self.play = opened()
        self.log = {MEETING: [_logged(n, "secretary", step[1]) for n, step in enumerate(self.play.steps, 1)]}
        self.base = len(self.log[MEETING])
        self.log |= {ALL: [], DESK: []}
        self.records: list[Record] = []
        self.ticks = itertools.count(1)
        for person in PEOPLE:
            for stream, state in ((MEETING, as_shown(self.play.meeting, person)), (ALL, {"strokes": []})):
                self._comes(person, stream, len(self.log[stream]), state)
        for person in PEOPLE[:3]:
            self._comes(person, DESK, 0, {"strokes": []})

    def _comes(self, person: str, stream: str, version: int, state: Any) -> None:
        asked = next(self.ticks)
        self.records.append(Synced(next(self.ticks), f"{person}-1", person, stream, asked, version, state))

    def asks(self, person: str, stream: str, command: dict[str, Any], happened: Sequence[Logged] = ()) -> None:
        """A command, its events, its answer, and what everybody hears of it."""
        sent = Sent(next(self.ticks), f"{person}-1", person, stream, f"c{len(self.records)}", command)
        self.log[stream] += happened
        version = len(self.log[stream])
        self.records += [sent, Answered(next(self.ticks), sent.id, True, version)]
        for entry, who in itertools.product(happened, PEOPLE if stream != DESK else PEOPLE[:3]):
            shown = self._may_see(stream, entry, who)
            kind, data = (entry.type, entry.data) if shown else ("hidden", None)
            self.records.append(Heard(next(self.ticks), f"{who}-1", who, stream, entry.version, kind, data))

    def _may_see(self, stream: str, entry: Logged, who: str) -> bool:
        if stream == DESK:
            return who in {"chair", "secretary", entry.by}
        return stream == ALL or views.visible(self.play.steps[entry.version - 1][1], self.play.meeting, who)

    def does(self, person: str, tag: str, **fields: Any) -> None:
        """Somebody does something in the meeting."""
        acts = self.play.does(person, tag, **fields)
        events = [act for act in acts if isinstance(act, Event)]
        first = len(self.log[MEETING]) + 1
        self.asks(
            person, MEETING, {"type": tag, **fields}, [_logged(first + n, person, e) for n, e in enumerate(events)]
        )

    def draws(self, person: str, stream: str, number: int) -> None:
        """Somebody draws a stroke."""
        stroke = {"id": mark(number), "page": 1 + number % 2}
        entry = Logged(len(self.log[stream]) + 1, person, "stroke.added", stroke)
        self.asks(person, stream, {"type": "stroke.add", "stroke": stroke}, [entry])

    def history(self) -> History:
        """All of it, with everybody at rest."""
        drawn = {ALL: [mark(1), mark(3)], DESK: [mark(4)]}
        held = [
            *[self._holds(f"{who}-1", who) for who in PEOPLE],
            Held("process 0", "", MEETING, len(self.log[MEETING]), digest(views.public_part(self.play.meeting))),
            *[Held(f"{who}-1", who, ALL, 4, digest(drawn[ALL])) for who in PEOPLE],
        ]
        (ballot,) = self.play.votes
        counted = self.play.meeting.tallies[ballot]
        polls = {ballot: Poll("closed", self.play.votes[ballot], counted.cast, dict(counted.tally))}
        return History("m-1", self.base, self.records, self.log, {}, held, polls, drawn, {ALL: {2: 2}})

    def _holds(self, client: str, person: str) -> Held:
        seen = views.view(self.play.meeting, person)
        state = as_shown(self.play.meeting, person)
        return Held(client, person, MEETING, len(self.log[MEETING]), digest(views.public_part(seen)), state)


def _logged(version: int, by: str, event: Event) -> Logged:
    return Logged(version, by, tag_of(event), msgspec.json.decode(msgspec.json.encode(write_event(event))))


def whole() -> History:
    """A history in which every promise was kept."""
    scribe = Scribe()
    scribe.does("chair", "paper.show", paper="p-all", page=2)
    scribe.does("chair", "paper.show", paper="p-named", page=3)
    scribe.does("chair", "notice.post", text=mark(10))
    scribe.does("delegate", "floor.request", topic=mark(11))
    for number, stream, person in ((1, ALL, "chair"), (2, ALL, "secretary"), (3, ALL, "chair"), (4, DESK, "delegate")):
        scribe.draws(person, stream, number)
    erased = Logged(4, "chair", "stroke.erased", {"id": mark(2), "page": 1, "drawn_by": "secretary"})
    scribe.asks("chair", ALL, {"type": "stroke.erase", "id": mark(2)}, [erased])
    ballot = next(iter(scribe.play.meeting.ballots))
    scribe.does("chair", "ballot.open", ballot=ballot)
    for person, choice in VOTES:
        scribe.does(person, "ballot.cast", ballot=ballot, mandate=person, choice=choice)
    scribe.does("chair", "ballot.close", ballot=ballot)
    return scribe.history()


def test_a_history_that_is_whole_has_nothing_against_it() -> None:
    assert violations(whole()) == []


# -- what is broken ------------------------------------------------------------------------------------------------

Corruption = Callable[[History], History]


def without(history: History, is_it: Callable[[Record], bool]) -> History:
    """Less the first record of this kind."""
    gone = next(record for record in history.records if is_it(record))
    return replace(history, records=[record for record in history.records if record is not gone])


def with_record(history: History, is_it: Callable[[Record], bool], **changed: Any) -> History:
    """With the last record of this kind changed."""
    old = next(record for record in reversed(history.records) if is_it(record))
    return replace(history, records=[replace(one, **changed) if one is old else one for one in history.records])


def relogged(history: History, stream: str, entries: Sequence[Logged]) -> History:
    """With another log of this stream."""
    return replace(history, log={**history.log, stream: entries})


def heard(kind: str, who: str = "guest", stream: str = MEETING) -> Callable[[Record], bool]:
    """That somebody heard an event of this type."""
    return lambda one: isinstance(one, Heard) and (one.type, one.person, one.stream) == (kind, who, stream)


def answered(history: History, kind: str) -> Callable[[Record], bool]:
    """The answer to a command of this type."""
    return lambda one: isinstance(one, Answered) and history.sent[one.id].command["type"] == kind


def sent(kind: str) -> Callable[[Record], bool]:
    """A command of this type."""
    return lambda one: isinstance(one, Sent) and one.command["type"] == kind


def a_hole_in_the_log(history: History) -> History:
    return relogged(history, ALL, history.log[ALL][1:])


def a_broken_chain(history: History) -> History:
    return replace(history, broken={ALL: 2})


def an_event_not_heard(history: History) -> History:
    return without(history, heard("notice.posted"))


def an_event_heard_twice(history: History) -> History:
    twice = next(one for one in history.records if heard("notice.posted")(one))
    at = history.records.index(twice)
    return replace(history, records=[*history.records[:at], twice, *history.records[at:]])


def an_acked_stroke_lost(history: History) -> History:
    lost = [entry for entry in history.log[DESK] if entry.type != "stroke.added"]
    return relogged(history, DESK, lost)


def a_stroke_done_twice(history: History) -> History:
    first = history.log[DESK][0]
    return relogged(history, DESK, [first, replace(first, version=2)])


def a_refusal_that_was_carried_out(history: History) -> History:
    return with_record(history, answered(history, "notice.post"), ok=False, code="phase.draft")


def two_answers(history: History) -> History:
    first = next(one for one in history.records if answered(history, "notice.post")(one))
    return replace(history, records=[*history.records, replace(first, version=first.version + 1)])


def no_answer(history: History) -> History:
    return without(history, answered(history, "floor.request"))


def a_bug(history: History) -> History:
    return with_record(history, answered(history, "ballot.close"), ok=False, code="bug")


def a_stroke_nobody_sent(history: History) -> History:
    entry = Logged(len(history.log[DESK]) + 1, "chair", "stroke.added", {"id": mark(99), "page": 1})
    return relogged(history, DESK, [*history.log[DESK], entry])


def an_order_turned_round(history: History) -> History:
    one, two, *rest = history.log[ALL]
    turned = relogged(history, ALL, [replace(two, version=1), replace(one, version=2), *rest])
    first, second = (
        next(
            r
            for r in history.records
            if isinstance(r, Answered) and (r.ok, history.sent[r.id].stream, r.version) == wanted
        )
        for wanted in ((True, ALL, 1), (True, ALL, 2))
    )
    changed = {id(first): replace(first, version=2), id(second): replace(second, version=1)}
    return replace(turned, records=[changed.get(id(record), record) for record in history.records])


def _other(history: History, which: int, **changed: Any) -> History:
    held = list(history.held)
    held[which] = replace(held[which], **changed)
    return replace(history, held=held)


def a_client_left_behind(history: History) -> History:
    return _other(history, 0, version=history.held[0].version - 1)


def a_client_with_another_digest(history: History) -> History:
    return _other(history, 1, digest="0" * 64)


def a_process_with_another_digest(history: History) -> History:
    return _other(history, len(PEOPLE), digest="0" * 64)


def a_client_that_sees_too_much(history: History) -> History:
    return _other(history, 3, state=history.held[0].state)


def a_device_taken_back(history: History) -> History:
    version = history.base
    late = max(record.tick for record in history.records) + 1
    state = as_shown(history.states[version], "guest")
    return replace(
        history, records=[*history.records, Synced(late + 1, "guest-2", "guest", MEETING, late, version, state)]
    )


def a_snapshot_of_another_page(history: History) -> History:
    late, version = max(record.tick for record in history.records) + 1, len(history.log[MEETING])
    state = as_shown(history.states[-1], "chair")
    wrong = {**state, "shown": {**state["shown"], "page": 1}}
    return replace(
        history, records=[*history.records, Synced(late + 1, "chair-2", "chair", MEETING, late, version, wrong)]
    )


def a_stroke_missing_in_the_rows(history: History) -> History:
    return replace(history, drawn={**history.drawn, ALL: [mark(1)]})


def an_erased_stroke_in_the_rows(history: History) -> History:
    return replace(history, drawn={**history.drawn, ALL: [mark(1), mark(2), mark(3)]})


def a_stroke_missing_in_the_pdf(history: History) -> History:
    return replace(history, exported={ALL: {2: 1}})


def _poll(history: History, **changed: Any) -> History:
    ((ballot, poll),) = history.polls.items()
    return replace(history, polls={ballot: replace(poll, **changed)})


def a_vote_lost(history: History) -> History:
    return _poll(history, rows={"chair": "agree", "delegate": "agree"})


def a_vote_counted_twice(history: History) -> History:
    return _poll(history, tally={"agree": 4}, cast=4)


def an_old_choice_kept(history: History) -> History:
    rows = {"chair": "agree", "delegate": "disagree", "second": "agree"}
    return _poll(history, rows=rows, tally={"agree": 2, "disagree": 1})


def a_vote_after_closing(history: History) -> History:
    late = max(record.tick for record in history.records) + 1
    vote = next(one for one in history.records if sent("ballot.cast")(one))
    assert isinstance(vote, Sent)
    again = replace(vote, tick=late, id="late")
    return replace(
        history, records=[*history.records, again, Answered(late + 1, "late", True, len(history.log[MEETING]))]
    )


def an_act_without_the_role(history: History) -> History:
    return with_record(history, sent("notice.post"), person="guest")


def an_event_under_another_name(history: History) -> History:
    *others, last = history.log[MEETING]
    return relogged(history, MEETING, [*others, replace(last, by="guest")])


def a_hidden_event_shown(history: History) -> History:
    shown = next(
        entry for entry in history.log[MEETING] if entry.type == "paper.shown" and entry.data["shown"]["page"] == 3
    )
    told = {"type": shown.type, "data": shown.data}
    return with_record(
        history,
        lambda one: heard("hidden")(one) and one.version == shown.version,
        **told,  # type: ignore[union-attr]
    )


def an_open_event_hidden(history: History) -> History:
    return with_record(history, heard("notice.posted"), type="hidden", data=None)


def an_event_told_wrongly(history: History) -> History:
    return with_record(history, heard("notice.posted"), data={"text": "Khác"})


def a_remark_for_the_desk_shown(history: History) -> History:
    entry = history.log[DESK][0]
    return relogged(history, DESK, [replace(entry, by="second")])


BROKEN: dict[str, tuple[Corruption, ...]] = {
    "1 dense": (a_hole_in_the_log, a_broken_chain, an_event_not_heard, an_event_heard_twice),
    "2 kept once": (
        an_acked_stroke_lost,
        a_stroke_done_twice,
        a_refusal_that_was_carried_out,
        two_answers,
        no_answer,
        a_bug,
        a_stroke_nobody_sent,
    ),
    "3 in order": (an_order_turned_round,),
    "4 agree at rest": (
        a_client_left_behind,
        a_client_with_another_digest,
        a_process_with_another_digest,
        a_client_that_sees_too_much,
    ),
    "5 never back": (a_device_taken_back, a_snapshot_of_another_page),
    "6 strokes": (a_stroke_missing_in_the_rows, an_erased_stroke_in_the_rows, a_stroke_missing_in_the_pdf),
    "7 votes": (a_vote_lost, a_vote_counted_twice, an_old_choice_kept, a_vote_after_closing),
    "8 roles": (an_act_without_the_role, an_event_under_another_name),
    "9 hidden": (
        a_hidden_event_shown,
        an_open_event_hidden,
        an_event_told_wrongly,
        a_remark_for_the_desk_shown,
    ),
}


@pytest.mark.parametrize(
    ("invariant", "corruption"),
    [pytest.param(name, one, id=one.__name__) for name, several in BROKEN.items() for one in several],
)
def test_each_broken_promise_is_found(invariant: str, corruption: Corruption) -> None:
    found: list[Violation] = violations(corruption(whole()))
    assert invariant in {one.invariant for one in found}, found
