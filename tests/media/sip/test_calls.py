"""Real calls: sipp speaks SIP for a room codec, Janus for the house; sound and pictures go both ways."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from server.media.conference import Endpoint, Grants
from server.media.control import Gone, Joined
from server.media.sip.words import Call
from tests.components import free_port
from tests.media.conftest import ALL, House, until
from tests.media.player import Player
from tests.media.recorder.conftest import Speaker
from tests.media.sip.conftest import BRIGHT, HOST, NUMBER, Codec264, Exchange

pytestmark = pytest.mark.slow


def on_stage(house: House, who: str) -> None:
    listed = tuple(Endpoint(one, ALL) for one in ("codec", "hall", "player"))
    house.desire(endpoints=listed, stage=who, floor=who, order=("codec", "hall", "player"))


def lines_of(house: House, who: str) -> set[str]:
    """The directions in which the media process has said that somebody joined."""
    return {one.direction for one in house.of(Joined) if one.endpoint == who}


async def joined(house: House, player: Player) -> Speaker:
    """A hall that sends VP8 and Opus, and somebody who watches."""
    answer = await house.web.open("k", "player", ("down", "camera"), Grants(), await player.offer())
    await player.accept(answer.body)
    return Speaker(await house.publish("hall"))


async def speaking(speaker: Speaker, until_true: Callable[[], object]) -> None:
    """The hall speaks until something holds."""
    at = 10_000

    def more() -> None:
        nonlocal at
        speaker.voice(at)
        if at % 80 == 0:
            speaker.picture(at)
        at += 20

    await until(until_true, more)


async def test_a_codec_that_dials_its_number_is_a_site_with_sound_and_picture(
    house: House, exchange: Exchange, player: Player
) -> None:
    on_stage(house, "codec")
    speaker = await joined(house, player)
    exchange.want(exchange.line())
    sipp = await exchange.sipp("calls.xml", "-s", NUMBER, f"{HOST}:{exchange.settings.port}")
    await until(exchange.find_ports)
    await until(lambda: "connected" in exchange.stages())
    call = exchange.calls.calls["k", "codec"]
    assert (call.incoming, call.audio, call.video) == (True, "PCMU", "H264")
    await until(lambda: lines_of(house, "codec") >= {"up", "down"})
    async with asyncio.timeout(60):
        assert await player.seen() == (320, 180, BRIGHT), "as the codec coded it"
        await player.heard()
    assert exchange.locks() == {"NoNewPrivs: 1", "Seccomp: 2"}, "it decodes what strangers send"
    on_stage(house, "hall")
    codec = exchange.codec
    await speaking(speaker, lambda: codec.loudest < 30 and codec.seen is not None)
    assert codec.seen is not None and codec.seen[:2] == (160, 90), "VP8 of the hall, as H264"
    house.observed.clear()
    await house.stop_media()
    await house.start_media()
    await until(lambda: lines_of(house, "codec") == {"up", "down"})
    house.observed.clear()
    exchange.want()
    await until(lambda: exchange.stages()[-1] == "ended")
    assert await asyncio.wait_for(sipp.wait(), 60) == 0, "the house hung up, as SIP wants it"
    await until(lambda: {one.endpoint for one in house.of(Gone)} == {"codec"})


async def test_a_codec_calls_over_a_connection_and_is_hung_up_over_it(house: House, exchange: Exchange) -> None:
    on_stage(house, "codec")
    exchange.want(exchange.line())
    sipp = await exchange.sipp("calls.xml", "-t", "t1", "-s", NUMBER, f"{HOST}:{exchange.settings.port}")
    await until(exchange.find_ports)
    await until(lambda: "connected" in exchange.stages())
    await until(lambda: lines_of(house, "codec") >= {"up", "down"})
    exchange.want()
    await until(lambda: exchange.stages()[-1] == "ended")
    assert await asyncio.wait_for(sipp.wait(), 60) == 0, "the house hung up over the codec's connection"


async def test_a_codec_that_is_called_answers_and_its_hanging_up_is_heeded(house: House, exchange: Exchange) -> None:
    on_stage(house, "codec")
    exchange.codec.close()
    exchange.codec = Codec264(picture=102)
    port = free_port()
    sipp = await exchange.sipp("is_called.xml", "-p", str(port), "-d", "1500")
    exchange.want(exchange.line(f"sip:codec@{HOST}:{port}"))
    await until(exchange.find_ports)
    await until(lambda: "connected" in exchange.stages())
    assert "ringing" in exchange.stages()
    # It may have hung up already: what was told of it stays.
    call = next(one for one in exchange.observed if isinstance(one, Call) and one.stage == "connected")
    assert (call.incoming, call.audio, call.video) == (False, "PCMU", "H264")
    await until(lambda: exchange.stages()[-1] == "ended")
    assert exchange.why() == "hung_up"
    assert await asyncio.wait_for(sipp.wait(), 60) == 0
    exchange.want(exchange.line(f"sip:codec@{HOST}:{port}"))
    assert exchange.stages()[-1] == "ended", "nobody is called again who has hung up"


async def test_who_dials_another_number_is_told_that_there_is_none(exchange: Exchange) -> None:
    exchange.want(exchange.line())
    sipp = await exchange.sipp("calls.xml", "-s", "1234567890", f"{HOST}:{exchange.settings.port}")
    assert await asyncio.wait_for(sipp.wait(), 60) == 0
    assert exchange.stages() == []
    assert not (exchange.folder / "log").is_file() or not exchange.find_ports()


async def test_a_call_dies_with_janus_and_janus_comes_again(exchange: Exchange) -> None:
    exchange.want(exchange.line(f"sip:codec@{HOST}:{free_port()}"))
    await until(lambda: exchange.stages() == ["calling"])
    before = exchange.calls.standing
    child = exchange.janus_pid()
    os.kill(child, signal.SIGKILL)
    await until(lambda: exchange.stages()[-1] == "ended")
    assert exchange.why() == "broken"
    await until(lambda: exchange.janus_pid() not in (0, child) and exchange.calls.standing == before)


async def test_where_janus_is_missing_it_is_said(house: House, tmp_path: Path) -> None:
    without = Exchange(house, tmp_path, Path("sipp"), janus="no-such-program")
    await without.start("no_janus")
    assert not any(isinstance(one, Call) for one in without.observed)
    await without.close()
