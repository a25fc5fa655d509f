from __future__ import annotations

import asyncio

from server.clock import HeldClock, Millis
from server.joints.line.inspection import FRESH_MS, Inspection


async def test_many_who_ask_at_once_look_once_and_later_ones_anew() -> None:
    looked: list[Millis] = []

    def look(now: Millis) -> list[object]:
        looked.append(now)
        return [now]

    clock = HeldClock(1_000)
    inspection = Inspection(look, clock)
    assert await asyncio.gather(*(inspection() for _ in range(5))) == [[1_000]] * 5
    clock.advance(FRESH_MS - 1)
    assert await inspection() == [1_000]
    clock.advance(1)
    assert await inspection() == [1_000 + FRESH_MS]
    assert len(looked) == 2
