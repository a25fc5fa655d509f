"""The web process is killed with `kill -9` fifty times amid ink and votes: what it acked is there, once, in order."""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import os
import random
import signal
import ssl
from collections import Counter
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from server import serving, supervisor
from server.cli import Process, run_in_place
from server.clock import SystemClock
from server.config import Settings, load
from server.documents.ink import stream_of
from server.documents.papers import VersionId
from server.streams import Streams
from server.upkeep import closed_house, verify_log
from tests.components import free_port
from tests.e2e.house import ROOT
from tests.e2e.small import MEETING, VOTERS, Caller, Furnished, environment_in
from tests.live.crash import Killable, Ledger, Wish, crash
from tests.live.room import Tablet

ROUNDS = 50
SUPERVISED_ROUNDS = 5
CHOICES = ("agree", "disagree", "abstain")
STREAM = f"meeting:{MEETING}"
PATIENCE_S = 60


class Supervised:
    """`python -m server serve --only web` under the product's own supervisor."""

    def __init__(self, keeper: supervisor.Supervisor) -> None:
        self.keeper = keeper
        self.pid: int | None = None

    async def start(self) -> Killable:
        """The supervisor starts it; we wait for another process than the last one."""
        last = self.pid
        async with asyncio.timeout(PATIENCE_S):
            while self.keeper.pid("web") in (None, last):
                await asyncio.sleep(0.005)
        self.pid = self.keeper.pid("web")
        return self

    def kill(self) -> None:
        """SIGKILL; the supervisor sees to the rest."""
        assert self.pid is not None
        os.kill(self.pid, signal.SIGKILL)


class Forked:
    """The web process, forked from one that has everything imported: a start is quick, and a kill is a real one."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.context = multiprocessing.get_context("forkserver")
        self.context.set_forkserver_preload(["server.web", "uvloop"])
        self.process: Any = None

    async def start(self) -> Killable:
        """Start it with the command line's own function."""
        self.process = self.context.Process(target=run_in_place, args=(self.settings, Process.WEB), daemon=True)
        self.process.start()
        return self

    def kill(self) -> None:
        """SIGKILL, and wait until it is dead."""
        self.process.kill()
        self.process.join(PATIENCE_S)
        assert self.process.exitcode is not None


class Scene:
    """A web process, however it is started, and what four voters do to it."""

    def __init__(self, starting: Supervised | Forked, settings: Settings, lies: Furnished) -> None:
        self.starting = starting
        self.url = f"https://localhost:{settings.web.port}"
        self.settings = settings
        self.lies = lies
        self.ink = lies.versions["all"]
        self.people: dict[str, Caller] = {}
        self.chance = random.Random(7)
        self.trust = ssl.create_default_context(cafile=str(serving.authority(settings)))

    async def start(self) -> Killable:
        """The next web process."""
        return await self.starting.start()

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
        """A vote first, changed again and again; a notice from the chair; or a stroke."""
        kind = self.chance.random()
        if number == 0 or kind < 0.3:
            vote = {"type": "ballot.cast", "ballot": self.lies.ballots[0], "mandate": person}
            return STREAM, {**vote, "choice": self.chance.choice(CHOICES)}
        if kind < 0.5 and person == "chair":
            return STREAM, {"type": "notice.post", "text": f"Thông báo {number}"}
        ink = [stream for stream in self.streams(person) if stream != STREAM]
        points = [[self.chance.randrange(10_000), self.chance.randrange(10_000), 500] for _ in range(20)]
        stroke = {"kind": "stroke", "id": f"{person}-{number:06}", "page": 1 + number % 6, "points": points}
        look = {"tool": "pen", "colour": "#1a4a8a", "width": 30}
        return self.chance.choice(ink), {"type": "stroke.add", "stroke": {**stroke, **look}}


@pytest.fixture
def scene(furnished: tuple[Path, Furnished], monkeypatch: pytest.MonkeyPatch) -> Scene:
    """A house that is not running yet, with settings that a process of its own finds as well."""
    folder, lies = furnished
    monkeypatch.chdir(folder)
    port = free_port()
    variables = environment_in(folder, port, LOG__LEVEL="warning", WEB__PUBLIC_URL=f"https://localhost:{port}")
    for name, value in {**variables, "PYTHONPATH": str(ROOT)}.items():
        monkeypatch.setenv(name, value)
    settings = load()
    serving.prepare_certificate(settings, SystemClock().now())
    return Scene(Forked(settings), settings, lies)


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
@pytest.mark.timeout(600)  # fifty starts: half a minute on a machine of its own, more on a shared one
async def test_fifty_kills_of_the_web_process_lose_no_stroke_and_no_vote(scene: Scene) -> None:
    await _check(scene, *await _survive(scene, ROUNDS))


@pytest.mark.slow
@pytest.mark.timeout(600)
async def test_the_supervisor_brings_a_killed_web_process_back_again_and_again(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(supervisor, "FIRST_WAIT_S", 0.02)
    monkeypatch.setattr(supervisor, "LONGEST_WAIT_S", 0.02)
    keeper = supervisor.Supervisor({"web": serving.commands(())["web"]}, lambda line: None)
    running = asyncio.create_task(keeper.run())
    scene.starting = Supervised(keeper)
    try:
        ledger, announced = await _survive(scene, SUPERVISED_ROUNDS)
    finally:
        keeper.stop()
        await running
    await _check(scene, ledger, announced)


async def _survive(scene: Scene, rounds: int) -> tuple[Ledger, dict[str, Any]]:
    """Vote and draw amid so many kills; what was promised, and the result of the ballot as announced."""
    first = await scene.start()
    connector = aiohttp.TCPConnector(ssl=scene.trust, force_close=True)
    async with aiohttp.ClientSession(connector=connector, cookie_jar=aiohttp.DummyCookieJar()) as session:
        scene.people = {who: Caller(scene.url, session) for who in VOTERS}
        await _answering(scene.people["chair"])
        for who, caller in scene.people.items():
            await caller.signs_in(who)
        status, answer = await scene.people["chair"].commands("ballot.open", ballot=scene.lies.ballots[0])
        assert status == 200, answer
        first.kill()
        ledger = await crash(scene, list(VOTERS), rounds)
        last = await scene.start()
        await _answering(scene.people["chair"])
        announced = await _announced(scene)
        last.kill()
    assert ledger.rounds == rounds and ledger.resent > rounds // 3, "the kills hit nobody"
    return ledger, announced


async def _check(scene: Scene, ledger: Ledger, announced: dict[str, Any]) -> None:
    """What was acked is there, once, in order."""
    _check_promises(ledger)
    _check_votes(ledger, announced)
    await _check_log(ledger, scene)
    assert await verify_log(scene.settings) == []


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


async def _check_log(ledger: Ledger, scene: Scene) -> None:
    """Every stroke and notice stands in its stream exactly once, in a dense chain, and every stroke is a row."""
    async with closed_house(scene.settings) as house:
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
