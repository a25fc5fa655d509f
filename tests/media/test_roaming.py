"""Lines that change under way: Wi-Fi to 4G, a VPN on or off. A router between a site and the house plays them.

Losses are counted in packets of sound (20 ms each), not in time: a slow machine makes nobody hear less.
"""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import AsyncIterator

import pytest

from bench.media.client import Peer, offer_down, offer_up
from server.media import rtcp
from server.media.control import Gone, Joined, Slots
from tests.media.conftest import ALL, House, Screen, Site, until

TWO_SECONDS = 100
"""Packets of sound."""


class Router:
    """Between one site and the house: its outer address may change, and for a while nothing may get through."""

    def __init__(self, house: tuple[str, int]) -> None:
        self.house = house
        self.inner = self._bind()
        self.outer = self._bind()
        self.site: tuple[str, int] | None = None
        self.is_dead = False
        self.task = asyncio.create_task(self._carry())

    @property
    def address(self) -> tuple[str, int]:
        host, port = self.inner.getsockname()
        return str(host), int(port)

    def _bind(self) -> socket.socket:
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.bind(("127.0.0.1", 0))
        sock.setblocking(False)
        return sock

    def change(self) -> None:
        """Another outer address; what is sent to the old one is lost."""
        self.outer.close()
        self.outer = self._bind()

    async def _carry(self) -> None:
        while True:
            self._pass(self.inner, self._out)
            self._pass(self.outer, self._in)
            await asyncio.sleep(0.002)

    def _pass(self, sock: socket.socket, on: object) -> None:
        while True:
            try:
                data, source = sock.recvfrom(2048)
            except OSError:
                return
            if callable(on):
                on(data, source)

    def _out(self, data: bytes, source: tuple[str, int]) -> None:
        self.site = source
        if not self.is_dead:
            self.outer.sendto(data, self.house)

    def _in(self, data: bytes, _: tuple[str, int]) -> None:
        if self.site is not None and not self.is_dead:
            self.inner.sendto(data, self.site)

    def close(self) -> None:
        self.task.cancel()
        self.inner.close()
        self.outer.close()


class Travellers:
    """A house, and sites behind routers."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.routers: list[Router] = []

    async def _behind(self, body: str, peer: Peer) -> Router:
        found = re.search(r"a=candidate:1 1 udp \d+ (\S+) (\d+)", body)
        assert found is not None
        router = Router((found[1], int(found[2])))
        self.routers.append(router)
        host, port = router.address
        await peer.connect(body.replace(f" {found[1]} {found[2]} typ", f" {host} {port} typ"))
        return router

    async def publish(self, name: str) -> tuple[Site, Router]:
        peer = self.house.peers.add()
        answer = await self.house.web.open("k", name, ("up", "camera"), ALL, offer_up(peer, (99, 100, 101), ()))
        peer.session = answer.session
        return Site(peer), await self._behind(answer.body, peer)

    async def watch(self, name: str) -> tuple[Screen, Router]:
        peer = self.house.peers.add(timed=True)
        answer = await self.house.web.open("k", name, ("down", "camera"), ALL, offer_down(peer, 1))
        peer.session = answer.session
        return Screen(peer), await self._behind(answer.body, peer)


@pytest.fixture
async def travellers(house: House) -> AsyncIterator[Travellers]:
    travelling = Travellers(house)
    yield travelling
    for router in travelling.routers:
        router.close()


async def speak(site: Site, words: range, listener: Screen | None = None) -> None:
    """One packet of sound for each number; the listener reports now and then, as browsers do."""
    for number in words:
        site.voice(b"word %05d" % number)
        if listener is not None and number % 5 == 0:
            listener.peer.send_rtcp(rtcp.receiver_report(1, []))
        await asyncio.sleep(0.004)


def heard(screen: Screen) -> set[int]:
    return {int(one[5:]) for one in screen.payloads() if one.startswith(b"word ")}


def seats(house: House) -> list[object]:
    return [one.seats for one in house.of(Slots) if isinstance(one, Slots) and one.seats.audio[:1] == ("a",)]


async def test_a_speaker_whose_address_changes_fifty_times_stays_where_they_are(travellers: Travellers) -> None:
    house = travellers.house
    house.admit("a", "b", stage="a")
    screen = await house.watch("b", videos=1)
    speaker, router = await travellers.publish("a")
    await until(lambda: screen.saw(b"begin"), lambda: speaker.voice(b"begin"))
    await until(lambda: seats(house))
    joined, seated = len(house.of(Joined)), len(seats(house))
    for change in range(50):
        router.change()
        await speak(speaker, range(10 * change, 10 * change + 10))
    await until(lambda: screen.saw(b"end"), lambda: speaker.voice(b"end"))
    assert len(heard(screen)) >= 490, "a packet that verifies takes its sender along at once"
    assert {one[8:12] for one in screen.packets} == {screen.packets[0][8:12]}
    assert (len(house.of(Joined)), len(house.of(Gone)), len(seats(house))) == (joined, 0, seated)


async def test_a_listener_whose_address_changes_hears_again_within_two_seconds(travellers: Travellers) -> None:
    house = travellers.house
    house.admit("a", "b", stage="a")
    speaker = await house.publish("a")
    screen, router = await travellers.watch("b")
    await speak(speaker, range(50), screen)
    await until(lambda: screen.saw(b"begin"), lambda: speaker.voice(b"begin"))
    joined = len(house.of(Joined))
    for change in range(5):
        screen.clear()
        router.change()
        await speak(speaker, range(1000 * change, 1000 * change + TWO_SECONDS), screen)
        await until(lambda: screen.saw(b"again"), lambda: speaker.voice(b"again"))
        assert len(heard(screen)) >= TWO_SECONDS - 25
    assert (len(house.of(Joined)), house.of(Gone)) == (joined, [])


async def test_a_line_that_is_dead_for_a_while_and_comes_back_elsewhere_goes_on_in_the_same_slot(
    travellers: Travellers,
) -> None:
    house = travellers.house
    house.admit("a", "b", stage="a")
    screen = await house.watch("b", videos=1)
    speaker, router = await travellers.publish("a")
    await until(lambda: screen.saw(b"begin"), lambda: speaker.voice(b"begin"))
    joined = len(house.of(Joined))
    router.is_dead = True
    await speak(speaker, range(TWO_SECONDS))
    assert heard(screen) == set()
    router.is_dead = False
    router.change()
    await speak(speaker, range(1000, 1000 + TWO_SECONDS))
    await until(lambda: screen.saw(b"end"), lambda: speaker.voice(b"end"))
    assert len(heard(screen)) >= TWO_SECONDS - 5
    assert {one[8:12] for one in screen.packets} == {screen.packets[0][8:12]}
    assert (len(house.of(Joined)), house.of(Gone)) == (joined, [])
