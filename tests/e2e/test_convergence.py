"""Whatever people do at once, however badly they are connected: at rest everybody holds what the server holds.

Each tablet follows the meeting and a layer of ink over real sockets, folds the events it is shown into its snapshot,
sends commands of its own, some of them twice, reads slowly, is cut off, and comes back. The seed decides all of it.
"""

from __future__ import annotations

import asyncio
import random
import time
import uuid
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec
import pytest

from server.callers import Limits
from server.canonical import digest
from server.meetings import views
from server.meetings.acts import read_event
from server.meetings.meeting import Meeting
from server.pace import Pace
from server.streams import StreamId
from tests.e2e.small import MEETING, Caller, Furnished, Preparing, SmallHouse, small_house, two_processes
from tests.live.room import Tablet

STREAM = f"meeting:{MEETING}"
PEOPLE = ("chair", "deputy", "secretary", "delegate", "second", "guest", "technician")
STEPS = 40
BRISK = Limits(command=Pace(1_000, 1_000), sync=Pace(1_000, 1_000), heads_every_s=0.2)
PATIENCE_S = 60
AT_THE_DOOR = {"ink.read_only", "ink.unknown"}


class Wall:
    """What one tablet holds: the meeting as its owner may see it, and the strokes of the layer for all."""

    def __init__(self, caller: Caller, who: str, ink: str, chance: random.Random) -> None:
        self.caller = caller
        self.who = who
        self.ink = ink
        self.chance = chance
        self.version = {STREAM: 0, ink: 0}
        self.meeting: Meeting | None = None
        self.strokes: dict[str, Any] = {}
        self.tablet: Tablet | None = None
        self.taken = 0
        self.heard_resync = 0
        self.snapshots = 0

    async def comes(self) -> None:
        """Open a line and catch up."""
        self.tablet = await self.caller.tablet(f"{self.who}-tablet")
        self.taken = self.heard_resync = 0
        for stream in self.version:
            await self.catches_up(stream)

    async def catches_up(self, stream: str, since: int | None = None) -> None:
        """Sync a stream: from where it stands, or from nothing when its owner's rights have changed."""
        tablet = self._line()
        answer = await tablet.sync(self.version[stream] if since is None else since, stream)
        assert answer["ok"], (self.who, stream, answer)
        if "snapshot" in answer:
            self._begins(stream, answer["version"], answer["snapshot"])
        else:
            for event in answer["events"]:
                self._takes(event)

    async def is_cut(self) -> None:
        """The line breaks without a word; what was heard but not looked at is lost."""
        await self._line().close()
        self.tablet = None

    async def looks(self) -> None:
        """Take what has been heard; sync where something is missing, begin anew where rights have changed."""
        tablet = self._line()
        for status in tablet.statuses[self.heard_resync :]:
            self.heard_resync += 1
            if status["topic"] == "resync":
                await self.catches_up(status["stream"], 0)
        while self.taken < len(tablet.events):
            event = tablet.events[self.taken]
            self.taken += 1
            if not self._takes(event):
                await self.catches_up(event["stream"])

    def _line(self) -> Tablet:
        assert self.tablet is not None
        return self.tablet

    def _begins(self, stream: str, version: int, state: Any) -> None:
        assert version >= self.version[stream], f"{self.who} was taken back from {self.version[stream]} to {version}"
        self.version[stream] = version
        self.snapshots += 1
        if stream == STREAM:
            self.meeting = msgspec.convert(state, Meeting)
        else:
            self.strokes = {stroke["id"]: stroke for stroke in state["strokes"]}

    def _takes(self, event: dict[str, Any]) -> bool:
        """Fold one event if it is the next; False when one before it is missing."""
        stream, version = event["stream"], event["version"]
        if version <= self.version[stream]:
            return True
        if version != self.version[stream] + 1:
            return False
        self.version[stream] = version
        if event["type"] == "hidden":
            return True
        if stream == STREAM:
            assert self.meeting is not None
            self.meeting = read_event(event["type"], msgspec.json.encode(event["data"])).apply(self.meeting)
        elif event["type"] == "stroke.added":
            self.strokes[event["data"]["id"]] = event["data"]
        else:
            self.strokes.pop(event["data"]["id"], None)
        return True

    def wish(self, lies: Furnished) -> tuple[str, dict[str, Any]]:
        """Something to ask for; what this person may not do is refused, which is as good a test."""
        chance, person, page = self.chance, self.chance.choice(PEOPLE), self.chance.randint(1, 6)
        paper, ballot = lies.papers[chance.choice(("all", "all", "members", "named"))], chance.choice(lies.ballots)
        points = [[chance.randrange(10_000), chance.randrange(10_000), 500] for _ in range(4)]
        look = {"kind": "stroke", "tool": "pen", "colour": "#1a4a8a", "width": 30}
        stroke = {**look, "id": uuid.UUID(int=chance.getrandbits(128)).hex, "page": page, "points": points}
        rubbed = chance.choice(sorted(self.strokes) or ["nothing-there"])
        requests = [request.id for request in self.meeting.requests] if self.meeting else []
        return chance.choice(
            [
                (STREAM, {"type": "paper.show", "paper": paper, "page": page}),
                (STREAM, {"type": "page.turn", "paper": paper, "page": page}),
                (STREAM, {"type": "page.turn", "paper": lies.papers["all"], "page": page}),
                (STREAM, {"type": "floor.request", "topic": f"Ý kiến {page}"}),
                (STREAM, {"type": "floor.withdraw", "request": chance.choice(requests or ["none"])}),
                (STREAM, {"type": "floor.invite", "person": person}),
                (STREAM, {"type": "floor.end"}),
                (STREAM, {"type": "item.start", "item": chance.choice(lies.items)}),
                (STREAM, {"type": "presenting.hand_over", "to": chance.choice((person, ""))}),
                (STREAM, {"type": "acting.grant", "granted": chance.random() < 0.5}),
                (STREAM, {"type": "attendance.leave", "reason": "Có việc"}),
                (STREAM, {"type": "attendance.arrive", "place": "room"}),
                (STREAM, {"type": "ballot.open", "ballot": ballot}),
                (STREAM, {"type": "ballot.cast", "ballot": ballot, "mandate": self.who, "choice": "agree"}),
                (STREAM, {"type": "ballot.close", "ballot": ballot}),
                (STREAM, {"type": "ballot.announce", "ballot": ballot, "names": chance.random() < 0.5}),
                (STREAM, {"type": "notice.post", "text": f"Thông báo {page}"}),
                *[(self.ink, {"type": "stroke.add", "stroke": stroke})] * 4,
                (self.ink, {"type": "stroke.erase", "id": rubbed}),
            ]
        )

    async def says(self, lies: Furnished) -> None:
        """Send a wish, now and then twice; both answers must be the same one."""
        stream, command = self.wish(lies)
        sent = {"stream": stream, "id": uuid.UUID(int=self.chance.getrandbits(128)).hex, "command": command}
        times = 2 if self.chance.random() < 0.2 else 1
        asked = [await self._line().begin("command", sent) for _ in range(times)]
        answers = await asyncio.wait_for(asyncio.gather(*asked), PATIENCE_S)
        codes = {answer.get("code", "") for answer in answers}
        assert not codes & {"bug", "live.too_fast"}, (command, answers)
        # What is refused at the door, before the stream is asked, has no receipt: the right may change in between.
        assert codes & AT_THE_DOOR or all(answer == answers[0] for answer in answers), answers

    async def lives(self, lies: Furnished, steps: int) -> None:
        """Its part of the tumult."""
        await self.comes()
        for _ in range(steps):
            lot = self.chance.random()
            if lot < 0.08:
                await self.is_cut()
                await asyncio.sleep(self.chance.random() * 0.1)
                await self.comes()
            elif lot < 0.14:
                self._line().stop_reading()
                await asyncio.sleep(self.chance.random() * 0.2)
                self._line().read_on()
            elif lot < 0.5:
                await self.looks()
            else:
                await self.says(lies)
        await self.looks()


