"""A stale view plus the events one may see equals a fresh view, for everybody, after every command."""

from __future__ import annotations

import random

import msgspec
import pytest

from server.errors import Forbidden, NotFound, Problem
from server.meetings import views
from server.meetings.acts import Command, Event, all_commands, all_events, tag_of
from server.meetings.roles import Role
from server.meetings.words import State
from tests.meetings.scenario import ALL_PRINCIPALS, Play, opened, prepared, seen_by, whole

EVERYONE, DESK, READERS = "everyone admitted", "desk and secretary", "readers of the paper"

WHO_SEES: dict[str, str] = {
    "acting.granted": EVERYONE,
    "agenda.ordered": EVERYONE,
    "attendance.recorded": EVERYONE,
    "attendance.substituted": EVERYONE,
    "ballot.announced": EVERYONE,
    "ballot.closed": EVERYONE,
    "ballot.counted": DESK,
    "ballot.opened": EVERYONE,
    "ballot.planned": EVERYONE,
    "chair.handed_over": EVERYONE,
    "chair.named": EVERYONE,
    "controls.passed": EVERYONE,
    "floor.ended": EVERYONE,
    "floor.extended": EVERYONE,
    "floor.invited": EVERYONE,
    "floor.ordered": EVERYONE,
    "floor.register_closed": EVERYONE,
    "floor.requested": EVERYONE,
    "floor.withdrawn": EVERYONE,
    "item.added": EVERYONE,
    "item.concluded": EVERYONE,
    "item.edited": EVERYONE,
    "item.finished": EVERYONE,
    "item.removed": EVERYONE,
    "item.started": EVERYONE,
    "meeting.closed": EVERYONE,
    "meeting.created": EVERYONE,
    "meeting.described": EVERYONE,
    "meeting.opened": EVERYONE,
    "meeting.paused": EVERYONE,
    "meeting.published": EVERYONE,
    "meeting.resumed": EVERYONE,
    "member.changed": EVERYONE,
    "member.invited": EVERYONE,
    "member.removed": EVERYONE,
    "microphones.switched": EVERYONE,
    "notice.posted": EVERYONE,
    "page.turned": READERS,
    "paper.attached": READERS,
    "paper.detached": EVERYONE,
    "paper.hidden": EVERYONE,
    "paper.ready": READERS,
    "paper.shown": READERS,
    "presenting.handed_over": EVERYONE,
    "screen.shared": EVERYONE,
    "site.added": EVERYONE,
    "stage.pinned": EVERYONE,
    "view.moved": READERS,
}

SEES_COUNTS = {"chair", "deputy", "secretary"}
READS = {
    "p-all": set(ALL_PRINCIPALS),
    "p-members": {"chair", "deputy", "secretary", "delegate", "second", "technician"},
    "p-named": {"chair", "deputy", "secretary", "second"},
}


def test_somebody_has_decided_who_sees_every_event() -> None:
    assert set(WHO_SEES) == {tag_of(event) for event in all_events()}


@pytest.mark.parametrize("tag", sorted(WHO_SEES))
def test_an_event_reaches_those_it_is_for_and_nobody_else(tag: str) -> None:
    for _, event, after in whole().steps:
        if tag_of(event) != tag:
            continue
        seeing = {person for person in ALL_PRINCIPALS if views.visible(event, after, person)}
        if WHO_SEES[tag] == DESK:
            assert seeing == SEES_COUNTS
        elif WHO_SEES[tag] == READERS:
            assert seeing & set(after.members) <= READS.get(_paper_of(event), set(ALL_PRINCIPALS))
            assert seeing >= READS.get(_paper_of(event), set(ALL_PRINCIPALS)) & set(after.members) - {"substitute"}
        else:
            assert seeing == set(ALL_PRINCIPALS)


def test_a_stale_view_and_the_visible_events_make_a_fresh_view() -> None:
    for before, event, after in whole().steps:
        changed = views.whose_rights_changed(before, after)
        for person in ALL_PRINCIPALS:
            if person not in changed:
                assert seen_by(before, person, [event], after) == views.view(after, person), (tag_of(event), person)


def test_every_tablet_agrees_on_the_public_part() -> None:
    for _, _, after in whole().steps:
        public = views.public_digest(after)
        assert {views.public_digest(views.view(after, person)) for person in ALL_PRINCIPALS} == {public}


def test_a_count_is_hidden_until_it_is_announced() -> None:
    play = opened()
    ballot = next(iter(play.meeting.ballots))
    play.does("chair", "ballot.open", ballot=ballot)
    play.does("delegate", "ballot.cast", ballot=ballot, mandate="delegate", choice="agree")
    play.does("chair", "ballot.close", ballot=ballot)
    assert views.view(play.meeting, "delegate").tallies == {}
    assert views.view(play.meeting, "delegate").ballots[ballot].tally == {}
    assert views.view(play.meeting, "secretary").tallies[ballot].tally["agree"] == 1


