"""A stale view plus the events one may see equals a fresh view, for everybody, after every command."""

from __future__ import annotations

import random

import msgspec
import pytest

from server.canonical import digest
from server.errors import Forbidden, NotFound, Problem, Refused
from server.meetings import views
from server.meetings.acts import Command, Event, all_commands, all_events, tag_of
from server.meetings.live import Snapshots
from server.meetings.meeting import Meeting
from server.meetings.papers import is_reader, readers_of
from server.meetings.roles import Role
from server.meetings.sitting import ResumeMeeting
from server.meetings.words import State
from tests.meetings.scenario import ALL_PRINCIPALS, Play, opened, prepared, seen_by, whole

EVERYONE, DESK, READERS = "everyone admitted", "desk and secretary", "readers of the paper"
OF_ITEM, HELP = "everyone but guests of other items", "who helps, and who called"

WHO_SEES: dict[str, str] = {
    "acting.granted": EVERYONE,
    "agenda.ordered": EVERYONE,
    "attendance.recorded": EVERYONE,
    "attendance.substituted": EVERYONE,
    "ballot.announced": OF_ITEM,
    "ballot.called": OF_ITEM,
    "ballot.closed": OF_ITEM,
    "ballot.counted": DESK,
    "ballot.dropped": OF_ITEM,
    "ballot.opened": OF_ITEM,
    "ballot.planned": OF_ITEM,
    "ballot.void_asked": DESK,
    "ballot.void_refused": DESK,
    "ballot.voided": OF_ITEM,
    "call.answered": HELP,
    "call.ended": HELP,
    "call.made": HELP,
    "chair.handed_over": EVERYONE,
    "chair.named": EVERYONE,
    "controls.passed": EVERYONE,
    "floor.ended": OF_ITEM,
    "floor.extended": EVERYONE,
    "floor.invited": OF_ITEM,
    "floor.opened": EVERYONE,
    "floor.ordered": EVERYONE,
    "floor.register_closed": EVERYONE,
    "floor.reply_promised": OF_ITEM,
    "floor.requested": OF_ITEM,
    "floor.withdrawn": EVERYONE,
    "item.added": OF_ITEM,
    "item.concluded": OF_ITEM,
    "item.edited": OF_ITEM,
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
    "member.limited": EVERYONE,
    "member.removed": EVERYONE,
    "member.revoked": EVERYONE,
    "microphones.locked": EVERYONE,
    "microphones.switched": EVERYONE,
    "notice.posted": EVERYONE,
    "page.turned": READERS,
    "paper.attached": READERS,
    "paper.detached": EVERYONE,
    "paper.hidden": EVERYONE,
    "paper.ready": READERS,
    "paper.renamed": READERS,
    "paper.restricted": READERS,
    "paper.shown": READERS,
    "presenting.asked": EVERYONE,
    "presenting.handed_over": EVERYONE,
    "recording.deleted": EVERYONE,
    "recording.paused": EVERYONE,
    "recording.resumed": EVERYONE,
    "recording.started": EVERYONE,
    "recording.stopped": EVERYONE,
    "screen.shared": EVERYONE,
    "seats.assigned": EVERYONE,
    "seats.drawn": EVERYONE,
    "seats.shown": EVERYONE,
    "site.added": EVERYONE,
    "site.removed": EVERYONE,
    "site.telephoned": EVERYONE,
    "stage.arranged": EVERYONE,
    "stage.pinned": EVERYONE,
    "system.stopped": EVERYONE,
    "view.moved": READERS,
    "waiting_room.admitted": EVERYONE,
    "waiting_room.switched": EVERYONE,
}

