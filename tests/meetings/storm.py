"""Ballots in bad weather: every vote sent three times, the ballot closed among them, the process dying in between.

Whatever happens, three numbers are one: the tally, the ballots that lie in it, and the mandates whose vote was answered
with yes. `python -m bench.votes` runs for long; a few ballots run with the tests.
"""

from __future__ import annotations

import asyncio
import logging
import random
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec

from server.db import Connection, Database
from server.meetings.acts import read_command
from server.meetings.service import Asker
from server.streams import Answer
from tests.meetings.chamber import Chamber

BALLOTS_A_MEETING = 20
WAVE = 16
"""Commands on their way at the same time."""
OPTIONS = ("agree", "disagree", "abstain")
ANSWERED_NO = {"ballot.not_open", "ballot.already_cast"}


class Died(Exception):
    """The process is gone: nobody hears what it was about to say."""


class MortalDatabase(Database):
    """Dies at a commit drawn by lot, just before it or just after; nothing is written any more until it is mended."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self.chance = random.Random(0)
        self.dies = 0.0
        self.dead = False

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Connection]:
        if self.dead:
            raise Died
        dies = self.chance.random() < self.dies
        before = dies and self.chance.random() < 0.5
        async with super().writing() as connection:
            yield connection
            if before:
                self.dead = True
                raise Died
        if dies:
            self.dead = True
            raise Died


class Storm:
    """One ballot after another, in meetings of so many mandates."""

    def __init__(self, folder: Path, mandates: int, seed: int) -> None:
        self.db = MortalDatabase(f"sqlite+aiosqlite:///{folder}/storm.db")
        self.chamber = Chamber(folder, mandates, self.db)
        self.chance = random.Random(seed)
        self.db.chance = self.chance
        self.deaths = self.sent = 0

    async def blow(self, ballots: int) -> None:
        """So many ballots, every one of them checked."""
        await self.chamber.create_tables()
        for number in range(ballots):
            if number % BALLOTS_A_MEETING == 0:
                await self.chamber.convene(f"m{number}")
            await self._ballot("secret" if number % 2 else "open", number)
        await self.chamber.close()

    async def _ballot(self, method: str, number: int) -> None:
        ballot = await self.chamber.ballot(method)
        tag = "ballot.cast_secretly" if method == "secret" else "ballot.cast"
        cast = {person: self.chance.choice(OPTIONS) for person in self.chamber.people}
        votes = [
            (person, f"{number}-{person}", {"type": tag, "ballot": ballot, "mandate": person, "choice": choice})
            for person, choice in cast.items()
        ]
        commands = [vote for vote in votes for _ in range(3)]
        self.chance.shuffle(commands)
        close = ("v0", f"{number}-close", {"type": "ballot.close", "ballot": ballot})
        commands.insert(self.chance.randrange(len(votes), len(commands) + 1), close)
        answers = await self._until_all_are_answered(commands)
        if answers["v0", f"{number}-close"].code == "ballot.too_few_cast":
            await self._until_all_are_answered([("v0", f"{number}-close-again", close[2])])
        await self._check(ballot, cast, {person: answers[person, known] for person, known, _ in votes})

    async def _until_all_are_answered(
        self, commands: list[tuple[str, str, dict[str, Any]]]
    ) -> dict[tuple[str, str], Answer]:
        """Sends everything in waves; whatever died unanswered is sent again with its own id by the next process."""
        answers: dict[tuple[str, str], Answer] = {}
        waiting = commands
        self.db.dies = 0.35
        while waiting:
            wave, waiting = waiting[:WAVE], waiting[WAVE:]
            heard = await asyncio.gather(*(self._send(*one) for one in wave))
            for one, answer in zip(wave, heard, strict=True):
                key = one[:2]
                if answer.code == "bug":
                    waiting.append(one)
                elif answers.setdefault(key, answer) != answer:
                    raise AssertionError(f"{key} was answered twice, and not alike: {answers[key]}, {answer}")
            await self._mend()
        self.db.dies = 0.0
        return answers

    async def _send(self, person: str, command_id: str, command: dict[str, Any]) -> Answer:
        self.sent += 1
        asked = read_command(msgspec.json.encode(command))
        return await self.chamber.meetings.perform(self.chamber.meeting, Asker(person), command_id, asked)

    async def _mend(self) -> None:
        """A new process takes over where the dead one ended."""
        if self.db.dead:
            self.deaths += 1
            self.db.dead = False
            await self.chamber.meetings.streams.close()
            self.chamber.meetings = self.chamber.process()

    async def _check(self, ballot: str, cast: dict[str, str], answers: dict[str, Answer]) -> None:
        _, meeting = await self.chamber.meetings.standing(self.chamber.meeting)
        counted, tally = meeting.ballots[ballot], meeting.tallies[ballot].tally
        yes = {person for person, answer in answers.items() if answer.ok}
        refused = {answer.code for answer in answers.values() if not answer.ok}
        voted = set(await self.chamber.meetings.ledger.voted(ballot))
        assert refused <= ANSWERED_NO, refused
        assert counted.state == "closed"
        assert sum(tally.values()) == counted.cast == len(yes), (tally, counted.cast, len(yes))
        assert voted == yes, voted ^ yes
        assert {key: n for key, n in tally.items() if n} == dict(Counter(cast[person] for person in yes))


async def storm(ballots: int, mandates: int, seed: int, folder: Path) -> Storm:
    """Runs one; raises `AssertionError` at the first ballot whose numbers differ."""
    logging.getLogger("hopso.streams").disabled = True  # every death is a bug in its eyes
    try:
        one = Storm(folder, mandates, seed)
        await one.blow(ballots)
    finally:
        logging.getLogger("hopso.streams").disabled = False
    return one
