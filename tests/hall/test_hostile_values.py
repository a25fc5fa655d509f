"""Values no column holds, over both databases; and what the log says when the database fails."""

from __future__ import annotations

import logging
import uuid
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError

from server.db import Database
from server.meetings.store import votes
from server.schema import migrate
from server.streams import StreamId
from tests.e2e.small import MEETING, Furnished, SmallHouse, small_house

STREAM = StreamId(f"meeting:{MEETING}")
MINUTES = f"/api/meetings/{MEETING}/minutes"
ASKED: dict[str, tuple[str, str, Any]] = {
    "a person": ("GET", "/api/people/%00", None),
    "a search": ("GET", "/api/people?search=%00&unit=%00", None),
    "a paper": ("GET", "/api/papers/%00", None),
    "a shelf": ("GET", "/api/papers?shelf=%00", None),
    "a meeting": ("GET", "/api/meetings/%00", None),
    "votes": ("GET", "/api/meetings/%00/my-votes", None),
    "minutes": ("GET", "/api/meetings/%00/minutes.docx", None),
    "a kit": ("GET", "/api/meetings/%00/kit.zip", None),
    "a conference": ("POST", "/api/media/%00/up", None),
    "a session": ("DELETE", "/api/sessions/%00", None),
    "accounts": ("GET", "/api/accounts?unit=%00", None),
    "a way in": ("POST", "/api/meetings/%00/invitations", {"kind": "site", "who": "\0"}),
    "a username": ("POST", "/api/session", {"username": "a\0b", "password": "x\0y"}),
    "a unit": ("POST", "/api/session", {"username": "chair", "password": "x", "unit": "\0"}),
    "a code": ("POST", "/api/enter", {"code": "\0" * 16}),
    "a command's id": ("POST", f"{MINUTES}/updates", {"id": "a\0" * 8, "update": "AAA="}),
    "a large revision": ("POST", f"{MINUTES}/restore", {"id": "lan-1-aaaa", "revision": 2**40}),
    "a huge revision": ("POST", f"{MINUTES}/restore", {"id": "lan-2-aaaa", "revision": 2**70}),
    "a revision below zero": ("POST", f"{MINUTES}/restore", {"id": "lan-3-aaaa", "revision": -5}),
}


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.slow)])
async def house(
    request: pytest.FixtureRequest, tmp_path: Path, furnished: tuple[Path, Furnished]
) -> AsyncIterator[SmallHouse]:
    """A small house over either database."""
    if request.param == "sqlite":
        async with small_house(*furnished) as small:
            yield small
        return
    async with small_house(tmp_path, DATABASE__URL=request.getfixturevalue("fresh_postgres_url")) as small:
        yield small


async def test_a_value_no_column_holds_is_a_clear_no_and_no_incident(
    house: SmallHouse, caplog: pytest.LogCaptureFixture
) -> None:
    callers = [await house.caller("secretary"), await house.caller()]
    for what, (method, path, body) in ASKED.items():
        for caller in callers:
            status, answer = await caller.asks(method, path, body)
            known = isinstance(answer, list) or answer.get("code") != "bug"
            assert status < 500 and known, (what, status, answer)
    tablet = await (await house.caller("delegate")).tablet()
    for stream in ("meeting:\0", "minutes:\0", "ink:\0:\0", f"ink:{chr(0) * 64}:all", f"meeting:{'x' * 100}", "\0"):
        assert (await tablet.sync(0, stream))["code"] not in {"", "bug"}
        sent = {"stream": stream, "id": uuid.uuid4().hex, "command": {"type": "notice.post", "text": "x"}}
        assert (await tablet.ask("command", sent))["code"] not in {"", "bug"}
    await tablet.close()
    assert not [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert (await (await house.caller("chair")).commands("notice.post", text="Vẫn họp"))[0] == 200


async def test_a_failing_statement_never_tells_the_log_what_was_voted(tmp_path: Path) -> None:
    db = Database(f"sqlite+aiosqlite:///{tmp_path}/a.db", busy_timeout_ms=1)
    await migrate(db)
    row = {"ballot": "b", "mandate": "m", "meeting": "h", "choice": "khong-tan-thanh", "by": "m", "at": 1}
    async with db.writing():
        other = Database(db.url, busy_timeout_ms=1)
        async with other.reading() as connection:
            with pytest.raises(OperationalError, match="locked") as failed:
                await connection.execute(votes.insert().values(row))
        await other.close()
    assert "khong-tan-thanh" not in str(failed.value)
    await db.close()


async def test_a_locked_database_is_said_to_be_away_and_what_was_asked_may_be_sent_again(
    furnished: tuple[Path, Furnished],
) -> None:
    async with small_house(*furnished, DATABASE__BUSY_TIMEOUT_MS="50") as small:
        chair = await small.caller("chair")
        tablet = await chair.tablet()
        assert (await tablet.sync(0, STREAM))["ok"]
        command = {"type": "notice.post", "text": "Sau khi hết khóa"}
        sent = {"stream": STREAM, "id": uuid.uuid4().hex, "command": command}
        other = Database(small.house.db.url)
        async with other.writing():
            refused = await tablet.ask("command", sent)
            assert (refused["ok"], refused["code"]) == (False, "storage.away")
            status, answer = await chair.asks("POST", "/api/ticket")
            assert (status, answer["code"]) == (503, "storage.away")
            assert (await chair.asks("GET", f"/api/meetings/{MEETING}"))[0] == 200, "reading goes on"
        await other.close()
        done = await tablet.ask("command", sent)
        assert done["ok"] and await tablet.ask("command", sent) == done
        assert await small.house.streams.verify(STREAM) is None
        await tablet.close()


async def test_a_session_cannot_change_things_without_end(furnished: tuple[Path, Furnished]) -> None:
    async with small_house(*furnished) as small:
        flood, neighbour = await small.caller("delegate"), await small.caller("chair")
        codes = [(await flood.asks("POST", "/api/outbox-key", {}))[1].get("code", "") for _ in range(400)]
        assert "live.too_fast" in codes and codes[0] == ""
        assert (await neighbour.commands("notice.post", text="x"))[0] == 200
        assert (await flood.asks("GET", "/api/me"))[0] == 200, "reading goes on"
