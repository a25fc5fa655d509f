"""What a signed-in device may not do with its live line."""

from __future__ import annotations

import asyncio
import json

from server.callers import Limits
from server.words import LARGEST_HINT
from tests.e2e.small import MEETING, SmallHouse
from tests.live.room import Tablet

STREAM = f"meeting:{MEETING}"


async def test_a_hint_too_large_to_be_given_to_everybody_ends_its_own_line_only(small: SmallHouse) -> None:
    loud, neighbour = await (await small.caller("delegate")).tablet(), await (await small.caller("chair")).tablet("b")
    for tablet in (loud, neighbour):
        assert (await tablet.sync(0, STREAM))["ok"]
    hint = {"stream": STREAM, "type": "following", "data": "x" * LARGEST_HINT}
    await loud.socket.send_str(f'42["hint",{json.dumps(hint)}]')
    await asyncio.wait_for(loud.ended.wait(), 60)
    assert (await neighbour.sync(0, STREAM))["ok"]
    await loud.close()
    await neighbour.close()


async def test_one_session_opens_so_many_sockets_and_no_more(small: SmallHouse) -> None:
    greedy, neighbour = await small.caller("delegate"), await small.caller("second")
    most = Limits().sockets
    opened = [await greedy.tablet(f"ban-{number}") for number in range(most)]
    _, ticket = await greedy.asks("POST", "/api/ticket")
    late = await Tablet.open(small.url, origin=None)
    assert "live.too_many" in await late.show(ticket["ticket"], "ban-x")
    await (await neighbour.tablet()).close()
    await opened.pop().close()
    async with asyncio.timeout(60):
        while len(small.house.live.gathering.of("delegate")) == most:
            await asyncio.sleep(0.01)
    opened.append(await greedy.tablet("ban-y"))
    for tablet in (*opened, late):
        await tablet.close()
