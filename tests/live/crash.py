"""Kill a web process with `kill -9` amid commands, again and again, and keep account of what it had promised.

The driver knows nothing of rooms: a `Scene` starts the process, gives tickets and thinks up commands. It returns a
`Ledger` of everything that was sent, answered and heard, and checks what must hold for any stream.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import random
import uuid
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

import aiohttp

from tests.live.room import Tablet

UNANSWERED_AT_ONCE = 4
COME_UP_S = 60.0

T = TypeVar("T")


class Killable(Protocol):
    """A running server."""

    def kill(self) -> None:
        """SIGKILL, and wait until it is dead."""
        ...


class Scene(Protocol):
    """What is tried."""

    async def start(self) -> Killable:
        """Start the server; it may take a while until it answers."""
        ...

    async def tablet(self) -> Tablet:
        """A tablet at the server's door that has shown nothing yet; raises as `ticket` does."""
        ...

    async def ticket(self, person: str) -> str:
        """A fresh ticket; raises `OSError` or `aiohttp.ClientError` while the server is down."""
        ...

    def streams(self, person: str) -> list[str]:
        """What this person follows."""
        ...

    def wish(self, person: str, number: int) -> tuple[str, dict[str, Any]]:
        """The stream and the command of this person's next wish."""
        ...


@dataclass
class Wish:
    """A command, when it was first sent and first answered, in ticks of one common counter."""

    person: str
    stream: str
    command: dict[str, Any]
    sent: int
    id: str = field(default_factory=lambda: uuid.uuid4().hex)
    answered: int = 0
    answer: dict[str, Any] = field(default_factory=dict)


@dataclass
class Ledger:
    """All that was wished, and what each person heard of each stream."""

    wishes: list[Wish] = field(default_factory=list)
    heard: dict[tuple[str, str], list[dict[str, Any]]] = field(default_factory=lambda: defaultdict(list))
    resent: int = 0
    rounds: int = 0
    contradictions: int = 0

    def acked(self) -> list[Wish]:
        """The wishes that were granted."""
        return [wish for wish in self.wishes if wish.answer.get("ok")]

    def check(self) -> None:
        """What must hold whatever was wished."""
        assert all(wish.answered for wish in self.wishes), "everything is answered in the end"
        assert not self.contradictions, "the same command had two answers"
        for (person, stream), events in self.heard.items():
            for before, event in itertools.pairwise(events):
                dense = event["version"] == before["version"] + 1
                renewed = event["type"] == "snapshot" and event["version"] >= before["version"]
                assert dense or renewed, f"{person} heard {stream} with a hole: {before}, {event}"
        self._check_order()

    def _check_order(self) -> None:
        # If A was answered before B was sent, A stands before B.
        for stream in {wish.stream for wish in self.wishes}:
            granted = [wish for wish in self.acked() if wish.stream == stream]
            by_answer = sorted(granted, key=lambda wish: wish.answered)
            highest, seen = 0, 0
            for wish in sorted(granted, key=lambda wish: wish.sent):
                while by_answer[seen].answered < wish.sent:
                    highest = max(highest, by_answer[seen].answer["version"])
                    seen += 1
                assert wish.answer["version"] > highest, "overtook a command that was answered before"


