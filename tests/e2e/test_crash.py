"""The web process is killed with `kill -9` fifty times amid ink and votes: what it acked is there, once, in order."""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import ssl
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from server import serving, supervisor
from server.clock import SystemClock
from server.config import Settings, load
from server.documents.ink import stream_of
from server.documents.papers import VersionId
from server.streams import Streams
from server.upkeep import closed_house, verify_log
from tests.components import free_port
from tests.e2e.house import ROOT
from tests.e2e.small import MEETING, VOTERS, Caller, Furnished, environment_in
from tests.live.crash import Ledger, Wish, crash
from tests.live.room import Tablet

ROUNDS = 50
CHOICES = ("agree", "disagree", "abstain")
STREAM = f"meeting:{MEETING}"
PATIENCE_S = 30


class Child:
    """The web process of this moment."""

    def __init__(self, pid: int) -> None:
        self.pid = pid

    def kill(self) -> None:
        os.kill(self.pid, signal.SIGKILL)


class Scene:
    """`python -m server serve --only web` under the product's own supervisor, and what four voters do to it."""

    def __init__(self, keeper: supervisor.Supervisor, settings: Settings, lies: Furnished) -> None:
        self.keeper = keeper
        self.url = f"https://localhost:{settings.web.port}"
        self.lies = lies
        self.ink = lies.versions["all"]
        self.people: dict[str, Caller] = {}
        self.chance = random.Random(7)
        self.trust = ssl.create_default_context(cafile=str(serving.authority(settings)))
        self.last = 0

    async def start(self) -> Child:
        """The supervisor starts it; we wait for another process than the last one."""
        async with asyncio.timeout(PATIENCE_S):
            while self.keeper.pid("web") in (None, self.last):
                await asyncio.sleep(0.005)
        pid = self.keeper.pid("web")
        assert pid is not None
        self.last = pid
        return Child(pid)

    async def tablet(self) -> Tablet:
        """A tablet that trusts the house's own authority."""
        session = aiohttp.ClientSession(connector=aiohttp.TCPConnector(ssl=self.trust))
        try:
            return Tablet(session, await session.ws_connect(f"{self.url}/live/?EIO=4&transport=websocket"))
        except BaseException:
            await session.close()
            raise

    async def ticket(self, person: str) -> str:
        status, answer = await self.people[person].asks("POST", "/api/ticket")
        assert status == 200, answer
        return str(answer["ticket"])

    def streams(self, person: str) -> list[str]:
        shared = [f"ink:{self.ink}:all"] if person == "chair" else []
        return [STREAM, f"ink:{self.ink}:{person}", *shared]

    def wish(self, person: str, number: int) -> tuple[str, dict[str, Any]]:
        """A vote, changed again and again; a notice from the chair; or a stroke."""
        kind = self.chance.random()
        if kind < 0.3:
            vote = {"type": "ballot.cast", "ballot": self.lies.ballots[0], "mandate": person}
            return STREAM, {**vote, "choice": self.chance.choice(CHOICES)}
        if kind < 0.5 and person == "chair":
            return STREAM, {"type": "notice.post", "text": f"Thông báo {number}"}
        ink = [stream for stream in self.streams(person) if stream != STREAM]
        points = [[self.chance.randrange(10_000), self.chance.randrange(10_000), 500] for _ in range(20)]
        stroke = {"kind": "stroke", "id": f"{person}-{number:06}", "page": 1 + number % 6, "points": points}
        look = {"tool": "pen", "colour": "#1a4a8a", "width": 30}
        return self.chance.choice(ink), {"type": "stroke.add", "stroke": {**stroke, **look}}


@asynccontextmanager
async def supervised(
    furnished: tuple[Path, Furnished], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[Scene, Settings]]:
    folder, lies = furnished
    monkeypatch.chdir(folder)
    port = free_port()
    variables = environment_in(folder, port, LOG__LEVEL="warning", WEB__PUBLIC_URL=f"https://localhost:{port}")
    for name, value in {**variables, "PYTHONPATH": str(ROOT)}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(supervisor, "FIRST_WAIT_S", 0.02)
    monkeypatch.setattr(supervisor, "LONGEST_WAIT_S", 0.02)
    settings = load()
    serving.prepare_certificate(settings, SystemClock().now())
    keeper = supervisor.Supervisor({"web": serving.commands(())["web"]}, lambda line: None)
    running = asyncio.create_task(keeper.run())
    try:
        yield Scene(keeper, settings, lies), settings
    finally:
        keeper.stop()
        await running


async def _answering(caller: Caller) -> None:
    async with asyncio.timeout(PATIENCE_S):
        while True:
            try:
                await caller.asks("GET", "/api/about")
            except aiohttp.ClientError:
                await asyncio.sleep(0.02)
            else:
                return


