"""A listener that fails costs nobody else the news, and no committed command its answer."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.clock import HeldClock
from server.db import Database
from server.listeners import tell_all
from server.schema import migrate
from server.streams import Decision, NewEvent, StreamId, Streams, Turn

STREAM = StreamId("meeting:1")


def fails(*_: object) -> None:
    raise ValueError("not today")


def test_the_others_hear_it(caplog: pytest.LogCaptureFixture) -> None:
    heard: list[str] = []
    tell_all([lambda: heard.append("first"), fails, lambda: heard.append("last")], "the news")
    assert heard == ["first", "last"]
    assert "the news was not taken in" in caplog.text


@pytest.mark.parametrize("where", ["listeners", "after_commit"])
async def test_what_is_committed_is_answered_and_told_once_although_a_listener_fails(
    tmp_path: Path, where: str
) -> None:
    db = Database(f"sqlite+aiosqlite:///{tmp_path}/test.db")
    await migrate(db)
    streams = Streams(db, HeldClock())
    heard: list[int] = []
    if where == "listeners":
        streams.listeners.append(fails)
    streams.listeners.append(lambda _stream, entries: heard.extend(entry.version for entry in entries))

    async def decide(turn: Turn) -> Decision:
        if where == "after_commit":
            turn.after_commit.append(fails)
        return Decision([NewEvent("happened", {}, "an")])

    answer = await streams.perform(STREAM, "an", "c-1", decide)
    assert (answer.ok, answer.version, heard) == (True, 1, [1])
    await streams.close()
    await db.close()
