"""Several processes over one database: each paper is worked on by one of them, whoever dies over it."""

from __future__ import annotations

import asyncio
import fcntl
import os
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest

from server.documents import jobs
from server.documents.papers import Paper, PaperId, State
from server.leases import LEASE_MS
from tests.documents.house import Room, in_pieces, room, slips


@pytest.fixture(autouse=True)
def brisk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(jobs, "LOOK_EVERY_S", 0.05)


async def until(true: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(60):
        while not await true():
            await asyncio.sleep(0.02)


async def ready(at: Room, paper: PaperId, pages: int) -> Paper:
    """The paper, when it is ready with so many pages, all of them drawn."""

    async def is_ready() -> bool:
        now = (await at.papers.paper(paper)).version
        return now is not None and now.pages == now.rendered == pages

    await until(is_ready)
    await at.papers.settled()
    return await at.papers.paper(paper)


async def test_what_one_process_works_on_another_leaves_alone(tmp_path: Path) -> None:
    async with room(tmp_path) as east:
        paper = await east.papers.receive("bình", "họp-1", "a.pdf", in_pieces(slips(60)))
        async with room(tmp_path) as west:
            assert (await ready(east, paper.id, 60)).state is State.READY
            assert west.changes == []


async def test_what_a_dead_process_left_behind_is_taken_up(tmp_path: Path) -> None:
    async with room(tmp_path) as dead:

        async def never(_name: str) -> None:
            """The dead give nothing back."""

        dead.papers.jobs.leases.give_back = never  # type: ignore[method-assign]
        paper = await dead.papers.receive("bình", "họp-1", "a.pdf", in_pieces(slips(20)))
        await until(lambda: _is_checked(dead, paper.id))
    async with room(tmp_path) as heir:
        await heir.papers.settled()
        assert heir.changes == [], "the lease still holds"
        heir.papers.clock.advance(LEASE_MS + 1)  # type: ignore[attr-defined]
        assert (await ready(heir, paper.id, 20)).state is State.READY


async def _is_checked(at: Room, paper: PaperId) -> bool:
    """Whether its checking has begun; it may be over when somebody looks."""
    return any((one.id, one.state) == (paper, State.CHECKING) for one in at.changes)


async def test_a_newer_file_sent_to_another_process_is_not_lost(tmp_path: Path) -> None:
    async with room(tmp_path) as east, room(tmp_path) as west:
        west.papers.jobs.leases.holder = "west"
        paper = await east.papers.receive("bình", "họp-1", "a.pdf", in_pieces(slips(20)))
        await until(lambda: _is_checked(east, paper.id))
        await west.papers.replace("lan", paper.id, "b.pdf", in_pieces(slips(3)))
        now = await ready(west, paper.id, 3)
        assert (now.name, now.state) == ("b.pdf", State.READY)
        assert await west.papers.store.waiting() == []


async def test_a_start_leaves_the_folders_alone_that_another_process_uses(tmp_path: Path) -> None:
    used, left = tmp_path / "work/run-used", tmp_path / "work/run-left"
    for folder in (used, left):
        folder.mkdir(parents=True)
    handle = os.open(used, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    async with room(tmp_path):
        assert (used.exists(), left.exists()) == (True, False)
    os.close(handle)
