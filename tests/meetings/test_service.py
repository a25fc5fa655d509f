"""Commands through the database: exactly once, in order, and whole after a restart."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from server import streams
from server.clock import HeldClock
from server.db import Connection, Database
from server.http import Visitor
from server.meetings.acts import Card, read_command
from server.meetings.agenda import AddItem
from server.meetings.live import MeetingDoor
from server.meetings.meeting import Meeting
from server.meetings.members import InviteMembers
from server.meetings.polling import own_votes, result_table
from server.meetings.preparing import CreateMeeting, NameChair, PublishMeeting
from server.meetings.questions import PlanBallot
from server.meetings.roles import Role
from server.meetings.service import Around, Asker, Meetings, stream_of
from server.streams import Answer, StreamId, Streams
from tests.meetings.chamber import lay_tables
from tests.meetings.scenario import PEOPLE, RULES, START

SECRETARY = Asker("secretary", "vp-ubnd", frozenset({"secretary"}))


async def cards(people: Iterable[str]) -> Mapping[str, Card]:
    return {person: PEOPLE[person] for person in people if person in PEOPLE}


def open_meetings(db: Database) -> Meetings:
    clock = HeldClock(START)
    return Meetings(db, Streams(db, clock), clock, Around(cards, lambda _meeting, _person: True, (RULES,)))


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
async def db(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Database]:
    url = f"sqlite+aiosqlite:///{tmp_path}/test.db"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgres_url")
    database = Database(url)
    await lay_tables(database)
    yield database
    await database.close()


@pytest.fixture
async def meetings(db: Database) -> AsyncIterator[Meetings]:
    rooms = open_meetings(db)
    await _prepare(rooms)
    yield rooms
    await rooms.streams.close()


async def _prepare(rooms: Meetings) -> None:
    commands = [
        CreateMeeting("Phiên họp", RULES.kind, "room", "Phòng 1", START, START + 1, "vp-ubnd"),
        InviteMembers(("chair", "deputy", "delegate", "second"), (Role.DELEGATE,), mandate=True),
        NameChair("chair", "deputy"),
        AddItem("Nội dung", "Nội dung"),
        PublishMeeting(),
    ]
    for number, command in enumerate(commands):
        answer = await rooms.perform("m", SECRETARY, f"prepare-{number}", command)
        assert answer.ok, answer


async def _does(rooms: Meetings, person: str, command_id: str, **command: object) -> Answer:
    return await rooms.perform("m", Asker(person), command_id, read_command(msgspec.json.encode(command)))


async def _open_ballot(rooms: Meetings) -> str:
    for person in ("chair", "deputy", "delegate", "second"):
        await _does(rooms, person, f"arrive-{person}", type="attendance.arrive", place="room")
    await _does(rooms, "chair", "open", type="meeting.open")
    _, meeting = await rooms.standing("m")
    await rooms.perform("m", SECRETARY, "plan", PlanBallot(meeting.items[0].id, "Nhất trí?"))
    _, meeting = await rooms.standing("m")
    ballot = next(iter(meeting.ballots))
    assert (await _does(rooms, "chair", "open-ballot", type="ballot.open", ballot=ballot)).ok
    return ballot


async def test_a_command_sent_twice_is_applied_once_and_answered_twice_alike(meetings: Meetings) -> None:
    twice = [_does(meetings, "delegate", "same-id", type="attendance.arrive", place="room") for _ in range(2)]
    first, second = await asyncio.gather(*twice)
    assert first == second
    assert first.ok
    arrivals = [entry for entry in await meetings.history("m") if entry.type == "attendance.recorded"]
    assert len(arrivals) == 1


async def test_a_refusal_is_a_receipt_too(meetings: Meetings) -> None:
    first = await _does(meetings, "delegate", "refused-id", type="floor.request")
    assert (first.ok, first.code) == (False, "phase.published")
    await _does(meetings, "chair", "open-it", type="meeting.open", without_quorum=True)
    assert await _does(meetings, "delegate", "refused-id", type="floor.request") == first


async def test_versions_are_dense_and_the_chain_is_whole(meetings: Meetings) -> None:
    await asyncio.gather(
        *(
            _does(meetings, person, f"id-{person}", type="attendance.arrive", place="room")
            for person in ("chair", "deputy", "delegate", "second")
        )
    )
    entries = await meetings.history("m")
    assert [entry.version for entry in entries] == list(range(1, len(entries) + 1))
    assert await meetings.streams.verify(stream_of("m")) is None


async def test_a_second_process_and_a_restart_see_the_same_meeting(meetings: Meetings, db: Database) -> None:
    other = open_meetings(db)
    await _does(other, "delegate", "from-the-other", type="attendance.arrive", place="room")
    await _does(meetings, "second", "from-this-one", type="attendance.arrive", place="room")
    restarted = open_meetings(db)
    assert await restarted.standing("m") == await meetings.standing("m") == await other.standing("m")
    version, meeting = await restarted.standing("m")
    assert meeting.members["delegate"].attendance.present
    assert version == len(await meetings.history("m"))
    for rooms in (other, restarted):
        await rooms.streams.close()


async def test_every_vote_counts_once_however_often_it_is_sent(meetings: Meetings) -> None:
    ballot = await _open_ballot(meetings)
    sent = [
        _does(meetings, person, f"vote-{person}-{n}", type="ballot.cast", ballot=ballot, mandate=person, choice="agree")
        for person in ("chair", "deputy", "delegate")
        for n in range(3)
        for _again in range(2)
    ]
    answers = await asyncio.gather(*sent)
    assert all(answer.ok for answer in answers)
    assert len(await meetings.ledger.voted(ballot)) == 3
    await _does(meetings, "chair", "close-ballot", type="ballot.close", ballot=ballot)
    _, meeting = await meetings.standing("m")
    assert (meeting.ballots[ballot].cast, meeting.tallies[ballot].tally["agree"]) == (3, 3)


async def test_a_close_and_a_late_vote_race_to_one_result(meetings: Meetings) -> None:
    ballot = await _open_ballot(meetings)
    vote = _does(meetings, "second", "late", type="ballot.cast", ballot=ballot, mandate="second", choice="disagree")
    close = _does(meetings, "chair", "close", type="ballot.close", ballot=ballot)
    voted, closed = await asyncio.gather(vote, close)
    _, meeting = await meetings.standing("m")
    assert closed.ok
    assert meeting.ballots[ballot].cast == (1 if voted.ok else 0)


async def test_the_table_of_a_vote_by_name_keeps_whoever_was_taken_back_since(meetings: Meetings) -> None:
    ballot = await _open_ballot(meetings)
    for person, choice in (("chair", "agree"), ("second", "disagree")):
        await _does(meetings, person, person, type="ballot.cast", ballot=ballot, mandate=person, choice=choice)
    assert (await _does(meetings, "chair", "closes", type="ballot.close", ballot=ballot)).ok
    assert (await _does(meetings, "chair", "announces", type="ballot.announce", ballot=ballot, names=True)).ok
    revoke = read_command(msgspec.json.encode({"type": "member.revoke", "person": "second"}))
    assert (await meetings.perform("m", SECRETARY, "revokes", revoke)).ok
    _, table = await result_table(meetings, "m", ballot, Asker("chair"))
    _, meeting = await meetings.standing("m")
    assert "second" not in meeting.members
    assert table.count("Không tán thành") == 2, "the figure, and the name"


async def test_own_votes_are_told_to_their_voter_alone(meetings: Meetings) -> None:
    ballot = await _open_ballot(meetings)
    await _does(meetings, "second", "v", type="ballot.cast", ballot=ballot, mandate="second", choice="disagree")
    assert await own_votes(meetings, "m", "second") == {ballot: {"second": "disagree"}}
    assert await own_votes(meetings, "m", "chair") == {}


async def test_no_choice_stands_in_the_log(meetings: Meetings) -> None:
    ballot = await _open_ballot(meetings)
    await _does(meetings, "second", "v", type="ballot.cast", ballot=ballot, mandate="second", choice="disagree")
    after = [entry for entry in await meetings.history("m") if entry.type.startswith("ballot.")]
    assert [entry.type for entry in after] == ["ballot.planned", "ballot.opened"]


async def test_a_secretary_acting_for_the_chair_is_logged_with_the_chairs_order(meetings: Meetings) -> None:
    await _does(meetings, "chair", "open", type="meeting.open", without_quorum=True)
    await _does(meetings, "chair", "grant", type="acting.grant", granted=True)
    _, meeting = await meetings.standing("m")
    await _does(meetings, "secretary", "start", type="item.start", item=meeting.items[0].id)
    last = (await meetings.history("m"))[-1]
    assert (last.type, last.by, last.order_of) == ("item.started", "secretary", "chair")


async def test_a_count_and_a_conclusion_are_the_chairs_whoever_taps(meetings: Meetings) -> None:
    await _open_ballot(meetings)
    _, meeting = await meetings.standing("m")
    item = meeting.items[0].id
    await _does(meetings, "chair", "start", type="item.start", item=item)
    await _does(meetings, "secretary", "conclude", type="item.conclude", item=item, text="Thống nhất")
    await _does(meetings, "secretary", "notice", type="notice.post", text="Giải lao lúc 10 giờ")
    await _does(meetings, "chair", "conclude-2", type="item.conclude", item=item, text="Thống nhất cao")
    told = [(entry.type, entry.by, entry.order_of) for entry in (await meetings.history("m"))[-3:]]
    assert told == [
        ("item.concluded", "secretary", "chair"),
        ("notice.posted", "secretary", ""),
        ("item.concluded", "chair", ""),
    ]


async def test_a_draft_is_listed_for_its_secretaries_and_its_chair_alone(db: Database) -> None:
    rooms = open_meetings(db)
    commands = [
        CreateMeeting("Phiên họp", RULES.kind, "room", "Phòng 1", START, START + 1, "vp-ubnd"),
        InviteMembers(("chair", "deputy", "delegate"), (Role.DELEGATE,), mandate=True),
        NameChair("chair", "deputy"),
    ]
    for number, command in enumerate(commands):
        assert (await rooms.perform("m", SECRETARY, f"prepare-{number}", command)).ok
    offices = frozenset({"secretary", "unit"})
    listed = {
        person: bool(await rooms.listed(Asker(person, "vp-ubnd", offices)))
        for person in ("secretary", "chair", "deputy", "delegate", "stranger")
    }
    assert listed == {"secretary": True, "chair": True, "deputy": False, "delegate": False, "stranger": False}
    await rooms.streams.close()


async def test_a_stranger_learns_nothing(meetings: Meetings) -> None:
    with pytest.raises(Exception, match=r"meeting\.unknown"):
        await meetings.seen_by("m", Asker("stranger"))
    assert await meetings.listed(Asker("stranger")) == []
    assert [listing.id for listing in await meetings.listed(Asker("delegate"))] == ["m"]


async def test_whoever_is_known_to_belong_here_is_let_in_without_reading_the_log_first_and_a_newcomer_by_the_log(
    meetings: Meetings, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    door, elsewhere = MeetingDoor(meetings), open_meetings(db)
    arriving = b'{"type":"attendance.arrive","place":"room"}'
    await meetings.standing("m")
    assert (await elsewhere.perform("m", SECRETARY, "invite", InviteMembers(("guest",), (Role.GUEST,)))).ok
    assert (await door.perform(Visitor("guest", "s", ""), stream_of("m"), "c-1", arriving)).ok, "by the log"
    monkeypatch.setattr(meetings, "standing", None)
    assert (await door.perform(Visitor("delegate", "s", ""), stream_of("m"), "c-2", arriving)).ok
    monkeypatch.undo()
    with pytest.raises(Exception, match=r"meeting\.unknown"):
        await door.perform(Visitor("stranger", "s", ""), stream_of("m"), "c-3", arriving)
    await elsewhere.streams.close()


async def test_what_another_process_did_unheard_is_read_and_told_at_once(meetings: Meetings, db: Database) -> None:
    told: list[tuple[str, str]] = []
    read = asyncio.Event()

    def changed(before: Meeting, after: Meeting) -> None:
        told.append((before.notice, after.notice))
        read.set()

    meetings.on_change.append(changed)
    await meetings.standing("m")
    told.clear()
    elsewhere = open_meetings(db)
    for number, words in enumerate(("Giải lao", "Họp tiếp")):
        assert (await _does(elsewhere, "secretary", f"notice-{number}", type="notice.post", text=words)).ok
    entries = (await elsewhere.history("m"))[-1:]
    read.clear()
    meetings.follow(stream_of("m"), entries)
    assert told == [], "not before all of it is known"
    await asyncio.wait_for(read.wait(), 60)
    assert told == [("", "Họp tiếp")]
    assert meetings.at_hand("m") == await elsewhere.standing("m")
    await elsewhere.streams.close()


async def test_a_broken_chain_is_found_where_it_breaks(meetings: Meetings, db: Database) -> None:
    from sqlalchemy import update

    from server.streams import stream_events

    async with db.writing() as connection:
        forged = update(stream_events).where(stream_events.c.version == 3)
        await connection.execute(forged.values(data='{"chair":"second","deputy":""}'))
    assert await meetings.streams.verify(stream_of("m")) == 3


async def test_a_long_log_is_verified_page_by_page(
    meetings: Meetings, db: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    async def two(connection: Connection, stream: StreamId, since: int) -> Sequence[Any]:
        asked.append(since)
        return await honest(connection, stream, since, 2)

    honest = streams._page_of
    monkeypatch.setattr(streams, "_page_of", two)
    head = await meetings.streams.head(stream_of("m"))
    assert await meetings.streams.verify(stream_of("m")) is None
    assert asked[1:] == [*range(2, head, 2), head]
    async with db.writing() as connection:
        row = {"stream": stream_of("m"), "at": 0, "by": "", "order_of": "", "type": "x", "data": "{}", "hash": ""}
        await connection.execute(streams.stream_events.insert(), [{**row, "version": -7}])
    assert await meetings.streams.verify(stream_of("m")) == 1, "also what stands before the first"


async def test_asking_who_may_see_an_event_changes_nothing(meetings: Meetings, db: Database) -> None:
    before = await meetings.standing("m")
    elsewhere = open_meetings(db)
    assert (await _does(elsewhere, "secretary", "n", type="notice.post", text="Giải lao")).ok
    (entry,) = (await elsewhere.history("m"))[-1:]
    assert MeetingDoor(meetings).audience(entry) is None
    assert meetings.at_hand("m") == before
    meetings.follow(entry.stream, [entry])
    assert meetings.at_hand("m") == elsewhere.at_hand("m")
    await elsewhere.streams.close()


async def test_meetings_that_do_not_sit_are_forgotten_when_nobody_follows_them(meetings: Meetings) -> None:
    await meetings.standing("m")
    meetings.forget({stream_of("m")})
    assert meetings.at_hand("m") is not None, "it is followed"
    meetings.forget(set())
    assert meetings.at_hand("m") is None
    await _open_ballot(meetings)
    meetings.forget(set())
    assert meetings.at_hand("m") is not None, "it sits"


async def test_a_change_is_told_once_in_whichever_way_it_is_heard_of(meetings: Meetings, db: Database) -> None:
    """Another process decides. Before its word arrives somebody asks here, or sends a command here."""
    elsewhere, told = open_meetings(db), list[tuple[str, str]]()
    await meetings.standing("m")
    meetings.on_change.append(lambda before, after: told.append((before.notice, after.notice)))
    assert (await _does(elsewhere, "secretary", "n-1", type="notice.post", text="Một")).ok
    await meetings.standing("m")
    meetings.follow(stream_of("m"), (await elsewhere.history("m"))[-1:])
    assert told == [("", "Một")]
    assert (await _does(elsewhere, "secretary", "n-2", type="notice.post", text="Hai")).ok
    assert (await _does(meetings, "delegate", "here", type="attendance.arrive", place="room")).ok
    meetings.follow(stream_of("m"), (await elsewhere.history("m"))[-2:])
    assert told == [("", "Một"), ("Một", "Hai")]
    await elsewhere.streams.close()


async def test_who_asks_while_somebody_acts_is_not_told_how_it_stood_before(
    meetings: Meetings, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, has_read, go_on = meetings._reading._answer, asyncio.Event(), asyncio.Event()

    async def reads_slowly(asked: Sequence[str]) -> Sequence[tuple[int, Meeting]]:
        found = await read(asked)
        has_read.set()
        await go_on.wait()
        return found

    monkeypatch.setattr(meetings._reading, "_answer", reads_slowly)
    asking = asyncio.create_task(meetings.standing("m"))
    await has_read.wait()
    answer = await _does(meetings, "delegate", "arrives", type="attendance.arrive", place="room")
    go_on.set()
    assert (await asking)[0] == answer.version