@pytest.mark.slow
@pytest.mark.timeout(600)  # fifty starts: a minute or two on a machine of its own, more on a shared one
async def test_fifty_kills_of_the_web_process_lose_no_stroke_and_no_vote(
    furnished: tuple[Path, Furnished], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with supervised(furnished, monkeypatch) as (scene, settings):
        connector = aiohttp.TCPConnector(ssl=scene.trust, force_close=True)
        async with aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as session:
            scene.people = {who: Caller(scene.url, session) for who in VOTERS}
            await _answering(scene.people["chair"])
            for who, caller in scene.people.items():
                await caller.signs_in(who)
            status, answer = await scene.people["chair"].commands("ballot.open", ballot=scene.lies.ballots[0])
            assert status == 200, answer
            ledger = await crash(scene, list(VOTERS), rounds=ROUNDS)
            await _answering(scene.people["chair"])
            announced = await _announced(scene)
    _check_promises(ledger)
    _check_votes(ledger, announced)
    await _check_log(ledger, settings, scene)
    assert await verify_log(settings) == []


async def _announced(scene: Scene) -> dict[str, Any]:
    """The ballot closed and announced with names, by a web process that has been killed fifty times."""
    chair, ballot = scene.people["chair"], scene.lies.ballots[0]
    for tag, more in (("ballot.close", {}), ("ballot.announce", {"names": True})):
        status, answer = await chair.commands(tag, ballot=ballot, **more)
        assert status == 200, answer
    _, answer = await chair.asks("GET", f"/api/meetings/{MEETING}")
    found: dict[str, Any] = answer["state"]["ballots"][ballot]
    return found


def _check_promises(ledger: Ledger) -> None:
    assert ledger.rounds == ROUNDS and ledger.resent > 20, "the kills hit nobody"
    refused = [wish for wish in ledger.wishes if not wish.answer.get("ok")]
    assert not refused, refused[:3]
    # A vote is no event, so it takes no version of its own: order and holes are judged by the others.
    drawn = [wish for wish in ledger.wishes if wish.command["type"] != "ballot.cast"]
    Ledger(drawn, ledger.heard, ledger.resent, ledger.rounds, ledger.contradictions).check()


def _check_votes(ledger: Ledger, announced: dict[str, Any]) -> None:
    """The last choice of everybody counts, once."""
    cast = [wish for wish in ledger.wishes if wish.command["type"] == "ballot.cast"]
    last = {wish.person: wish.command["choice"] for wish in cast}
    assert set(last) == set(VOTERS)
    assert announced["votes"] == last
    assert announced["cast"] == len(VOTERS)
    tally = Counter(last.values())
    assert announced["tally"] == {choice: tally[choice] for choice in CHOICES}


async def _check_log(ledger: Ledger, settings: Settings, scene: Scene) -> None:
    """Every stroke and notice stands in its stream exactly once, in a dense chain, and every stroke is a row."""
    async with closed_house(settings) as house:
        for name in {wish.stream for wish in ledger.wishes}:
            drawn = {w.command["stroke"]["id"]: w for w in _acked(ledger, name) if "stroke" in w.command}
            logged = await _logged(house.streams, name)
            assert Counter(logged) == Counter(list(drawn))
            _, _, layer = name.partition(scene.ink + ":")
            if layer:
                own = "mine" if layer in VOTERS else layer
                _, rows = await house.ink.visible(stream_of(VersionId(scene.ink), own, layer))
                assert {row.mark.id for row in rows} == set(drawn)
                points = {row.mark.id: [list(point) for point in row.mark.points] for row in rows}
                assert points == {key: wish.command["stroke"]["points"] for key, wish in drawn.items()}
        notices = [data["text"] for data in await _data(house.streams, STREAM, "notice.posted")]
        wished = [w.command["text"] for w in _acked(ledger, STREAM) if w.command["type"] == "notice.post"]
        assert Counter(notices) == Counter(wished)


def _acked(ledger: Ledger, stream: str) -> list[Wish]:
    return [wish for wish in ledger.acked() if wish.stream == stream]


async def _logged(streams: Streams, name: str) -> list[str]:
    return [data["id"] for data in await _data(streams, name, "stroke.added")]


async def _data(streams: Streams, name: str, kind: str) -> list[dict[str, Any]]:
    """The data of this kind of events; all versions from 1 on are there."""
    entries = await streams.read(name, 0, limit=1_000_000)  # type: ignore[arg-type]
    assert [entry.version for entry in entries] == list(range(1, len(entries) + 1))
    return [json.loads(bytes(entry.data)) for entry in entries if entry.type == kind]
