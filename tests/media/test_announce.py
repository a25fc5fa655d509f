"""Where a session may be reached: what stands in answers, on which addresses media listens, IPv6 among them."""

from __future__ import annotations

import re
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bench.media.client import SO_TIMESTAMPNS, Peer, offer_down, offer_up
from server.config import MediaSettings
from tests.components import free_port
from tests.media.conftest import ALL, House, Screen, Site, until

CANDIDATE = re.compile(r"^a=candidate:\d+ 1 udp (\d+) (\S+) (\d+) typ host\r?$", re.MULTILINE)


@pytest.fixture
async def house(tmp_path: Path, request: pytest.FixtureRequest) -> AsyncIterator[House]:
    """A running media process with these settings."""
    settings = {"host": "127.0.0.1", "port": free_port(), **request.param}
    running = House(MediaSettings(control_socket=tmp_path / "m.sock", **settings))
    await running.start()
    yield running
    await running.close()


async def candidates(house: House) -> list[tuple[str, int]]:
    """What an answer offers, in the order of preference."""
    answer = await house.web.open("k", "a", ("down", "camera"), ALL, offer_down(house.peers.add(), 1))
    found = [(int(rank), host, int(port)) for rank, host, port in CANDIDATE.findall(answer.body.split("\r\nm=")[1])]
    ranks = [rank for rank, _, _ in found]
    assert ranks == sorted(ranks, reverse=True)
    assert len(set(ranks)) == len(ranks)
    return [(host, port) for _, host, port in found]


ANNOUNCED = ["10.1.2.3", "203.0.113.5:9444", "[2001:db8::5]:9444", "10.1.2.3"]


@pytest.mark.parametrize("house", [{"announce": ANNOUNCED}], indirect=True)
async def test_answers_offer_what_is_announced_in_that_order_and_nothing_else(house: House) -> None:
    own = house.settings.port
    assert await candidates(house) == [("10.1.2.3", own), ("203.0.113.5", 9444), ("2001:db8::5", 9444)]


@pytest.mark.parametrize("house", [{"host": "::"}], indirect=True)
async def test_without_an_announcement_answers_offer_every_own_address_loopback_last(house: House) -> None:
    found = [host for host, _ in await candidates(house)]
    assert {"127.0.0.1", "::1"} <= set(found)
    loopback = [host in ("127.0.0.1", "::1") for host in found]
    assert loopback == sorted(loopback)
    assert not any(host.startswith("fe80") for host in found)


class SixPeer(Peer):
    """A peer on IPv6 loopback."""

    def _bind(self) -> socket.socket:
        sock = socket.socket(socket.AF_INET6, socket.SOCK_DGRAM)
        sock.setsockopt(socket.SOL_SOCKET, SO_TIMESTAMPNS, 1)
        sock.bind(("::1", 0))
        sock.setblocking(False)
        return sock


def by_six(body: str) -> str:
    """The answer with its IPv6 loopback candidate alone."""
    lines = body.splitlines()
    return "\r\n".join(one for one in lines if not one.startswith("a=candidate:") or " ::1 " in one)


@pytest.mark.parametrize("house", [{"host": "::"}], indirect=True)
async def test_a_site_on_ipv6_is_heard_by_one_on_ipv4_and_hears_it(house: House) -> None:
    house.admit("a", "b", stage="a")
    screen = await house.watch("b", videos=1)
    peer = SixPeer(house.peers, host="::1")
    house.peers.all.append(peer)
    answer = await house.web.open("k", "a", ("up", "camera"), ALL, offer_up(peer, (99, 100, 101), ()))
    await peer.connect(by_six(answer.body))
    speaker = Site(peer)
    await until(lambda: screen.saw(b"six"), lambda: speaker.voice(b"six"))

    down = SixPeer(house.peers, host="::1")
    house.peers.all.append(down)
    answer = await house.web.open("k", "a", ("down", "camera"), ALL, offer_down(down, 1))
    await down.connect(by_six(answer.body))
    house.admit("a", "b", stage="b")
    other, six = await house.publish("b"), Screen(down)
    await until(lambda: six.saw(b"four"), lambda: other.voice(b"four"))