def test_a_draft_is_seen_only_by_those_who_prepare_it() -> None:
    draft = prepared().meeting
    views.admit(draft, {Role.SECRETARY})
    with pytest.raises(Forbidden, match=r"meeting\.not_published"):
        views.admit(draft, {Role.DELEGATE})
    with pytest.raises(NotFound, match=r"meeting\.unknown"):
        views.admit(draft, set())


@pytest.mark.parametrize("seed", range(40))
def test_random_commands_never_part_a_tablet_from_the_server(seed: int) -> None:
    play, chance = opened(), random.Random(seed)
    stale = {person: views.view(play.meeting, person) for person in ALL_PRINCIPALS}
    begun = len(play.steps)
    for _ in range(150):
        before, known = play.meeting, len(play.steps)
        kind = chance.choice([c for c in all_commands() if tag_of(c) != "meeting.close"])
        may = [person for person in ALL_PRINCIPALS if play.meeting.roles_of(person) & kind.permits]
        try:
            person = chance.choice(may if may and chance.random() < 0.8 else ALL_PRINCIPALS)
            play.does(person, tag_of(kind), **_random_fields(kind, chance, play))
        except Problem:
            assert play.meeting == before
        fresh_steps = play.steps[known:]
        for person in ALL_PRINCIPALS:
            for earlier, event, after in fresh_steps:
                if person in views.whose_rights_changed(earlier, after):
                    stale[person] = views.view(after, person)
                else:
                    stale[person] = seen_by_view(stale[person], event, after, person)
            assert stale[person] == views.view(play.meeting, person)
    assert len(play.steps) > begun + 25


def seen_by_view(view: State, event: Event, after: State, person: str) -> State:
    """The tablet's own state after an event that may or may not reach it."""
    return event.apply(view) if views.visible(event, after, person) else view  # type: ignore[arg-type]


def _random_fields(kind: type[Command], chance: random.Random, play: Play) -> dict[str, object]:
    """The fields of a command, with ids that mostly exist."""
    fields: dict[str, object] = {}
    for field in msgspec.structs.fields(kind):
        if not field.required and chance.random() < 0.5:
            continue
        value = _random_value(field.name, kind, chance, play)
        if value is not None:
            fields[field.name] = value
    return fields


def _random_value(name: str, kind: type[Command], chance: random.Random, play: Play) -> object:
    meeting = play.meeting
    pools: dict[str, list[object]] = {
        "item": [item.id for item in meeting.items],
        "before": [item.id for item in meeting.items] + [r.id for r in meeting.requests] + [""],
        "paper": list(meeting.papers) or ["none"],
        "request": [r.id for r in meeting.requests] or ["none"],
        "ballot": list(meeting.ballots) or ["none"],
        "choice": ["agree", "disagree", "abstain"],
        "page": [1, 2, 7, 24, 25],
        "minutes": [1, 5, 10],
        "x": [0, 1000],
        "y": [0, 1000],
        "width": [5000, 10_000],
        "state": ["done", "postponed", "room", "online", "left", "absent", "ready"],
        "place": ["room", "online"] if "attendance" in tag_of(kind) else ["Phòng họp số 2"],
        "roles": [["delegate"], ["guest"], ["secretary"]],
        "people": [["stranger"], ["substitute"]],
        "named": [["second"], []],
        "readers": ["all", "members", "named"],
        "form": ["room", "hybrid"],
        "starts_at": [1_760_486_400_000],
        "ends_at": [1_760_496_400_000],
        "kind": ["speech", "question", "order"] if "floor" in tag_of(kind) else ["Báo cáo"],
        "method": ["open", "hands"],
        "tally": [{"agree": 1, "disagree": 0, "abstain": 0}],
        "how": ["arrived", "qr"],
    }
    if name in {"person", "who", "to", "substitute", "mandate", "chair", "deputy", "presenter", "by"}:
        return chance.choice(ALL_PRINCIPALS) if kind.__struct_fields__ and tag_of(kind) != "member.change" else "second"
    if name in {"without_quorum", "granted", "closed", "open", "sharing", "names", "excused", "late"}:
        return chance.random() < 0.5
    if name == "site":
        return "" if "member" in tag_of(kind) else None
    return chance.choice(pools[name]) if name in pools else f"Nội dung {chance.randrange(100)}"


def _paper_of(event: Event) -> str:
    shown = getattr(event, "shown", None)
    paper = getattr(event, "paper", None) if shown is None else shown.paper
    return paper if isinstance(paper, str) else str(getattr(paper, "id", ""))
