"""Eight tablets, one or two web processes that are killed and frozen amid their work, and a record of everything.

The processes are real ones and die of SIGKILL; lines are cut, readers stop reading, messages are sent twice, devices
and processes change. A seed decides who does what; the scheduler of the machine decides the rest.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import multiprocessing
import os
import random
import signal
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

import aiohttp
import msgspec
import pymupdf
import uvloop

from server.callers import Limits
from server.canonical import digest
from server.db import Database
from server.documents.store import MarkStore
from server.meetings import store, views
from server.meetings.acts import read_event
from server.meetings.meeting import Meeting
from server.pace import Pace
from server.streams import StreamId, Streams
from server.supervisor import end_with_parent
from tests.components import hold_port
from tests.e2e.small import MEETING, VOTERS, Caller, Furnished, settings_in, small_house
from tests.live import history
from tests.live.crash import or_end
from tests.live.history import Answered, Heard, Held, History, Logged, Poll, Record, Sent, Synced, Violation
from tests.live.room import Tablet

STREAM = f"meeting:{MEETING}"
CLIENTS = (*VOTERS, "secretary", "guest", "technician", "delegate")
"""Whose tablets they are; the delegate has two."""
BRISK = Limits(command=Pace(10_000, 10_000), sync=Pace(10_000, 10_000), heads_every_s=0.2)
PATIENCE_S = 60
SETTLED_WITHIN_S = 60
AGAIN_S = 0.1
LOST = (TimeoutError, OSError, aiohttp.ClientError)

FORKS = multiprocessing.get_context("forkserver")
FORKS.set_forkserver_preload(["server.web", "tests.live.runs"])


class Weather(msgspec.Struct, frozen=True):
    """How much goes wrong in a run."""

    operations: int = 40
    """Of each client."""
    kills: int = 1
    freezes: int = 1
    longest_freeze_s: float = 0.3
    mishaps: Mapping[str, Callable[[], None]] = {}
    """What else may befall the house, by name: each happens once."""
    exports: bool = False


class Process:
    """A web process: the whole house, on a port that stays its own while it is dead."""

    def __init__(self, folder: Path, lies: Furnished, shared: Mapping[str, str]) -> None:
        self.held = hold_port()
        self.port = self.held.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self.asked = folder, lies, {**shared, "WEB__PORT": str(self.port)}
        self.fork: Any = None

    def start(self) -> None:
        """Begin anew."""
        self.fork = FORKS.Process(target=_live, args=self.asked, daemon=True)
        self.fork.start()

    def signal(self, number: int) -> None:
        """To it and to all it has begun."""
        with suppress(ProcessLookupError):
            os.killpg(self.fork.pid, number)

    def kill(self) -> None:
        """SIGKILL, and wait until it is dead."""
        self.signal(signal.SIGKILL)
        self.fork.kill()
        self.fork.join(PATIENCE_S)
        assert self.fork.exitcode is not None


def _live(folder: Path, lies: Furnished, more: dict[str, str]) -> None:
    """Be a web process until killed."""
    end_with_parent(os.getppid())
    os.setsid()
    os.dup2(os.open(folder / "web.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND), 2)

    async def serve() -> None:
        async with small_house(folder, lies, limits=BRISK, **more):
            await asyncio.Event().wait()

    uvloop.run(serve())


class Client:
    """One tablet: what it holds, what it wants, and what it still has to send."""

    def __init__(self, run: Run, number: int) -> None:
        self.run = run
        self.person = CLIENTS[number]
        self.name = f"{self.person}-{number}"
        self.number = number
        self.chance = random.Random(f"{run.seed} {number}")
        self.caller: Caller | None = None
        self.tablet: Tablet | None = None
        self.at = number % len(run.processes)
        self.version = {stream: 0 for stream in run.streams if not stream.endswith(":desk") or self._draws()}
        self.meeting: Meeting | None = None
        self.strokes: dict[str, dict[str, Any]] = {stream: {} for stream in self.version if stream != STREAM}
        self.outbox: dict[str, Sent] = {}
        self.taken = self.statuses = 0
        self.synced: dict[str, int] = {}
        self.left = run.weather.operations

    def _draws(self) -> bool:
        return self.person != "technician"

    async def lives(self) -> None:
        """All its operations, whatever happens; at the end nothing is unanswered."""
        while self.left or self.outbox:
            with suppress(*LOST):
                await self.comes()
                while self.left:
                    self.left -= 1
                    self.run.weather_turns()
                    await self.acts()
            if self.left:
                await self.goes()

    async def acts(self) -> None:
        """One operation."""
        lot = self.chance.random()
        if lot < 0.04:
            raise ConnectionError("the line is cut")
        if lot < 0.08:
            self._line().stop_reading()
            await asyncio.sleep(self.chance.random() * 0.05)
            self._line().read_on()
        elif lot < 0.4:
            await self.looks()
        else:
            await self.says()
        if self._line().ended.is_set():
            raise ConnectionError("the line has ended")

    async def comes(self) -> None:
        """Open a line, now and then at another process, catch up, and send again what was not answered."""
        if self.chance.random() < 0.5:
            self.at = self.chance.randrange(len(self.run.processes))
        try:
            await self._opens(self.run.processes[self.at].url)
            for stream in self.version:
                await self.catches_up(stream)
            for sent in list(self.outbox.values()):
                await self._sends(sent)
        except LOST:
            await self.goes()
            await asyncio.sleep(AGAIN_S)
            raise

    async def _opens(self, url: str) -> None:
        caller = Caller(url, self.run.session)
        caller.cookie = self.run.cookies.get(self.person, "")
        if not caller.cookie:
            await caller.signs_in(self.person)
            self.run.cookies.setdefault(self.person, caller.cookie)
        status, answer = await caller.asks("POST", "/api/ticket")
        if status == 503:
            raise OSError("the database is away")
        assert status == 200, answer
        tablet = await Tablet.open(url, origin=None)
        self.caller, self.tablet, self.taken, self.statuses, self.synced = caller, tablet, 0, 0, {}
        greeting = await or_end(tablet, asyncio.ensure_future(tablet.show(answer["ticket"], self.name)))
        if not greeting.startswith("40"):
            raise OSError(greeting)

    async def goes(self) -> None:
        """The line breaks without a word; what was heard but not looked at is lost."""
        if self.tablet is not None:
            with suppress(*LOST):
                await self.tablet.close()
        self.tablet = None

    async def catches_up(self, stream: str, since: int | None = None) -> None:
        """Sync a stream: from where it stands, or from nothing when its owner's rights have changed."""
        asked, tablet = self.run.tick(), self._line()
        wanted = self.version[stream] if since is None else since
        answer = await or_end(tablet, await tablet.begin("sync", {"stream": stream, "since": wanted}))
        if not answer["ok"]:
            raise OSError(f"{self.name} may not follow {stream}: {answer}")
        self.synced[stream] = len(tablet.events)
        snapshot = answer.get("snapshot")
        self.run.records.append(
            Synced(self.run.tick(), self.name, self.person, stream, asked, answer["version"], snapshot)
        )
        if snapshot is not None:
            self._begins(stream, answer["version"], snapshot)
        for event in answer.get("events", ()):
            self._takes(event)

    async def looks(self) -> None:
        """Take what has been heard; begin anew where rights have changed."""
        tablet = self._line()
        while self.taken < len(tablet.events) or self.statuses < len(tablet.statuses):
            for event in tablet.events[self.taken :]:
                self.taken += 1
                old = event["version"] <= self.version[event["stream"]]
                if not (old and self.taken <= self.synced.get(event["stream"], 0)):
                    self._takes(event)
            fresh, self.statuses = tablet.statuses[self.statuses :], len(tablet.statuses)
            for stream in {status["stream"] for status in fresh if status["topic"] == "resync"}:
                await self.catches_up(stream, 0)

    async def says(self) -> None:
        """Send a wish, now and then twice."""
        stream, command = self.wish()
        sent = Sent(self.run.tick(), self.name, self.person, stream, self._fresh("c"), command)
        self.run.records.append(sent)
        self.outbox[sent.id] = sent
        await self._sends(sent, 2 if self.chance.random() < 0.2 else 1)

    async def _sends(self, sent: Sent, times: int = 1) -> None:
        payload = {"stream": sent.stream, "id": sent.id, "command": sent.command}
        tablet = self._line()
        for answer in [await tablet.begin("command", payload) for _ in range(times)]:
            self._is_answered(sent, await or_end(tablet, answer))

    def _is_answered(self, sent: Sent, answer: dict[str, Any]) -> None:
        if answer.get("code") == "storage.away":  # nothing was decided, or nobody knows: ask again
            raise OSError("the database is away")
        found = Answered(self.run.tick(), sent.id, answer["ok"], answer["version"], answer.get("code", ""))
        self.run.records.append(found)
        self.outbox.pop(sent.id, None)

    def _line(self) -> Tablet:
        if self.tablet is None:
            raise OSError("there is no line")
        return self.tablet

    def _begins(self, stream: str, version: int, state: Any) -> None:
        self.version[stream] = version
        if stream == STREAM:
            self.meeting = msgspec.convert(state, Meeting)
        else:
            self.strokes[stream] = {stroke["id"]: stroke for stroke in state["strokes"]}

    def _takes(self, event: dict[str, Any]) -> None:
        stream, version, kind = event["stream"], event["version"], event["type"]
        data = event.get("data")
        self.run.records.append(Heard(self.run.tick(), self.name, self.person, stream, version, kind, data))
        if version != self.version[stream] + 1:
            return  # the record shows it
        self.version[stream] = version
        if kind == "hidden":
            return
        if stream == STREAM and self.meeting is not None:
            self.meeting = read_event(kind, msgspec.json.encode(data)).apply(self.meeting)
        elif kind == "stroke.added":
            self.strokes[stream][event["data"]["id"]] = data
        elif kind == "stroke.erased":
            self.strokes[stream].pop(event["data"]["id"], None)

    def holds(self, stream: str) -> Held:
        """What it holds at rest."""
        if stream != STREAM:
            marks = sorted(self.strokes[stream])
            return Held(self.name, self.person, stream, self.version[stream], digest(marks), marks)
        assert self.meeting is not None
        state = msgspec.json.decode(views.as_json(self.meeting))
        return Held(
            self.name, self.person, stream, self.version[stream], digest(views.public_part(self.meeting)), state
        )

    def _fresh(self, kind: str) -> str:
        return f"{kind}-{self.chance.getrandbits(64):016x}"

    def wish(self) -> tuple[str, dict[str, Any]]:
        """Something to ask for; what this person may not do is refused, which is as good a test."""
        chance, mark = self.chance, self._fresh("mark")
        known = self.meeting.ballots if self.meeting else {}
        open_now = [key for key, ballot in known.items() if ballot.state == "open"]
        if self.person in VOTERS and open_now and chance.random() < 0.4:
            vote = {"type": "ballot.cast", "ballot": open_now[0], "mandate": self.person}
            return STREAM, {**vote, "choice": chance.choice(("agree", "disagree", "abstain"))}
        if chance.random() < 0.3 and self._draws():
            return self._ink(mark)
        steers = self.person in {"chair", "secretary"} or chance.random() < 0.1
        return STREAM, chance.choice(self._steering(mark) if steers else self._taking_part(mark))

    def _taking_part(self, mark: str) -> list[dict[str, Any]]:
        requests = [request.id for request in self.meeting.requests] if self.meeting else []
        return [
            *[{"type": "floor.request", "topic": mark}] * 3,
            {"type": "floor.withdraw", "request": self.chance.choice(requests or ["none"])},
            {"type": "attendance.leave", "reason": "Có việc"},
            *[{"type": "attendance.arrive", "place": "room"}] * 2,
            {"type": "page.turn", "paper": self.run.lies.papers["all"], "page": self.chance.randint(1, 6)},
        ]

    def _steering(self, mark: str) -> list[dict[str, Any]]:
        chance, lies, page = self.chance, self.run.lies, self.chance.randint(1, 6)
        shown = self.meeting.shown if self.meeting else None
        known = self.meeting.ballots if self.meeting else {}
        ballot, person = chance.choice(list(known) or lies.ballots), chance.choice(CLIENTS)
        open_now = [key for key, one in known.items() if one.state == "open"]
        return [
            *[{"type": "paper.show", "paper": lies.papers[chance.choice(("all", "members", "named"))], "page": page}]
            * 2,
            *[{"type": "page.turn", "paper": shown.paper if shown else lies.papers["all"], "page": page}] * 5,
            {"type": "floor.invite", "person": person},
            *[{"type": "floor.end"}] * 2,
            {"type": "item.start", "item": chance.choice(lies.items)},
            {"type": "presenting.hand_over", "to": chance.choice((person, ""))},
            {"type": "acting.grant", "granted": chance.random() < 0.5},
            {"type": "ballot.plan", "item": lies.items[1], "question": mark},
            *[{"type": "ballot.open", "ballot": ballot, "without_quorum": True}] * 3,
            {"type": "ballot.close", "ballot": chance.choice(open_now or [ballot])},
            {"type": "ballot.announce", "ballot": ballot, "names": chance.random() < 0.5},
            *[{"type": "notice.post", "text": mark}] * 4,
        ]

    def _ink(self, mark: str) -> tuple[str, dict[str, Any]]:
        stream = self.chance.choice(sorted(self.strokes))
        if self.chance.random() < 0.3:
            return stream, {"type": "stroke.erase", "id": self.chance.choice(sorted(self.strokes[stream]) or ["none"])}
        points = [[self.chance.randrange(10_000), self.chance.randrange(10_000), 500] for _ in range(4)]
        look = {"kind": "stroke", "tool": "pen", "colour": "#1a4a8a", "width": 30}
        stroke = {**look, "id": mark, "page": self.chance.randint(1, 6), "points": points}
        return stream, {"type": "stroke.add", "stroke": stroke}


