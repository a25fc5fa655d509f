"""Work beside the requests: what passes is logged when it dies, what must go on takes the process with it."""

from __future__ import annotations

import asyncio

import pytest

from server.background import Background


async def fails(words: str) -> None:
    raise LookupError(words)


async def goes_on() -> None:
    await asyncio.Event().wait()


async def passes() -> None:
    await asyncio.sleep(0)


async def test_passing_work_that_dies_ends_nothing_and_lasting_work_that_dies_is_told() -> None:
    background = Background()
    background.keep(goes_on())
    background.keep(passes())
    background.begin(fails("passing"))
    broken = asyncio.ensure_future(background.broken())
    for _ in range(5):
        await asyncio.sleep(0)
    assert not broken.done()
    background.keep(fails("lasting"))
    background.keep(fails("after it"))
    with pytest.raises(LookupError, match="lasting"):
        await broken
    await background.close()


async def test_closing_ends_everything_and_is_no_death() -> None:
    background = Background()
    background.keep(goes_on())
    background.begin(goes_on())
    broken = asyncio.ensure_future(background.broken())
    await asyncio.sleep(0)
    await background.close()
    await asyncio.sleep(0)
    assert not broken.done()
    broken.cancel()
