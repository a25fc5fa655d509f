"""The line between home and edge as strangers and misbehaving edges find it: a scripted edge against a real home."""

from __future__ import annotations

import asyncio
import contextlib
import os
import random
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bench.media.client import Peer as Line
from bench.media.client import Remote, vp8
from server.clock import HeldClock
from server.config import MediaSettings
from server.media import relaying, rtcp
from server.media.conference import Grants
from server.media.connection import Connection
from server.media.control import Joined, Peer, Placed
from server.media.hub import Hub
from server.media.inflow import DistantStream, Inflow
from server.media.links import Links
from server.media.relaying import Carried, Catalogue, Hearing, Saying
from server.media.rtp import Codec
from server.media.running import Running
from server.media.trunk import NAME
from tests.media.conftest import House, Site, until

EDGE = "0" * 26


class Edge:
    """One that says and hears what an edge does; `wants` is said like a real one says it."""

    def __init__(self, house: House, fingerprint: str = "") -> None:
        self.house = house
        self.line: Line = house.peers.add()
        self.line.on_rtp = lambda data, _: self.got.append(data)
        self.line.on_rtcp = self._rtcp
        self.got: list[bytes] = []
        self.catalogue = Catalogue()
        self.hearing, self.saying = Hearing(), Saying()
        placed = house.web.placed["k"]
        self.me = Peer(EDGE, fingerprint or self.line.fingerprint, (), "")
        self.placed = Placed("k", placed.number, placed.home, (self.me,))

    def home(self, password: str = "") -> str:
        """Where home is, and how to call it, once web has named this an edge."""
        self.house.web._agree(self.placed)
        tag, right = relaying.credentials(self.placed.home.secret, "k", EDGE)
        (host, port), *_ = self.placed.home.addresses
        return (
            f"a=ice-ufrag:{tag}{self.line.ufrag}\na=ice-pwd:{password or right}\n"
            f"a=fingerprint:sha-256 {self.placed.home.fingerprint}\na=candidate:1 1 udp 1 {host} {port} typ host"
        )

    async def connect(self) -> None:
        await self.line.connect(self.home(), limit_s=2)

    def _rtcp(self, data: bytes) -> None:
        for message in rtcp.parse(data):
            if isinstance(message, rtcp.Application) and message.name == NAME:
                whole = self.hearing.take(message.data)
                self.catalogue = relaying.decode_catalogue(whole) if whole is not None else self.catalogue

    def wants(self, *ssrcs: int) -> None:
        self.saying.change(relaying.encode(ssrcs))
        for piece in self.saying.due():
            self.line.send_rtcp(rtcp.application(1, NAME, piece))

    def carried(self, codec: Codec) -> list[Carried]:
        return [one for source in self.catalogue.sources for one in source.streams if one.codec is codec]

    def ssrcs(self) -> set[int]:
        return {int.from_bytes(one[8:12]) for one in self.got}


@pytest.fixture
async def home(tmp_path: Path) -> AsyncIterator[House]:
    """Two processes, so that conferences are placed; the other one has nothing to do."""
    settings = MediaSettings(control_socket=tmp_path / "m.sock", host="127.0.0.1", port=0, processes=2)
    running = House(settings)
    await running.start()
    running.admit("a", "b", stage="a")
    running.web.settled = False  # it does not know our edge, and would take it off
    yield running
    await running.close()


def show(site: Site, text: bytes = b"A") -> None:
    site.picture(True, text)
    site.voice(text)


async def test_an_edge_hears_what_there_is_and_gets_what_it_wants_once_and_nothing_else(home: House) -> None:
    a, edge = await home.publish("a"), Edge(home)
    await edge.connect()
    await until(lambda: edge.carried(Codec.VP8) and edge.carried(Codec.OPUS), lambda: show(a))
    assert not edge.got, "nothing was asked for"
    sound = edge.carried(Codec.OPUS)[0].ssrc
    await until(lambda: edge.got, lambda: (edge.wants(sound, 12345, sound), show(a)))
    assert edge.ssrcs() == {sound}
    sequences = [int.from_bytes(one[2:4]) for one in edge.got]
    assert len(sequences) == len(set(sequences))
    picture = edge.carried(Codec.VP8)[0].ssrc
    edge.got.clear()
    await until(lambda: picture in edge.ssrcs(), lambda: (edge.wants(picture), show(a)))
    assert {one.endpoint for one in home.of(Joined)} == {"a"}  # type: ignore[attr-defined]