async def tumult(houses: Sequence[SmallHouse], seed: int, steps: int) -> list[Wall]:
    """Everybody at once, spread over the web processes; returns the tablets when all is said and heard."""
    lies = houses[0].lies
    ink = f"ink:{lies.versions['all']}:all"
    walls = []
    for number, who in enumerate(PEOPLE):
        caller = await houses[number % len(houses)].caller(who)
        walls.append(Wall(caller, who, ink, random.Random(f"{seed} {who}")))
    await asyncio.gather(*(wall.lives(lies, steps) for wall in walls))
    for stream in (STREAM, ink):
        head = await houses[0].house.streams.head(StreamId(stream))
        async with asyncio.timeout(PATIENCE_S):
            for wall in walls:
                while wall.version[stream] < head:
                    await wall.looks()
                    await asyncio.sleep(0.02)
    await _at_rest(houses[0], walls)
    return walls


async def _at_rest(house: SmallHouse, walls: Sequence[Wall]) -> None:
    """Rights that changed with the last event are told just after it."""
    _, meeting = await house.house.meetings.standing(MEETING)
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end and any(wall.meeting != views.view(meeting, wall.who) for wall in walls):
        await asyncio.sleep(0.05)
        for wall in walls:
            await wall.looks()


async def check(houses: Sequence[SmallHouse], walls: Sequence[Wall]) -> None:
    """All digests are the server's, every process's, and so is what each person may see beyond the public part."""
    ink = StreamId(walls[0].ink)
    for house in houses:
        _, meeting = await house.house.meetings.standing(MEETING)
        _, drawn = await house.house.ink.visible(ink)
        public, marks = views.public_digest(meeting), digest(sorted(row.mark.id for row in drawn))
        for wall in walls:
            assert wall.meeting is not None
            assert views.public_digest(wall.meeting) == public, wall.who
            assert wall.meeting == views.view(meeting, wall.who), wall.who
            assert digest(sorted(wall.strokes)) == marks, wall.who
            assert wall.tablet is not None
        for name in (StreamId(STREAM), ink):
            assert await house.house.streams.verify(name) is None
    assert walls[0].version[STREAM] > 20 and walls[0].version[ink] > 5, "too little happened"
    for wall in walls:
        assert wall.tablet is not None
        await wall.tablet.close()


