"""Whatever people do at once, however badly they are connected and however often the house dies: its promises hold.

Eight tablets follow the meeting and its ink over real sockets, send commands, some of them twice, read slowly, are cut
off and come back, at another process where there are two, while those are killed and frozen. The history of it all is
held against the invariants of `tests/live/history.py`. Some seeds run here, many in `make soak`.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from server.streams import StreamId
from tests.e2e.small import MEETING, Caller, Furnished, Preparing, small_house, two_processes
from tests.live.mishaps import mishaps_of
from tests.live.runs import BRISK, Run, Weather, survive

STREAM = f"meeting:{MEETING}"
PATIENCE_S = 60


def enough_happened(run: Run) -> bool:
    """Whether the weather was as bad as it was to be, and people did something."""
    return not run.to_come and len(run.records) > 300


@pytest.mark.timeout(300)
async def test_eight_tablets_and_a_house_that_dies_keep_every_promise(furnished: tuple[Path, Furnished]) -> None:
    run, found = await survive(1, Weather(exports=True), furnished)
    assert found == []
    assert enough_happened(run)


@pytest.mark.slow
@pytest.mark.timeout(300)
async def test_two_processes_over_postgresql_and_redis_keep_every_promise(
    tmp_path: Path, fresh_postgres_url: str, redis_url: str
) -> None:
    shared = {"DATABASE__URL": fresh_postgres_url, "BUS__REDIS_URL": redis_url}
    async with small_house(tmp_path, **shared) as house:
        lies = house.lies
    weather = Weather(mishaps=mishaps_of(fresh_postgres_url, redis_url))
    run, found = await survive(2, weather, (tmp_path, lies), shared, 2)
    assert found == []
    assert enough_happened(run)


@pytest.mark.slow
async def test_a_sign_out_at_one_process_closes_the_socket_at_the_other(
    tmp_path: Path, fresh_postgres_url: str, redis_url: str
) -> None:
    async with two_processes(tmp_path, fresh_postgres_url, redis_url, BRISK) as (first, second):
        caller = await first.caller("delegate")
        elsewhere = Caller(second.url, second.session)
        elsewhere.cookie = caller.cookie
        tablet = await elsewhere.tablet()
        await tablet.sync(0, STREAM)
        assert (await caller.asks("DELETE", "/api/session"))[0] == 200
        await asyncio.wait_for(tablet.ended.wait(), PATIENCE_S)
        assert tablet.status("goodbye") == {"reason": "signed_out"}
        await tablet.close()


@pytest.mark.slow
async def test_what_is_hidden_stays_hidden_at_a_process_that_only_listens(
    tmp_path: Path, fresh_postgres_url: str, redis_url: str
) -> None:
    async with two_processes(tmp_path, fresh_postgres_url, redis_url, BRISK) as (first, second):
        guest = await (await second.caller("guest")).tablet()
        delegate = await (await second.caller("delegate")).tablet("ban-2")
        for tablet in (guest, delegate):
            before = (await tablet.sync(0, STREAM))["version"]
        paper = await Preparing(first.house).paper(first.lies.items[0], "members")
        chair = await first.caller("chair")
        for tag in ("paper.show", "page.turn"):
            assert (await chair.commands(tag, paper=paper, page=2 + (tag == "page.turn")))[0] == 200
        head = await first.house.streams.head(StreamId(STREAM))
        for tablet in (guest, delegate):
            await tablet.until_version(head)
        assert {event["type"] for event in guest.events} == {"hidden"}
        assert [event["version"] for event in guest.events] == list(range(before + 1, head + 1))
        assert {event["type"] for event in delegate.events} == {
            "paper.attached",
            "paper.ready",
            "paper.shown",
            "page.turned",
        }
        for tablet in (guest, delegate):
            await tablet.close()
