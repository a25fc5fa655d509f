"""A session that was ended from the terminal has no open socket left a moment later."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from server import upkeep
from server.joints import sessions
from tests.e2e.small import MEETING, Furnished, small_house


async def test_a_password_reset_at_the_terminal_closes_the_sockets_of_a_running_house(
    furnished: tuple[Path, Furnished], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sessions, "LOOK_EVERY_S", 0.05)
    folder, lies = furnished
    async with small_house(folder, lies) as small:
        lost, other = await small.caller("delegate"), await small.caller("chair")
        stolen, kept = await lost.tablet(), await other.tablet("ban-2")
        for tablet in (stolen, kept):
            assert (await tablet.sync(0, f"meeting:{MEETING}"))["ok"]
        await upkeep.reset_password(small.house.settings, "delegate")
        await asyncio.wait_for(stolen.ended.wait(), 60)
        assert stolen.status("goodbye") == {"reason": "signed_out"}
        assert (await lost.asks("POST", "/api/ticket"))[0] == 401
        assert (await kept.sync(0, f"meeting:{MEETING}"))["ok"]
        for tablet in (stolen, kept):
            await tablet.close()