@pytest.mark.timeout(300)
@pytest.mark.parametrize("seed", [1, 2])
async def test_seven_tablets_in_a_tumult_hold_what_the_server_holds(
    furnished: tuple[Path, Furnished], seed: int
) -> None:
    folder, lies = furnished
    async with small_house(folder, lies, limits=BRISK) as house:
        await check([house], await tumult([house], seed, STEPS))


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_two_web_processes_over_postgresql_and_redis_converge(
    tmp_path: Path, fresh_postgres_url: str, redis_url: str
) -> None:
    async with two_processes(tmp_path, fresh_postgres_url, redis_url, BRISK) as houses:
        await check(houses, await tumult(houses, 3, STEPS))


@pytest.mark.slow
async def test_a_sign_out_at_one_process_closes_the_socket_at_the_other(
    tmp_path: Path, fresh_postgres_url: str, redis_url: str
) -> None:
    async with two_processes(tmp_path, fresh_postgres_url, redis_url, BRISK) as (first, second):
        caller = await first.caller("delegate")
        elsewhere = Caller(second.url, second.session)
        elsewhere.cookie = caller.cookie
        tablet = await elsewhere.tablet()
        await tablet.sync(0, STREAM)
        assert (await caller.asks("DELETE", "/api/session"))[0] == 200
        await asyncio.wait_for(tablet.ended.wait(), PATIENCE_S)
        assert tablet.status("goodbye") == {"reason": "signed_out"}
        await tablet.close()


@pytest.mark.slow
async def test_what_is_hidden_stays_hidden_at_a_process_that_only_listens(
    tmp_path: Path, fresh_postgres_url: str, redis_url: str
) -> None:
    async with two_processes(tmp_path, fresh_postgres_url, redis_url, BRISK) as (first, second):
        guest = await (await second.caller("guest")).tablet()
        delegate = await (await second.caller("delegate")).tablet("ban-2")
        for tablet in (guest, delegate):
            before = (await tablet.sync(0, STREAM))["version"]
        paper = await Preparing(first.house).paper(first.lies.items[0], "members")
        chair = await first.caller("chair")
        for tag in ("paper.show", "page.turn"):
            assert (await chair.commands(tag, paper=paper, page=2 + (tag == "page.turn")))[0] == 200
        head = await first.house.streams.head(StreamId(STREAM))
        for tablet in (guest, delegate):
            await tablet.until_version(head)
        assert {event["type"] for event in guest.events} == {"hidden"}
        assert [event["version"] for event in guest.events] == list(range(before + 1, head + 1))
        assert {event["type"] for event in delegate.events} == {
            "paper.attached",
            "paper.ready",
            "paper.shown",
            "page.turned",
        }
        for tablet in (guest, delegate):
            await tablet.close()