HELPS = {"secretary", "technician"}
SEES_COUNTS = {"chair", "deputy", "secretary"}
READS = {
    "p-all": set(ALL_PRINCIPALS),
    "p-members": {"chair", "deputy", "secretary", "delegate", "second", "technician"},
    "p-named": {"chair", "deputy", "secretary", "second"},
    "p-bad": set(ALL_PRINCIPALS) - {"guest"},
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
        elif WHO_SEES[tag] == HELP:
            assert seeing == HELPS | {getattr(event, "caller", "") or getattr(event, "call").by}  # noqa: B009
        elif WHO_SEES[tag] == OF_ITEM and not _of_the_guests_item(event, after):
            assert seeing == set(ALL_PRINCIPALS) - {"guest"}
        else:
            assert seeing == set(ALL_PRINCIPALS)


def test_a_stale_view_and_the_visible_events_make_a_fresh_view() -> None:
    for before, event, after in whole().steps:
        changed = views.whose_rights_changed(before, after)
        for person in ALL_PRINCIPALS:
            if person not in changed:
                assert seen_by(before, person, [event], after) == views.view(after, person), (tag_of(event), person)


def test_whose_rights_changed_is_the_same_as_when_everybody_is_looked_at() -> None:
    presenter = {Role.PRESENTER}
    for before, event, after in whole().steps:
        everyone = {*before.members, *after.members, *before.sites, *after.sites}
        others = {who for who in everyone if before.roles_of(who) - presenter != after.roles_of(who) - presenter}
        assert others <= views.whose_rights_changed(before, after), tag_of(event)


def test_newcomers_who_see_the_same_are_shown_the_same_octets_and_nobody_else_is() -> None:
    snapshots = Snapshots()
    for before, _, after in whole().steps:
        for meeting in (before, after):
            shown = {person: snapshots.of(meeting, person) for person in ALL_PRINCIPALS}
            assert shown == {person: views.as_json(views.view(meeting, person)) for person in ALL_PRINCIPALS}
            outlooks = {views.outlook(meeting, person) for person in ALL_PRINCIPALS}
            assert len({id(octets) for octets in shown.values()}) == len(outlooks) < len(shown)


def test_a_reader_asked_about_alone_is_one_of_all_readers() -> None:
    for _, event, after in whole().steps:
        for paper in (*after.papers.values(), None):
            readers = readers_of(after, paper)
            among = {person for person in (*ALL_PRINCIPALS, "stranger") if readers is None or person in readers}
            assert among == {p for p in (*ALL_PRINCIPALS, "stranger") if is_reader(after, paper, p)}, tag_of(event)


def test_every_tablet_agrees_on_the_public_part() -> None:
    for _, _, after in whole().steps:
        public = digest(views.public_part(after))
        assert {digest(views.public_part(views.view(after, person))) for person in ALL_PRINCIPALS} == {public}


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
    for _ in range(170):
        before, known = play.meeting, len(play.steps)
        kind = chance.choice([c for c in all_commands() if tag_of(c) != "meeting.close"])
        if play.meeting.stopped and chance.random() < 0.3:
            kind = ResumeMeeting  # or hardly anything would happen in the rest of the meeting
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
    assert len(play.steps) > begun + 15


KINDS: dict[str, list[object]] = {
    "floor.request": ["speech", "question", "order"],
    "call.make": ["technician", "service"],
    "ballot.plan": ["question", "choice", "election"],
    "item.add": ["content", "procedure"],
    "item.edit": ["content", "procedure"],
}


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
        "kind": KINDS.get(tag_of(kind), ["Báo cáo"]),
        "method": ["hands", "paper"] if tag_of(kind) == "ballot.enter" else ["open", "hands", "paper", "named"],
        "options": [["Bà Hà", "Ông Toàn"], []],
        "places": [1, 2],
        "blank": [0],
        "votes": [{}],
        "calling": [True, False],
        "taken_at": [1_760_486_400_000],
        "issued": [2],
        "returned": [1],
        "invalid": [0],
        "tally": [{"agree": 1, "disagree": 0, "abstain": 0}],
        "how": ["arrived", "qr"],
        "items": [[item.id for item in meeting.items[:1]], []],
        "call": list(meeting.calls) or ["none"],
        "number": ["0230 000 1112", "0912 000 117", ""],
        "present": [["second"], []],
        "question": [question.id for question in meeting.questions] or ["none"],
        "answers": [question.id for question in meeting.questions] or [""],
        "speech": [meeting.speaking.id if meeting.speaking else "none"],
    }
    if name in {"person", "who", "to", "substitute", "mandate", "chair", "deputy", "presenter", "by"}:
        return chance.choice(ALL_PRINCIPALS) if kind.__struct_fields__ and tag_of(kind) != "member.change" else "second"
    if name in {
        "without_quorum",
        "granted",
        "closed",
        "open",
        "sharing",
        "names",
        "excused",
        "late",
        "again",
        "calling",
    }:
        return chance.random() < 0.5
    if name == "site":
        return "site-tx" if tag_of(kind) == "site.telephone" else "" if "member" in tag_of(kind) else None
    return chance.choice(pools[name]) if name in pools else f"Nội dung {chance.randrange(100)}"


