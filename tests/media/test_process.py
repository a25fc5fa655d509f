"""The control API: whole states, repeated; either side may die."""

from __future__ import annotations

import asyncio
import stat

import msgspec
import pytest

from server.errors import Unavailable
from server.media import process
from server.media.conference import Desired, Endpoint
from server.media.control import Gone, Joined, Observation, Slots, decode_from_media, decode_from_web
from server.media.link import encode
from server.media.service import Conferences
from tests.media.conftest import ALL, House, until


async def test_an_older_state_changes_nothing(house: House) -> None:
    house.admit("a", "b", stage="a")
    a, b = await house.publish("a"), await house.watch("b")
    old = msgspec.structs.replace(house.state, number=0, endpoints=(Endpoint("a"),))
    house.web.processes[0].say(old)
    await until(lambda: b.saw(b"A"), lambda: a.picture(True, b"A"))


async def test_web_dies_and_media_keeps_the_last_grants(house: House) -> None:
    house.admit("a", "b", stage="a")
    a, b = await house.publish("a"), await house.watch("b")
    await until(lambda: b.saw(b"A"), lambda: a.picture(True, b"A"))
    house.tasks[0].cancel()
    await asyncio.gather(*house.tasks, return_exceptions=True)
    b.clear()
    await until(lambda: b.saw(b"alone"), lambda: a.picture(False, b"alone"))


async def test_a_new_web_process_hears_who_is_there(house: House) -> None:
    house.admit("a", "b", stage="a")
    a, b = await house.publish("a"), await house.watch("b")
    await until(lambda: b.saw(b"A"), lambda: a.picture(True, b"A"))
    heard: list[object] = []
    second = Conferences([house.settings.control_socket], heard.append)
    house.tasks.append(asyncio.create_task(second.run()))
    await until(lambda: [one for one in heard if isinstance(one, Slots)])
    assert {one.endpoint for one in heard if isinstance(one, Joined)} == {"a", "b"}
    assert next(one for one in heard if isinstance(one, Slots)).seats.video[0] == "a"


async def test_media_dies_and_its_successor_is_told_everything(house: House) -> None:
    house.admit("a", "b", stage="a")
    await house.publish("a")
    await house.stop_media()
    await until(lambda: not house.web.up.is_set())
    with pytest.raises(Unavailable):
        await house.publish("a")
    await house.start_media()
    await until(house.web.up.is_set)
    a, b = await house.publish("a"), await house.watch("b")
    await until(lambda: b.saw(b"after"), lambda: a.picture(True, b"after"))


async def test_the_control_socket_belongs_to_this_account_only(house: House) -> None:
    assert stat.S_IMODE(house.settings.control_socket.stat().st_mode) & 0o077 == 0


async def test_two_processes_cannot_share_a_port(house: House) -> None:
    from bench.media.client import Remote, offer_up
    from server.config import MediaSettings

    house.admit("a")
    answer = await house.web.open("k", "a", ("up", "camera"), ALL, offer_up(house.peers.add()))
    port = Remote(answer.body).address[1]
    taken = MediaSettings(control_socket=house.settings.control_socket.with_name("x"), host="127.0.0.1", port=port)
    with pytest.raises(Unavailable, match=r"media\.port_taken"):
        await process.run(taken)


def test_every_word_is_read_as_it_was_written() -> None:
    state = Desired("k", 1, 2, (Endpoint("a", ALL, "hall"),), "a", "a", ("a",), {"b": ("a", "")})
    assert decode_from_web(encode(state)) == state
    word = Joined("k", "a", "s", "up", "screen")
    assert decode_from_media(encode(word)) == word


@pytest.mark.parametrize(
    "line", [b"{}", b"[]", b'{"type":"desired"}', b'{"type":"close","request":1,"session":"s","endpoint":"a","x":1}']
)
def test_what_is_no_word_is_refused(line: bytes) -> None:
    with pytest.raises(msgspec.DecodeError):
        decode_from_web(line)


async def test_an_observer_that_fails_once_does_not_cut_the_line_to_media(house: House) -> None:
    heard: list[Observation] = []

    def observe(word: Observation) -> None:
        heard.append(word)
        if len(heard) == 1:
            raise KeyError("a mistake of ours")

    beside = Conferences([house.settings.control_socket], observe)
    running = asyncio.create_task(beside.run())
    await beside.up.wait()
    house.admit("a", "b", stage="a")
    await house.publish("a")
    await house.watch("b")
    await until(lambda: len(heard) > 1 or running.done())
    assert not running.done() and beside.up.is_set()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_whoever_was_joined_is_lost_once_when_media_dies_without_a_word(house: House) -> None:
    house.admit("a", "b")
    await house.publish("a")
    b = await house.watch("b")
    await until(lambda: len(house.of(Joined)) == 2)
    await house.web.close(b.peer.session, "b")
    await until(lambda: house.of(Gone))
    await house.stop_media()
    for lost in ([("a", "lost")], []):
        house.observed.clear()
        await house.start_media()
        await until(house.web.up.is_set)
        gone = [(one.endpoint, one.reason) for one in house.of(Gone)]  # type: ignore[attr-defined]
        assert gone == lost
        await house.stop_media()
        await until(lambda: not house.web.up.is_set())
