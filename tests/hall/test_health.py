"""What watchers are told: the database, media, restarts; and what systemd hears."""

from __future__ import annotations

import asyncio
import os
import socket
from pathlib import Path

import pytest

from server import health
from server.db import Database
from server.schema import migrate
from tests.e2e.small import Furnished, small_house

NOTHING_LIES = Furnished([], [], {}, {}, "")


def test_only_the_children_of_a_supervisor_speak_of_its_restarts(tmp_path: Path) -> None:
    file = tmp_path / "var/processes.json"
    assert health.restarts(os.getpid(), file) == {}
    health.keep_restarts({"web": 0, "media": 3}, file)
    assert health.restarts(os.getpid(), file) == {"web": 0, "media": 3}
    assert health.restarts(os.getpid() + 1, file) == {}
    file.write_bytes(b'{"half')
    assert health.restarts(os.getpid(), file) == {}


@pytest.mark.parametrize("abstract", [True, False])
def test_systemd_hears_where_it_listens(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, abstract: bool) -> None:
    place = f"hopso-{tmp_path.name}-{os.getpid()}" if abstract else str(tmp_path / "notify")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as systemd:
        systemd.bind("\0" + place if abstract else place)
        monkeypatch.setenv("NOTIFY_SOCKET", "@" + place if abstract else place)
        health.tell_systemd("READY=1", "STATUS=đang mở")
        assert systemd.recv(4096).decode() == "READY=1\nSTATUS=đang mở"


def test_without_systemd_nothing_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NOTIFY_SOCKET", raising=False)
    opened: list[object] = []
    monkeypatch.setattr(health.socket, "socket", lambda *kind: opened.append(kind))
    health.tell_systemd("READY=1")
    assert opened == []


def test_a_disk_is_called_full_before_it_is(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert health.storage(tmp_path / "not/there/yet") == "ready"
    monkeypatch.setattr(health, "LEAST_FREE", 1 << 62)
    assert health.storage(tmp_path) == "full"


NEITHER = {
    "ok": True,
    "media": False,
    "media_processes": {"media": False},
    "storage": "ready",
    "recorder": "absent",
    "restarts": {},
}
"""A house that decides, without its other processes."""


async def test_it_tells_without_signing_in_whether_decisions_can_be_made(tmp_path: Path) -> None:
    db = Database(f"sqlite+aiosqlite:///{tmp_path}/hopso.db")
    await migrate(db)
    await db.close()
    async with small_house(tmp_path, NOTHING_LIES) as small:
        watcher = await small.caller()
        assert await watcher.asks("GET", "/health") == (200, NEITHER)
        media = await asyncio.start_unix_server(lambda _r, _w: None, small.house.settings.media.control_socket)
        async with asyncio.timeout(60):
            await small.house.conferences.up.wait()
        assert (await watcher.asks("GET", "/health"))[1]["media"] is True
        media.close()
        whole, small.house.streams.db = small.house.streams.db, Database(f"sqlite+aiosqlite:///{tmp_path}/other.db")
        assert (await watcher.asks("GET", "/health"))[0] == 503
        small.house.streams.db = whole
