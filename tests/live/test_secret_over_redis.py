"""A secret ballot seen from Redis: whoever reads everything that goes through it learns who has voted, and not what.

The attacker holds all that one whole web process says to Redis, with the moment of each message, and knows the order in
which people voted. The same attack on a bus that lets choices shine through finds everybody.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from aiohttp import web
from redis.asyncio import Redis

from server.app import House
from server.joints import turnout
from server.meetings.acts import read_command
from server.meetings.service import Asker
from server.people.organisation import Unit
from server.people.positions import Person
from server.schema import migrate
from server.web import application
from tests.e2e.small import settings_in
from tests.meetings.linkage import Guesses

pytestmark = pytest.mark.slow

MEETING = "kin"
VOTERS = [f"v{number}" for number in range(9)]
CHOICES = ("agree", "disagree", "abstain")
BALLOTS = 6
SECRETARY = Asker("secretary", "ubnd", frozenset({"secretary"}))

Said = tuple[float, str]
"""When something went to Redis, and what."""


class Spy:
    """Hears every command that Redis is given."""

    def __init__(self) -> None:
        self.heard: list[Said] = []
        self.news = asyncio.Condition()

    async def listens(self, redis: Redis) -> None:
        """Until cancelled."""
        async with redis.monitor() as monitor:
            async for command in monitor.listen():
                async with self.news:
                    self.heard.append((command["time"], command["command"]))
                    self.news.notify_all()

    async def until(self, true: Callable[[], bool]) -> None:
        """Wait until enough was heard."""
        async with self.news:
            await asyncio.wait_for(self.news.wait_for(true), 60)


class Sitting:
    """A meeting whose members vote in secret."""

    def __init__(self, house: House, spy: Spy) -> None:
        self.house = house
        self.spy = spy
        self.ballot = ""

    async def does(self, asker: Asker, tag: str, /, **fields: Any) -> None:
        """Carry out a command, which is granted."""
        command = read_command(msgspec.json.encode({"type": tag, **fields}))
        answer = await self.house.meetings.perform(MEETING, asker, self.house.clock.fresh_id(), command)
        assert answer.ok, (tag, answer)

    async def convenes(self) -> None:
        """Everybody is there."""
        await self.house.people.keep_units([Unit("ubnd", "Ủy ban nhân dân tỉnh", "UBND tỉnh", "committee", "", 1)])
        people = [Person(who, "ubnd", f"Đại biểu {who}", "Giám đốc Sở") for who in (*VOTERS, "secretary")]
        await self.house.people.keep_people(people)
        now = self.house.clock.now()
        about = {"title": "Kỳ họp", "form": "room", "place": "Hội trường", "starts_at": now, "ends_at": now + 1}
        await self.does(SECRETARY, "meeting.create", kind="phien_hop_thuong_ky", host="ubnd", **about)
        await self.does(SECRETARY, "member.invite", people=VOTERS, roles=["delegate"], mandate=True)
        await self.does(SECRETARY, "chair.name", chair="v0", deputy="v1")
        await self.does(SECRETARY, "item.add", title="Công tác cán bộ", short="Cán bộ")
        await self.does(SECRETARY, "meeting.publish")
        for person in VOTERS:
            await self.does(Asker(person), "attendance.arrive", place="room")
        await self.does(Asker("v0"), "meeting.open")

    async def opens(self) -> None:
        """The next ballot."""
        _, meeting = await self.house.meetings.standing(MEETING)
        planned = {"item": meeting.items[0].id, "question": "Nhất trí?", "method": "secret"}
        await self.does(Asker("v0"), "ballot.plan", **planned)
        _, meeting = await self.house.meetings.standing(MEETING)
        self.ballot = list(meeting.ballots)[-1]
        await self.does(Asker("v0"), "ballot.open", ballot=self.ballot)

    async def votes(self, cast: dict[str, str]) -> list[list[Said]]:
        """One after the other; what went to Redis because of each vote."""
        spoken: list[list[Said]] = []
        for number, (person, choice) in enumerate(cast.items(), 1):
            before = len(self.spy.heard)
            vote = {"ballot": self.ballot, "mandate": person, "choice": choice}
            await self.does(Asker(person), "ballot.cast_secretly", **vote)
            told = [f"turnout:{self.ballot}", f"voted:{self.ballot}"]
            await self.spy.until(lambda told=told, before=before: all(self._was_told(one, before) for one in told))  # type: ignore[misc]
            assert str(number) in next(said for _, said in self.spy.heard[before:] if told[0] in said)
            spoken.append(self.spy.heard[before:])
        return spoken

    def _was_told(self, topic: str, before: int) -> bool:
        return any(topic in said for _, said in self.spy.heard[before:])


@asynccontextmanager
async def sitting(folder: Path, redis_url: str) -> AsyncIterator[Sitting]:
    """A whole web process that tells Redis everything it would tell others, and the spy."""
    house = House(settings_in(folder, 1, BUS__REDIS_URL=redis_url, WEB__PUBLIC_URL="https://hop.example"))
    await migrate(house.db)
    runner = web.AppRunner(application(house), access_log=None)
    await runner.setup()
    spy, redis = Spy(), Redis.from_url(redis_url, decode_responses=True)
    listening = asyncio.create_task(spy.listens(redis))
    try:
        meeting = Sitting(house, spy)
        await meeting.convenes()
        yield meeting
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        await redis.aclose()
        await runner.cleanup()


def orders(spoken: Sequence[Sequence[Said]], voters: Sequence[str], tally: dict[str, int]) -> dict[str, list[str]]:
    """What each way of guessing deals to the voters: the known result, in the order of something that was seen."""
    dealt = [choice for choice, count in sorted(tally.items()) for _ in range(count)]
    seen: dict[str, Callable[[Sequence[Said]], float]] = {
        "octets": lambda said: sum(len(words) for _, words in said),
        "messages": len,
        "longest": lambda said: max(len(words) for _, words in said),
        "moment": lambda said: said[0][0] % 1,
        "how long": lambda said: said[-1][0] - said[0][0],
        "digits": lambda said: sum(words.count(digit) for _, words in said for digit in "13579"),
    }
    found: dict[str, list[str]] = {}
    for way, feature in seen.items():
        ranked = sorted(range(len(voters)), key=lambda at, of=feature: (of(spoken[at]), voters[at]))  # type: ignore[misc]
        found[way] = _dealt(ranked, voters, dealt)
        found[f"{way}, backwards"] = _dealt(ranked[::-1], voters, dealt)
    return found


def _dealt(ranked: Sequence[int], voters: Sequence[str], dealt: Sequence[str]) -> list[str]:
    guess = {voters[at]: choice for at, choice in zip(ranked, dealt, strict=True)}
    return [guess[voter] for voter in voters]


def shining_through(spoken: Sequence[Sequence[Said]], choices: Sequence[str]) -> list[list[Said]]:
    """The same as said by a bus that says more of some choices than of others."""
    lengths = {choice: 1_000 * number for number, choice in enumerate(sorted(CHOICES), 1)}
    return [[*said, (said[-1][0], "x" * lengths[choice])] for said, choice in zip(spoken, choices, strict=True)]


async def test_whoever_reads_all_of_redis_finds_nobody(
    tmp_path: Path, redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(turnout, "TELL_EVERY_S", 0.0)
    chance, guesses, control = random.Random(31), Guesses(), Guesses()
    async with Redis.from_url(redis_url) as redis:
        await redis.flushall()  # what other tests left
    async with sitting(tmp_path, redis_url) as meeting, Redis.from_url(redis_url) as redis:
        for _ in range(BALLOTS):
            await meeting.opens()
            voters = chance.sample(VOTERS, len(VOTERS))
            cast = {person: chance.choice(CHOICES) for person in voters}
            spoken = await meeting.votes(cast)
            said = [words for each in spoken for _, words in each]
            assert not [words for words in said if any(choice in words for choice in CHOICES)]
            await meeting.does(Asker("v0"), "ballot.close", ballot=meeting.ballot)
            _, state = await meeting.house.meetings.standing(MEETING)
            tally = state.tallies[meeting.ballot].tally
            guesses.add(orders(spoken, voters, tally), voters, cast)
            leaking = shining_through(spoken, list(cast.values()))
            control.add(orders(leaking, voters, tally), voters, cast)
        assert await redis.keys("*") == [], "Redis is a doorbell: it keeps nothing"
    assert max(guesses.found.values()) <= guesses.no_better_than_chance, guesses.found
    assert control.found["longest"] == BALLOTS * len(VOTERS), "the attack works where it can"