class Run:
    """One run, from its first line to its history."""

    def __init__(
        self, seed: int, weather: Weather, processes: Sequence[Process], session: aiohttp.ClientSession
    ) -> None:
        self.seed = seed
        self.weather = weather
        self.processes = processes
        self.session = session
        self.folder, self.lies, self.shared = processes[0].asked
        ink = f"ink:{self.lies.versions['all']}"
        self.streams = (STREAM, f"{ink}:all", f"{ink}:desk")
        self.records: list[Record] = []
        self.cookies: dict[str, str] = {}
        self.ticks = itertools.count(1)
        self.clients = [Client(self, number) for number in range(len(CLIENTS))]
        self.done, self.happened = 0, Counter[str]()
        self.to_come = self._forecast()
        self.thawing: set[asyncio.Task[None]] = set()

    def tick(self) -> int:
        """The next moment."""
        return next(self.ticks)

    def _forecast(self) -> list[tuple[int, str, int, float]]:
        """After how many operations what befalls which process, and for how long."""
        chance, most = random.Random(f"{self.seed} weather"), self.weather.operations * len(CLIENTS)
        kinds = ["kill"] * self.weather.kills + ["freeze"] * self.weather.freezes + list(self.weather.mishaps)
        where = len(self.processes)
        moments = [(chance.randrange(most), kind, chance.randrange(where), chance.random()) for kind in kinds]
        return sorted(moments, reverse=True)

    def weather_turns(self) -> None:
        """Another operation is done; perhaps something is due."""
        self.done += 1
        while self.to_come and self.to_come[-1][0] <= self.done:
            _, kind, where, lot = self.to_come.pop()
            self.happened[kind] += 1
            if kind == "kill":
                self.processes[where].kill()
                self.processes[where].start()
            elif kind == "freeze":
                self.thawing.add(asyncio.create_task(self._freezes(self.processes[where], lot)))
            else:
                self.weather.mishaps[kind]()

    async def _freezes(self, process: Process, lot: float) -> None:
        process.signal(signal.SIGSTOP)
        await asyncio.sleep(lot * self.weather.longest_freeze_s)
        process.signal(signal.SIGCONT)

    async def lives(self) -> History:
        """Everybody at once; the history when all is said and heard."""
        opening = Database(settings_in(self.folder, 1, **self.shared).database.url)
        db_streams = Streams(opening, None)  # type: ignore[arg-type]  # it only reads
        try:
            base = await db_streams.head(StreamId(STREAM))
            await asyncio.gather(*(client.lives() for client in self.clients))
            await asyncio.gather(*self.thawing)
            return await self._settled(base, opening, db_streams)
        finally:
            await opening.close()

    async def _settled(self, base: int, db: Database, streams: Streams) -> History:
        until = asyncio.get_running_loop().time() + SETTLED_WITHIN_S
        while True:
            await asyncio.gather(*(self._goes_on(client) for client in self.clients))
            found = await self._history(base, db, streams)
            is_late = asyncio.get_running_loop().time() > until
            if is_late or not list(history.all_agree_at_rest(found)):
                return found
            await asyncio.sleep(0.1)

    async def _goes_on(self, client: Client) -> None:
        while True:
            with suppress(*LOST):
                if client.tablet is None or client.tablet.ended.is_set():
                    await client.goes()
                    await client.comes()
                await client.looks()
                return

    async def _history(self, base: int, db: Database, streams: Streams) -> History:
        log: dict[str, list[Logged]] = {}
        broken: dict[str, int] = {}
        drawn: dict[str, list[str]] = {}
        for stream in self.streams:
            entries = await streams.read(StreamId(stream), 0, limit=1_000_000)
            log[stream] = [Logged(one.version, one.by, one.type, json.loads(bytes(one.data))) for one in entries]
            if (at := await streams.verify(StreamId(stream))) is not None:
                broken[stream] = at
            if stream != STREAM:
                drawn[stream] = [row.mark.id for row in (await MarkStore(db).visible(StreamId(stream)))[1]]
        told = History(MEETING, base, self.records, log, broken, self._held(), {}, drawn)
        polls = await self._polls(db, told.states[-1])
        exported = await self._exported() if self.weather.exports else {}
        return msgspec.structs.replace(told, polls=polls, exported=exported)

    def _held(self) -> list[Held]:
        held = [client.holds(stream) for client in self.clients for stream in client.version]
        for client in self.clients:
            assert client.tablet is not None
            heads = {one["stream"]: one["value"] for one in client.tablet.statuses if one["topic"] == "head"}
            held += [
                Held(f"process {client.at}", "", stream, head["version"], head["digest"])
                for stream, head in heads.items()
                if "digest" in head
            ]
        return held

    async def _polls(self, db: Database, meeting: Meeting) -> dict[str, Poll]:
        polls: dict[str, Poll] = {}
        async with db.reading() as connection:
            for key, ballot in meeting.ballots.items():
                counted = meeting.tallies.get(key)
                tally = dict(counted.tally) if counted else {}
                polls[key] = Poll(ballot.state, await store.votes_of(connection, key), ballot.cast, tally)
        return polls

    async def _exported(self) -> dict[str, dict[int, int]]:
        """The annotations that the chair's PDF has, by page."""
        chair = next(client for client in self.clients if client.person == "chair")
        assert chair.caller is not None
        status, made = await chair.caller.fetches(f"/api/papers/{self.lies.papers['all']}/annotated.pdf?layers=all")
        assert status == 200, made
        with pymupdf.open(stream=made) as document:
            pages = {number + 1: len(list(page.annots())) for number, page in enumerate(document)}
        return {self.streams[1]: {page: count for page, count in pages.items() if count}}

    async def ends(self) -> None:
        """Let go of all lines."""
        await asyncio.gather(*(client.goes() for client in self.clients))


@asynccontextmanager
async def processes(
    folder: Path, lies: Furnished, shared: Mapping[str, str], count: int
) -> AsyncIterator[list[Process]]:
    """So many web processes over one house; they are gone after the block."""
    started = [Process(folder, lies, shared) for _ in range(count)]
    for process in started:
        process.start()
    try:
        yield started
    finally:
        for process in started:
            process.kill()
            process.held.close()


async def survive(
    seed: int, weather: Weather, house: tuple[Path, Furnished], shared: Mapping[str, str] | None = None, count: int = 1
) -> tuple[Run, list[Violation]]:
    """One run in a furnished folder of its own; the run, and all that must not be."""
    async with (
        aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as session,
        processes(*house, shared or {}, count) as started,
    ):
        run = Run(seed, weather, started, session)
        try:
            found = await run.lives()
        finally:
            await run.ends()
    return run, history.violations(found)