def _of_the_guests_item(event: Event, after: Meeting) -> bool:
    """Whether the event belongs to the one item the guest is invited to, or to none, or comes before there are such."""
    guest = after.members.get("guest")
    if guest is None or not guest.only_items:
        return True
    for part in (getattr(event, name, None) for name in ("item", "speech", "request", "ballot")):
        if part is not None:
            known = after.ballots.get(part, part) if isinstance(part, str) else part
            item = known if isinstance(known, str) else getattr(known, "item", getattr(known, "id", ""))
            return not item or item in guest.only_items
    raise AssertionError(f"{tag_of(event)} belongs to no item")


def _paper_of(event: Event) -> str:
    shown = getattr(event, "shown", None)
    paper = getattr(event, "paper", None) if shown is None else shown.paper
    return paper if isinstance(paper, str) else str(getattr(paper, "id", ""))


def test_a_guest_of_one_item_sees_no_words_of_the_others() -> None:
    meeting = whole().meeting
    seen = views.view(meeting, "guest")
    first, *others = seen.items
    assert first.title == meeting.items[0].title
    assert {item.title for item in others} == {"Nội dung khác"}
    assert not any(item.conclusion or item.presenter for item in others)
    assert {paper.item for paper in seen.papers.values()} <= {first.id}
    assert seen.ballots == {}, "all ballots belong to another item"
    assert len(seen.items) == len(meeting.items), "the numbers of the agenda stay"


def test_a_guest_of_one_item_hears_no_topic_of_another_and_cannot_register_there() -> None:
    play = opened()
    play.does("chair", "item.start", item=play.meeting.items[1].id)
    play.does("delegate", "floor.request", topic="Điều kín")
    play.does("chair", "floor.invite", person="second", topic="Điều kín khác")
    seen = views.view(play.meeting, "guest")
    assert seen.requests[0].topic == "" and seen.speaking is not None and seen.speaking.topic == ""
    with pytest.raises(Refused, match=r"floor\.not_your_item"):
        play.does("guest", "floor.request", topic="Cũng muốn nói")


def test_the_whole_meeting_is_a_guests_again_when_no_items_are_named() -> None:
    play = opened()
    play.does("secretary", "member.limit", person="guest", items=[])
    assert views.view(play.meeting, "guest").items == play.meeting.items
    with pytest.raises(Refused, match=r"member\.not_a_guest"):
        play.does("secretary", "member.limit", person="delegate", items=[play.meeting.items[0].id])


def test_an_item_that_was_removed_opens_no_other_to_its_guest() -> None:
    play = prepared()
    play.does("secretary", "item.remove", item=play.meeting.items[0].id)
    assert {item.title for item in views.view(play.meeting, "guest").items} == {"Nội dung khác"}


def test_papers_for_named_readers_are_withdrawn_from_them_when_the_meeting_closes() -> None:
    play = opened()
    assert views.may_read(play.meeting, "p-named", "second")
    before = play.meeting
    play.does("chair", "meeting.close")
    assert not views.may_read(play.meeting, "p-named", "second")
    assert "second" in views.whose_rights_changed(before, play.meeting), "their tablets begin from a snapshot"
    assert "p-named" not in views.view(play.meeting, "second").papers
    assert all(views.may_read(play.meeting, "p-named", person) for person in ("chair", "deputy", "secretary"))
    assert views.may_read(play.meeting, "p-all", "second") and views.may_read(play.meeting, "p-members", "second")


def test_calls_are_seen_by_who_helps_and_who_called() -> None:
    play = opened()
    play.does("delegate", "call.make", kind="service")
    seeing = {person for person in ALL_PRINCIPALS if views.view(play.meeting, person).calls}
    assert seeing == {"delegate", "secretary", "technician"}


def test_what_happened_to_a_paper_that_was_taken_off_is_told_to_nobody_it_was_not_for() -> None:
    """Whoever was away hears of it later, when the meeting does not know any more for whom the paper was."""
    play = opened()
    (renamed,) = play.does("secretary", "paper.rename", paper="p-named", title="Kết luận thanh tra", short="Kết luận")
    play.does("secretary", "paper.detach", paper="p-named")
    assert isinstance(renamed, Event)
    assert all(views.visible(renamed, play.meeting, person) for person in ("chair", "deputy", "secretary"))
    assert not any(views.visible(renamed, play.meeting, person) for person in ("delegate", "guest", "site-tx"))
