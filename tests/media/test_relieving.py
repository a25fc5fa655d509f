"""Who moves people away from a process that is too busy: the web processes, and nobody else."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine
from pathlib import Path
from typing import Any

import pytest

from server.config import MediaSettings, RecordingSettings, SipSettings
from server.media.recorder import process as recorder
from server.media.relieving import Relieving
from server.media.service import Conferences
from server.media.sip import process as switchboard


async def moves(work: Coroutine[Any, Any, None], media: MediaSettings, monkeypatch: pytest.MonkeyPatch) -> bool:
    """Whether it has begun to look at the loads by the time it has called the media processes."""
    begun, called = asyncio.Event(), asyncio.Event()

    async def look(*_: object) -> None:
        begun.set()

    async def answer(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        called.set()
        writer.close()

    monkeypatch.setattr(Relieving, "run", look)
    servers = [await asyncio.start_unix_server(answer, path) for path in media.sockets()]
    running = asyncio.create_task(work)
    try:
        await asyncio.wait_for(called.wait(), 60)
    finally:
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
        for server in servers:
            server.close()
    return begun.is_set()


async def test_the_recorder_and_the_switchboard_move_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """They know neither what operators call full nor whom web has just moved."""
    media = MediaSettings(control_socket=tmp_path / "m.sock", processes=2)
    recording = RecordingSettings(control_socket=tmp_path / "r.sock", folder=tmp_path / "recordings")
    sip = SipSettings(control_socket=tmp_path / "s.sock", folder=tmp_path / "janus", port=0, janus="not-installed")
    assert await moves(Conferences(media.sockets(), lambda _: None).run(), media, monkeypatch)
    assert not await moves(recorder.run(recording, media), media, monkeypatch)
    assert not await moves(switchboard.run(sip, media), media, monkeypatch)