class Person:
    """Somebody who sends commands through whatever happens, with an outbox like a tablet's."""

    def __init__(self, name: str, scene: Scene, ledger: Ledger, ticks: itertools.count[int]) -> None:
        self.name = name
        self.scene = scene
        self.ledger = ledger
        self.ticks = ticks
        self.numbers = itertools.count()
        self.outbox: list[Wish] = []
        self.stopping = False
        self.connected = asyncio.Event()

    async def live(self) -> None:
        """Connect, send, lose the line, connect again; until told to stop and nothing is unanswered."""
        while not (self.stopping and not self.outbox):
            tablet = await self._arrive()
            try:
                await self._talk(tablet)
            except (TimeoutError, OSError, aiohttp.ClientError):
                pass  # the server was killed: that is what this is about
            finally:
                self.connected.clear()
                await tablet.close()

    async def _arrive(self) -> Tablet:
        while True:
            tablet: Tablet | None = None
            try:
                ticket = await self.scene.ticket(self.name)
                tablet = await self.scene.tablet()
                assert (await or_end(tablet, asyncio.ensure_future(tablet.show(ticket)))).startswith("40")
                await self._follow(tablet)
            except (TimeoutError, OSError, aiohttp.ClientError):
                if tablet is not None:
                    await tablet.close()
                await asyncio.sleep(0.02)
            else:
                return tablet

    async def _follow(self, tablet: Tablet) -> None:
        for stream in self.scene.streams(self.name):
            heard = self.ledger.heard[self.name, stream]
            since = heard[-1]["version"] if heard else 0
            answer = await or_end(tablet, await tablet.begin("sync", {"stream": stream, "since": since}))
            assert answer["ok"], answer
            if "snapshot" in answer:
                heard.append({"version": answer["version"], "type": "snapshot"})
            heard += answer.get("events", [])
            tablet.taken = 0

    async def _talk(self, tablet: Tablet) -> None:
        self.connected.set()
        for wish in tuple(self.outbox):  # answers come meanwhile, and take from it
            self.ledger.resent += 1
            await self._send(tablet, wish)
        while not (self.stopping and not self.outbox):
            if len(self.outbox) < UNANSWERED_AT_ONCE and not self.stopping:
                stream, command = self.scene.wish(self.name, next(self.numbers))
                wish = Wish(self.name, stream, command, next(self.ticks))
                self.outbox.append(wish)
                self.ledger.wishes.append(wish)
                await self._send(tablet, wish)
            await asyncio.sleep(random.random() * 0.004)
            self._take(tablet)
            if tablet.ended.is_set():
                return

    async def _send(self, tablet: Tablet, wish: Wish) -> None:
        payload = {"stream": wish.stream, "id": wish.id, "command": wish.command}
        future = await tablet.begin("command", payload)
        future.add_done_callback(lambda done: self._settle(wish, done.result()))

    def _settle(self, wish: Wish, answer: dict[str, Any]) -> None:
        if answer.get("code") == "live.too_fast":
            return
        if wish.answered:
            self.ledger.contradictions += wish.answer != answer
        else:
            wish.answered, wish.answer = next(self.ticks), answer
            self.outbox.remove(wish)

    def _take(self, tablet: Tablet) -> None:
        for event in tablet.events[tablet.taken :]:
            self.ledger.heard[self.name, event["stream"]].append(event)
        tablet.taken = len(tablet.events)


async def or_end(tablet: Tablet, answer: asyncio.Future[T]) -> T:
    """The answer, or `OSError` as soon as the line has ended."""
    ended = asyncio.create_task(tablet.ended.wait())
    try:
        await asyncio.wait({answer, ended}, return_when=asyncio.FIRST_COMPLETED, timeout=10)
        if not answer.done():
            raise OSError("the line ended before the answer")
        return answer.result()
    finally:
        ended.cancel()
        answer.cancel()


async def crash(scene: Scene, people: list[str], rounds: int, seed: int = 1) -> Ledger:
    """So many times: start, let everybody connect and send for a moment, kill. Then once more to settle all."""
    chance, ledger, ticks = random.Random(seed), Ledger(), itertools.count(1)
    persons = [Person(name, scene, ledger, ticks) for name in people]
    server = await scene.start()
    lives = [asyncio.create_task(person.live()) for person in persons]
    try:
        for _ in range(rounds):
            await _all_connected(persons, lives)
            await asyncio.sleep(0.02 + chance.random() * 0.2)
            server.kill()
            ledger.rounds += 1
            server = await scene.start()
        await _all_connected(persons, lives)
        for person in persons:
            person.stopping = True
        await asyncio.wait_for(asyncio.gather(*lives), COME_UP_S)
    finally:
        for life in lives:
            life.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.gather(*lives, return_exceptions=True)
        server.kill()
    return ledger


async def _all_connected(persons: list[Person], lives: list[asyncio.Task[None]]) -> None:
    waiting = asyncio.gather(*(person.connected.wait() for person in persons))
    done, _ = await asyncio.wait({waiting, *lives}, timeout=COME_UP_S, return_when=asyncio.FIRST_COMPLETED)
    for life in done & set(lives):
        life.result()  # a broken promise surfaces here
    assert waiting in done, "the server did not come back"
