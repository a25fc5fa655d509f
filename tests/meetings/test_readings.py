"""Who has opened which paper: what counts, for whom it is, and what is kept of it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from server.db import Database
from server.meetings.readings import store
from server.meetings.readings.readers import (
    Reader,
    Reading,
    Seen,
    further,
    opened,
    readers,
    seen,
    to_the_minute,
    waits,
    watchers,
)
from server.schema import tables
from tests.meetings.scenario import START, Play
from tests.meetings.scenario import opened as sitting

OLD, NEW = "a" * 64, "b" * 64


@pytest.fixture
def play() -> Play:
    return sitting()


def test_a_page_of_a_paper_one_may_read_counts(play: Play) -> None:
    assert seen(play.meeting, "delegate", "p-all", 7) == Seen(OLD, 7)
    assert seen(play.meeting, "second", "p-named", 1) == Seen(OLD, 1)


@pytest.mark.parametrize(
    ("person", "paper", "page"),
    [
        ("delegate", "p-named", 1),
        ("guest", "p-members", 1),
        ("delegate", "p-all", 25),
        ("delegate", "p-all", 0),
        ("delegate", "p-bad", 1),
        ("delegate", "none", 1),
        ("site-tx", "p-all", 1),
        ("somebody-else", "p-all", 1),
    ],
)
def test_nothing_counts_that_is_not_theirs_to_read_or_not_there(play: Play, person: str, paper: str, page: int) -> None:
    assert seen(play.meeting, person, paper, page) is None


def test_nothing_counts_after_the_closing(play: Play) -> None:
    play.does("chair", "meeting.close")
    assert seen(play.meeting, "delegate", "p-all", 1) is None


def test_only_a_further_page_or_a_newer_version_says_more() -> None:
    assert further(None, Seen(OLD, 1))
    assert further(Seen(OLD, 3), Seen(OLD, 4))
    assert not further(Seen(OLD, 4), Seen(OLD, 4))
    assert not further(Seen(OLD, 4), Seen(OLD, 2))
    assert further(Seen(OLD, 4), Seen(NEW, 1))


def test_the_chair_and_the_secretaries_are_told_and_a_deputy_while_holding_the_controls(play: Play) -> None:
    assert watchers(play.meeting) == {"chair", "secretary"}
    play.does("deputy", "controls.take")
    assert watchers(play.meeting) == {"chair", "secretary", "deputy"}


def test_everybody_for_whom_a_paper_is_stands_in_the_list_by_precedence(play: Play) -> None:
    paper = play.meeting.papers["p-all"]
    kept = [Reading("p-all", "delegate", OLD, START, 5), Reading("p-named", "second", OLD, START, 1)]
    found = readers(play.meeting, paper, kept)
    assert [one.person for one in found] == ["chair", "deputy", "delegate", "second", "guest", "secretary"]
    assert [one for one in found if one.opened_at] == [Reader("delegate", START, 5)]
    named = [one.person for one in readers(play.meeting, play.meeting.papers["p-named"], kept)]
    assert named == ["chair", "deputy", "second", "secretary"]


def test_whoever_sent_somebody_else_is_not_waited_for(play: Play) -> None:
    play.does("delegate", "attendance.leave")
    play.does("secretary", "attendance.substitute", person="delegate", substitute="substitute", reason="Đi công tác")
    found = [one.person for one in readers(play.meeting, play.meeting.papers["p-all"], [])]
    assert "delegate" not in found
    assert "substitute" in found


def test_who_has_opened_only_what_was_replaced_has_not_opened_it(play: Play) -> None:
    kept = [Reading("p-all", "delegate", OLD, START, 5), Reading("p-all", "second", OLD, START, 2)]
    assert opened(play.meeting, kept)["p-all"] == 2
    play.house("paper.prepare", paper="p-all", state="ready", version=NEW, pages=24)
    kept[0] = Reading("p-all", "delegate", NEW, START, 1)
    assert opened(play.meeting, kept)["p-all"] == 1
    outdated = [one.person for one in readers(play.meeting, play.meeting.papers["p-all"], kept) if one.outdated]
    assert outdated == ["second"]


@pytest.mark.parametrize(
    ("method", "state", "held"), [("secret", "open", True), ("secret", "closed", False), ("open", "open", False)]
)
def test_beside_a_secret_vote_nothing_is_written(play: Play, method: Any, state: Any, held: bool) -> None:
    ballot = next(iter(play.meeting.ballots.values()))
    assert waits(play.meeting.with_ballot(replace(ballot, method=method, state=state))) is held


def test_an_opening_is_told_to_the_minute() -> None:
    assert to_the_minute(START + 59_999) == to_the_minute(START) == START - START % 60_000


@pytest.fixture
async def db(tmp_path: Path) -> AsyncIterator[Database]:
    database = Database(f"sqlite+aiosqlite:///{tmp_path}/h.db")
    async with database.writing() as connection:
        await connection.run_sync(tables().create_all)
    yield database
    await database.close()


async def kept_in(db: Database, meeting: str = "m-1") -> dict[str, tuple[str, int, int]]:
    async with db.reading() as connection:
        found = await store.of_meeting(connection, meeting)
    return {one.person: (one.version, one.opened_at, one.page) for one in found}


async def test_of_a_version_the_first_opening_and_the_furthest_page_are_kept(db: Database) -> None:
    for at, page in ((1, 3), (2, 9), (3, 4)):
        await store.keep(db, "m-1", [Reading("p", "delegate", OLD, at, page)])
    assert await kept_in(db) == {"delegate": (OLD, 1, 9)}
    await store.keep(db, "m-1", [Reading("p", "delegate", NEW, 7, 2)])
    assert await kept_in(db) == {"delegate": (NEW, 7, 2)}


async def test_a_thousand_readers_are_kept_at_once_and_meetings_apart(db: Database) -> None:
    await store.keep(db, "m-1", [Reading("p", f"v{number}", OLD, 1, 1) for number in range(1001)])
    await store.keep(db, "m-2", [Reading("p", "v1", OLD, 5, 5)])
    assert len(await kept_in(db)) == 1001
    assert await kept_in(db, "m-2") == {"v1": (OLD, 5, 5)}
