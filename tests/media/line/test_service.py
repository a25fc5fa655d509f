"""The board over a real database, with a held clock."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from server.clock import HeldClock
from server.db import Connection, Database, metadata
from server.errors import TooMany
from server.media.control import Gone, Joined, Quality
from server.media.line import service
from server.media.line.alarms import Expected
from server.media.line.facts import Report
from server.media.line.service import MOST_TESTS, LineBoard
from server.media.line.store import keep_test
from tests.media.line.test_linetest import GOOD

SITES = [Expected("so-ct", running=True), Expected("so-yt", running=True)]


class Board(LineBoard):
    clock: HeldClock

    async def goes_on(self, seconds: int) -> None:
        """The board looks every two seconds and keeps what is due."""
        for _ in range(seconds // 2):
            self.clock.advance(2_000)
            await self.keep("m", self.look("m", SITES))


@pytest.fixture
async def board(tmp_path: Path) -> AsyncIterator[Board]:
    db = Database(f"sqlite+aiosqlite:///{tmp_path}/hopso.db")
    async with db.writing() as connection:
        await connection.run_sync(metadata.create_all)
    yield Board(db, HeldClock(1_000_000))
    await db.close()


def comes(board: LineBoard, site: str = "so-ct") -> None:
    for direction, session in (("up", "u"), ("down", "d")):
        board.heed(Joined("m", site, f"{session}-{site}", direction, "camera"))  # type: ignore[arg-type]


async def test_the_board_shows_every_site_in_order_whether_it_came_or_not(board: Board) -> None:
    comes(board)
    board.heed(Quality("m", "so-ct", "u-so-ct", "up", "camera", 12, 0, 1_500_000, level=97, layers=("l", "m")))
    board.reported("m", "so-ct", Report(level=30, camera="on"))
    first, second = board.look("m", SITES)
    assert (first.site, first.state, first.up_loss, first.layer, first.camera) == ("so-ct", "good", 12, "m", "on")
    assert first.level == 30, "a closed microphone is measured at the site"
    assert (second.site, second.state) == ("so-yt", "absent")


async def test_who_is_unknown_is_not_made_up_by_a_stray_word(board: Board) -> None:
    board.heed(Gone("m", "somebody", "x", "up", "camera", "lost"))
    assert board.sessions("m", "somebody") == []
    assert board.look("m", [Expected("somebody")])[0].state == "absent"


async def test_a_lost_site_is_said_once_not_twice(board: Board) -> None:
    comes(board)
    for direction, session in (("up", "u-so-ct"), ("down", "d-so-ct")):
        board.heed(Gone("m", "so-ct", session, direction, "camera", "lost"))  # type: ignore[arg-type]
    await board.goes_on(30)
    row = board.look("m", SITES)[0]
    assert (row.state, [alarm.kind for alarm in row.alarms], row.drops) == ("lost", ["lost"], 1)


async def test_the_history_grows_by_a_reading_every_ten_seconds_and_is_thinned_at_the_end(board: Board) -> None:
    comes(board)
    await board.goes_on(600)
    trend = await board.trend("m")
    assert len(trend["so-ct"]) == 60
    assert len(trend["so-yt"]) == 1
    for _ in range(2):
        board.forget("m")
        await board.thin("m")
    assert 10 <= len((await board.trend("m"))["so-ct"]) <= 11
    assert board.sessions("m", "so-ct") == []


async def test_an_order_that_is_given_while_the_orders_are_read_holds(
    board: Board, monkeypatch: pytest.MonkeyPatch
) -> None:
    honest, read, go_on = service.store.audio_only_in, asyncio.Event(), asyncio.Event()

    async def reads_slowly(connection: Connection, conference: str) -> frozenset[str]:
        found = await honest(connection, conference)
        if not read.is_set():
            read.set()
            await go_on.wait()
        return found

    monkeypatch.setattr(service.store, "audio_only_in", reads_slowly)
    recalling = asyncio.create_task(board.recall("m"))
    await read.wait()
    await board.order("m", "so-ct", True, "kỹ thuật")
    go_on.set()
    assert await recalling == board.audio_only("m") == {"so-ct"}
    assert await board.recall("m") == {"so-ct"}


async def test_the_last_test_of_each_site_is_kept_with_its_name(board: Board) -> None:
    await board.record("m", "so-ct", ("so-ct", "Mai Thị Dung"), GOOD)
    board.clock.advance(1_000)
    last = await board.record("m", "so-ct", ("so-ct", "Trần Khắc Hưng"), GOOD)
    assert await board.tests("m") == {"so-ct": last}
    assert (last.name, last.result, last.faults) == ("Trần Khắc Hưng", "passed", ())


async def test_tests_do_not_fill_the_disk(board: Board) -> None:
    test = await board.record("m", "so-ct", ("so-ct", "Mai Thị Dung"), GOOD)
    async with board.db.writing() as connection:
        for number in range(MOST_TESTS - 1):
            await keep_test(connection, f"t{number}", "m", test)
    with pytest.raises(TooMany):
        await board.record("m", "so-ct", ("so-ct", "Mai Thị Dung"), GOOD)


async def test_a_site_on_the_telephone_is_neither_missed_nor_lost(board: Board) -> None:
    by_voice = [Expected("so-ct", running=True, by_telephone=True), Expected("so-yt", running=True, by_telephone=True)]
    comes(board)
    assert board.look("m", by_voice)[0].state == "good", "its line is there, too"
    for session, direction in (("u-so-ct", "up"), ("d-so-ct", "down")):
        board.heed(Gone("m", "so-ct", session, direction, "camera", "lost"))  # type: ignore[arg-type]
    board.look("m", by_voice)
    board.clock.advance(60_000)
    assert [(row.state, row.alarms) for row in board.look("m", by_voice)] == [("voice", ()), ("voice", ())]
    assert [row.state for row in board.look("m", SITES)] == ["again", "absent"]
