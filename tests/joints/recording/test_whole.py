"""From the chair's tap to the files and back: a real house, a real media process, a real recorder."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from bench.media.client import Peers, offer_up
from server.config import MediaSettings
from server.media import process as media
from server.media.conference import Grants
from server.media.recorder import process as recorder
from server.media.recorder.folder import recorded_in
from tests.e2e.small import MEETING, SITE, SmallHouse
from tests.media.conftest import Site
from tests.media.recorder.conftest import Speaker


@pytest.fixture
async def studio(small: SmallHouse) -> AsyncIterator[SmallHouse]:
    """The small house with its other processes."""
    control = small.house.settings.media.control_socket
    settings = MediaSettings(control_socket=control, host="127.0.0.1", port=0)
    recording = small.house.settings.recording.model_copy(update={"min_free_mb": 100})
    tasks = [asyncio.create_task(media.run(settings)), asyncio.create_task(recorder.run(recording, settings))]
    async with asyncio.timeout(60):
        await small.house.conferences.up.wait()
        await small.house.recording.recordings.up.wait()
        while small.house.recording.recordings.readiness() != "ready":
            await asyncio.sleep(0.02)
    yield small
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_what_the_chair_has_recorded_is_seen_again_with_the_page_that_was_shown(studio: SmallHouse) -> None:
    peers = Peers()
    peer = peers.add()
    grants = Grants(audio=True, video=True)
    answer = await studio.house.conferences.open(
        MEETING, SITE, ("up", "camera"), grants, offer_up(peer, (99, 100, 101))
    )
    await peer.connect(answer.body)
    speaker = Speaker(Site(peer))
    chair = await studio.caller("chair")
    assert (await chair.commands("stage.pin", who=SITE))[0] == 200
    assert (await chair.commands("recording.start"))[0] == 200
    folder = studio.house.settings.recording.folder / MEETING
    at = 1_000

    async def send(until: object) -> None:
        nonlocal at
        async with asyncio.timeout(60):
            while not until():  # type: ignore[operator]
                speaker.picture(at)
                at += 40
                await asyncio.sleep(0.04)

    await send(lambda: any(one.track == "picture" for one in recorded_in(folder).segments))
    paper = studio.lies.papers["all"]
    assert (await chair.commands("paper.show", paper=paper, page=2))[0] == 200
    turned = at + 1_000
    await send(lambda: at > turned)
    assert (await chair.commands("recording.stop"))[0] == 200
    await send(lambda: recorded_in(folder).stretches[0].ended_at and not recorded_in(folder).open)
    assert (await chair.commands("meeting.close"))[0] == 200
    status, found = await chair.asks("GET", f"/api/meetings/{MEETING}/recording")
    assert status == 200
    (stretch,) = found["kept"]["recorded"]["stretches"]
    shown = found["course"]["pages"][0]
    assert shown["page"] == 2 and stretch["began_at"] < shown["at"] < stretch["ended_at"]
    assert stretch["why"] == "stopped"
    assert {one["picture"] for one in found["kept"]["recorded"]["seats"]} >= {SITE}
    await peers.close()


async def test_a_film_is_made_of_it_and_can_be_saved(studio: SmallHouse) -> None:
    from tests.joints.recording.test_doors import recorded

    await recorded(studio)
    chair = await studio.caller("chair")
    here = f"/api/meetings/{MEETING}/recording"
    assert (await chair.asks("POST", f"{here}/film"))[0] == 202
    async with asyncio.timeout(60):
        while (await chair.asks("GET", here))[1]["kept"]["film"] != "done":
            await asyncio.sleep(0.2)
    status, film = await chair.fetches(f"{here}/film.mp4")
    assert status == 200 and film[4:8] == b"ftyp"
    assert (await (await studio.caller("delegate")).fetches(f"{here}/film.mp4"))[0] == 403
    assert (await chair.asks("DELETE", f"{here}/film"))[0] == 200
    async with asyncio.timeout(60):
        while (await chair.fetches(f"{here}/film.mp4"))[0] == 200:
            await asyncio.sleep(0.05)
