"""The heartbeat: who is asked when, and who is taken to be gone."""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator
from pathlib import Path

import aiohttp
import pytest

from server.clock import HeldClock
from server.heartbeat import LONGEST_MS, PING_EVERY_MS, PING_FRAME, SILENT_MS, SLICES, TICK_MS, Heartbeat
from server.line import Line
from tests.live.room import MEETING, House, house
from tests.live.test_fanout import Pipe


class Hearts:
    """A heartbeat on a held clock, and lines that keep what they were sent."""

    def __init__(self, count: int) -> None:
        self.clock = HeldClock()
        self.beat = Heartbeat(self.clock.now)
        self.pipes = [Pipe() for _ in range(count)]
        self.lines = [Line(pipe) for pipe in self.pipes]  # type: ignore[arg-type]
        for line in self.lines:
            self.beat.join(line)

    def asked(self) -> list[int]:
        """How often each was asked."""
        return [pipe.written.count(PING_FRAME) for pipe in self.pipes]

    def live(self, milliseconds: int, answering: range) -> None:
        """Let time pass; those of these numbers answer whatever they are asked."""
        for _ in range(milliseconds // TICK_MS):
            before = self.asked()
            self.clock.advance(TICK_MS)
            self.beat.tick()
            for number, (was, now) in enumerate(zip(before, self.asked(), strict=True)):
                if now > was and number in answering:
                    self.beat.heard(self.lines[number])


def test_everybody_is_asked_once_in_five_seconds_a_fiftieth_of_them_at_a_time() -> None:
    hearts = Hearts(1000)
    for _ in range(SLICES):
        before = sum(hearts.asked())
        hearts.live(TICK_MS, range(1000))
        assert sum(hearts.asked()) - before == 1000 // SLICES
    assert set(hearts.asked()) == {1}
    hearts.live(PING_EVERY_MS, range(1000))
    assert set(hearts.asked()) == {2}


async def test_the_silent_are_closed_after_fifteen_seconds_and_the_others_stay() -> None:
    hearts = Hearts(10)
    hearts.live(SILENT_MS, range(5))
    assert all(line.open for line in hearts.lines)
    hearts.live(1_000, range(5))
    assert [line.open for line in hearts.lines] == [True] * 5 + [False] * 5
    asked = hearts.asked()[5:]
    hearts.live(10 * SILENT_MS, range(5))
    assert [line.open for line in hearts.lines] == [True] * 5 + [False] * 5
    assert hearts.asked()[5:] == asked, "nobody asks who is gone"


async def test_whatever_somebody_says_is_a_sign_of_life() -> None:
    hearts = Hearts(1)
    for _ in range(10):
        hearts.live(SILENT_MS, range(0))
        hearts.beat.heard(hearts.lines[0])
    assert hearts.lines[0].open


async def test_while_the_process_hung_nobody_fell_silent_and_nobody_is_asked_in_a_burst() -> None:
    hearts = Hearts(1000)
    hearts.clock.advance(20 * SILENT_MS)
    hearts.beat.tick()
    assert all(line.open for line in hearts.lines)
    assert sum(hearts.asked()) == 1000 * LONGEST_MS // PING_EVERY_MS


def test_newcomers_fill_the_gaps_that_others_have_left() -> None:
    hearts = Hearts(SLICES)
    hearts.beat.leave(hearts.lines[7])
    hearts.beat.leave(hearts.lines[7])
    pipe = Pipe()
    hearts.beat.join(Line(pipe))  # type: ignore[arg-type]
    for _ in range(SLICES):
        before = sum(hearts.asked()) + len(pipe.written)
        hearts.live(TICK_MS, range(SLICES))
        assert sum(hearts.asked()) + len(pipe.written) - before == 1


@pytest.fixture
async def held(tmp_path: Path) -> AsyncIterator[tuple[House, HeldClock]]:
    """A house whose heartbeat is on a held clock; whoever wants a beat has to make it."""
    async with house(tmp_path) as home:
        clock = HeldClock()
        home.live._sockets.heartbeat = Heartbeat(clock.now)
        yield home, clock


def _pass(home: House, clock: HeldClock, milliseconds: int) -> None:
    for _ in range(milliseconds // TICK_MS):
        clock.advance(TICK_MS)
        home.live._sockets.heartbeat.tick()


async def test_over_real_sockets_the_silent_are_gone_and_those_who_answer_stay(held: tuple[House, HeldClock]) -> None:
    home, clock = held
    quiet, lively = await home.following("an"), await home.following("binh")
    quiet.is_alive = False
    for pings in range(1, 5):
        _pass(home, clock, PING_EVERY_MS)
        await lively.until(lambda pings=pings: lively.pings == pings)
        await lively.ask("sync", {"stream": "", "since": 0})  # the answer to the ping was heard before
    await asyncio.wait_for(quiet.ended.wait(), 60)
    assert quiet.pings == SILENT_MS // PING_EVERY_MS
    while len(home.live._sockets.eio.sockets) + len(home.live._sockets.environ) > 2:
        await asyncio.sleep(0)
    assert [caller.person for caller in home.live.followers(MEETING)] == ["binh"]
    await home.add()
    await lively.until_version(1)


async def test_a_socket_is_asked_within_the_interval_that_its_greeting_announces(
    held: tuple[House, HeldClock],
) -> None:
    home, clock = held
    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(f"{home.url}/live/?EIO=4&transport=websocket") as socket,
    ):
        greeting = json.loads((await socket.receive_str())[1:])
        _pass(home, clock, greeting["pingInterval"])
        assert await socket.receive_str() == "2"


async def test_the_house_ticks_by_itself(home: House) -> None:
    tablet = await home.tablet()
    heartbeat = home.live._sockets.heartbeat
    heartbeat._now = itertools.count(heartbeat._looked_at, LONGEST_MS).__next__  # a second a tick
    await tablet.until(lambda: tablet.pings == 2)