async def test_whoever_is_silenced_is_not_offered_sent_or_repeated_any_longer(home: House) -> None:
    a, edge = await home.publish("a"), Edge(home)
    await edge.connect()
    await until(lambda: edge.carried(Codec.VP8), lambda: show(a))
    picture = edge.carried(Codec.VP8)[0]
    await until(lambda: edge.got, lambda: (edge.wants(picture.ssrc), show(a, b"before")))
    home.admit("a", "b", stage="a", a=Grants())
    await until(lambda: not edge.catalogue.sources, lambda: show(a, b"secret"))
    before = len(edge.got)
    number = int.from_bytes(edge.got[-1][2:4])
    for _ in range(5):
        edge.line.send_rtcp(rtcp.receiver_report(1, []) + rtcp.nack(1, picture.ssrc, [number, number + 1]))
        edge.wants(picture.ssrc)
        show(a, b"secret")
        await asyncio.sleep(0.02)
    assert len(edge.got) == before


async def test_the_password_is_of_no_use_with_another_certificate(home: House) -> None:
    a = await home.publish("a")
    edge = Edge(home, fingerprint=":".join(["00"] * 32))
    with contextlib.suppress(ConnectionError, TimeoutError):
        await edge.connect()  # it may believe that all is well before home has looked at its certificate
    b = await home.watch("b")
    for text in (b"1", b"2", b"3"):
        await until(lambda text=text: b.saw(text), lambda text=text: show(a, text))
    assert edge.line.answered_at is not None
    assert not edge.got and not edge.catalogue.sources


async def test_whoever_knows_a_link_by_name_and_not_its_password_is_not_answered(home: House) -> None:
    edge = Edge(home)
    edge.line.remote = Remote(edge.home(password="x" * 32))
    for _ in range(5):
        edge.line.check()
    a, b = await home.publish("a"), await home.watch("b")
    await until(lambda: b.saw(b"A"), lambda: show(a))
    assert edge.line.answered_at is None
    edge.line.remote = Remote(edge.home())
    await until(lambda: edge.line.answered_at, edge.line.check)


async def test_an_edge_that_is_taken_off_gets_nothing_more(home: House) -> None:
    a, edge = await home.publish("a"), Edge(home)
    await edge.connect()
    await until(lambda: edge.carried(Codec.OPUS), lambda: show(a))
    sound = edge.carried(Codec.OPUS)[0].ssrc
    await until(lambda: edge.got, lambda: (edge.wants(sound), show(a)))
    home.web._agree(Placed("k", edge.placed.number + 1, edge.placed.home))
    b = await home.watch("b")
    await until(lambda: b.saw(b"later"), lambda: show(a, b"later"))
    edge.got.clear()
    b.clear()
    await until(lambda: b.saw(b"last"), lambda: show(a, b"last"))
    assert not edge.got
    edge.line.answered_at = None
    edge.line.check()
    await until(lambda: b.saw(b"again"), lambda: show(a, b"again"))
    assert edge.line.answered_at is None, "its name means nothing any more"


async def test_nonsense_from_an_edge_hurts_nobody(home: House) -> None:
    chance = random.Random(4)
    a, b, edge = await home.publish("a"), await home.watch("b"), Edge(home)
    await edge.connect()
    await until(lambda: edge.catalogue.sources, lambda: show(a))
    for size in range(0, 400, 4):
        junk = chance.randbytes(size)
        edge.line.send_rtcp(rtcp.application(1, chance.choice((NAME, b"XXXX")), junk))
        edge.line.send_rtcp(rtcp.application(1, NAME, relaying.HEAD.pack(size, size, 0, 1) + junk))
        edge.line.send_rtp(b"\x80\x6f" + os.urandom(40))
    await until(lambda: b.saw(b"on"), lambda: show(a, b"on"))
    sound = edge.carried(Codec.OPUS)[0].ssrc
    edge.saying.number = 0xFFFF_FFF0  # nonsense may have had any number
    await until(lambda: sound in edge.ssrcs(), lambda: (edge.wants(sound), show(a)))


def test_an_edge_keeps_packets_no_longer_than_home_does() -> None:
    clock = HeldClock()
    links = Links(
        Hub(clock, lambda *_: None, lambda _: None),
        clock,
        lambda name: Running(name, 0, print),
        lambda *_: None,
        lambda: 1,
    )
    inflow = Inflow(Connection("s", "k", f"edge!{EDGE}", "up", "camera"), dict)
    links.inflows["s"] = inflow
    inflow.by_ssrc[5] = stream = DistantStream("a", Carried(5, 6, Codec.VP8, "", 0, True))
    stream.outputs.append(object())  # type: ignore[arg-type]
    for number in range(300):
        stream.take(number, 90 * 33 * number, 128, vp8(number == 0, True, b"x"), 33 * number)
    links.measure(33 * 300)
    kept = [one.arrival for one in stream.ring.cells if one is not None]
    assert (min(kept), max(kept)) == (33 * 225, 33 * 299)
