"""A client that freezes sends nothing and says no goodbye: it is found by its silence. And who leaves, leaves nothing.

The clock is held; so what is done at which beat is tried here, too.
"""

from __future__ import annotations

import gc
import weakref
from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any

import pytest

from bench.media.client import Peer, Peers, offer_down, offer_up
from server.clock import HeldClock, SystemClock
from server.media.conference import Desired, Endpoint, Seats
from server.media.control import Direction, Gone, Joined, Observation, Open
from server.media.forwarder import BEAT_MS, MEASURE_BEATS, SECOND_BEATS, Forwarder
from server.media.offer import Line
from server.media.rtcp import sender_report
from server.media.running import RELIEVED
from tests.media.conftest import ALL, Screen, Site, until

FOUND_WITHIN_MS = 15_000


class Held(HeldClock):
    """Names and passwords of lines are no two alike all the same."""

    def secret(self, octets: int = 32) -> str:
        return SystemClock().secret(octets)


class Room:
    """A forwarder whose time passes only when told to, and its peers, who check only when told to."""

    def __init__(self) -> None:
        self.clock = Held()
        self.told: list[Observation] = []
        self.forwarder = Forwarder(self.clock, (), self.told.append)
        self.peers = Peers()

    async def join(self, name: str, direction: Direction = "up") -> Peer:
        """Somebody with a camera, or a screen."""
        peer = self.peers.add()
        offer = offer_up(peer, (99, 100, 101)) if direction == "up" else offer_down(peer, 2)
        answer = self.forwarder.open(Open(1, "k", name, direction, "camera", ALL, offer))
        await peer.connect(answer.body)
        assert peer.keepalive is not None
        peer.keepalive.cancel()
        await until(lambda: [one for one in self.of(Joined) if one.endpoint == name])  # type: ignore[attr-defined]
        return peer

    def beat(self) -> None:
        """One beat passes."""
        self.clock.advance(BEAT_MS)
        self.forwarder.hub.look()

    def of(self, kind: type[Observation]) -> list[Observation]:
        return [one for one in self.told if isinstance(one, kind)]

    async def second(self, *awake: Peer) -> None:
        """These check, and a second of beats passes."""
        for peer in awake:
            peer.answered_at = None
            await until(lambda peer=peer: peer.answered_at is not None, peer.check)  # type: ignore[misc]
        for _ in range(1_000 // BEAT_MS):
            self.beat()
        self.clock.advance(1_000 % BEAT_MS)


@pytest.fixture
async def room() -> AsyncIterator[Room]:
    opened = Room()
    opened.forwarder.start("127.0.0.1", 0)
    opened.forwarder.adopt(Desired("k", 1, 1, (Endpoint("frozen", ALL), Endpoint("awake", ALL)), stage="frozen"))
    yield opened
    await opened.peers.close()
    await opened.forwarder.close()


async def test_a_client_that_freezes_is_found_within_fifteen_seconds_and_the_others_stay(room: Room) -> None:
    frozen, awake = await room.join("frozen"), await room.join("awake")
    since, seconds = room.clock.now(), 1
    await room.second(frozen, awake)
    while not room.of(Gone):
        await room.second(awake)
        seconds += 1
        assert room.clock.now() - since <= FOUND_WITHIN_MS
    assert seconds > 10, "a line that is away for a while comes back by itself"
    await room.second(awake)
    assert [(one.endpoint, one.reason) for one in room.of(Gone)] == [("frozen", "lost")]  # type: ignore[attr-defined]


async def test_whoever_is_silent_for_less_stays(room: Room) -> None:
    slow = await room.join("awake")
    for _ in range(3):
        for _ in range(12):
            await room.second()
        await room.second(slow)
    assert room.of(Gone) == []


async def test_who_never_checks_again_is_there_while_its_reports_come(room: Room) -> None:
    """GStreamer's agent (libnice 0.1.21) checks until a pair is nominated, and then never again."""
    encoder = await room.join("awake")
    hub = room.forwarder.hub
    (connection,) = hub.connections.values()
    for _ in range(6):
        for _ in range(5):
            await room.second()
        now = room.clock.now()
        await until(
            lambda now=now: connection.heard_at == now,  # type: ignore[misc]
            lambda: (encoder.send_rtcp(sender_report(99, 0, 0, (0, 0))), hub.look(), hub.read_reports()),
        )
    assert room.of(Gone) == []
    for _ in range(15):
        await room.second()
    assert [one.reason for one in room.of(Gone)] == ["lost"]  # type: ignore[attr-defined]


async def test_reports_that_are_forged_or_played_again_are_no_sign_of_life(room: Room) -> None:
    encoder, plain = await room.join("awake"), sender_report(99, 0, 0, (0, 0))
    assert encoder.outgoing is not None
    taped = encoder.peers.scratch.protect_rtcp(encoder.outgoing, plain)
    forged = taped[:-1] + bytes((taped[-1] ^ 1,))
    for _ in range(16):
        for data in (taped, forged, plain):
            encoder.send_raw(data)
        await room.second()
    assert [one.reason for one in room.of(Gone)] == ["lost"]  # type: ignore[attr-defined]


async def test_whoever_leaves_takes_everything_along_also_where_nobody_collects(room: Room) -> None:
    """The process that forwards makes no garbage in circles, and hardly ever looks for some."""
    gc.collect()
    gc.disable()
    try:
        site, screen = Site(await room.join("frozen")), Screen(await room.join("awake", "down"))

        def show() -> None:
            site.picture(True, b"A")
            site.voice(b"A")
            room.beat()

        await until(lambda: {one[1] & 0x7F for one in screen.packets} == {96, 111}, show)
        connections = room.forwarder.hub.connections.values()
        theirs = [part for one in connections for part in (one, one.handler, one.handshake)]
        kept = [weakref.ref(one) for one in theirs]
        theirs.clear()
        for peer in (site.peer, screen.peer):
            await room.peers.remove(peer)
        await until(lambda: not any(one() for one in kept), room.beat)
    finally:
        gc.enable()
    assert len(room.of(Gone)) == 2


async def test_of_what_a_screen_offered_only_what_was_agreed_is_kept(room: Room) -> None:
    gc.collect()
    before = sum(isinstance(one, Line) for one in gc.get_objects())
    offer = offer_down(room.peers.add(), 9)
    assert room.forwarder.open(Open(1, "k", "awake", "down", "camera", ALL, offer)).body.count("m=video 9") == 9
    gc.collect()
    assert sum(isinstance(one, Line) for one in gc.get_objects()) == before


async def test_pictures_do_not_wait_for_the_reports_that_are_due(room: Room) -> None:
    site, screen = Site(await room.join("frozen")), Screen(await room.join("awake", "down"))
    await until(lambda: screen.packets, lambda: (site.picture(True, b"A"), room.beat()))
    came: list[bytes] = []
    screen.peer.on_rtp = lambda data, _: came.append(data[-2:-1])
    screen.peer.on_rtcp = lambda _: came.append(b"report")
    while room.forwarder.beats % SECOND_BEATS != SECOND_BEATS - 2:
        room.beat()
    site.picture(False, b"B", packets=1)
    room.beat()
    await until(lambda: b"report" in came)
    assert came[-2:] == [b"B", b"report"]


class Weighed:
    """Somebody who receives."""

    def __init__(self, alarmed: bool = False) -> None:
        self.times = 0
        self.seats, self.estimator = Seats(), SimpleNamespace(alarmed=alarmed)
        self.takes_alone = None

    def assess(self, _: int) -> None:
        self.times += 1

    def arrange(self, *_: object) -> bool:
        return False

    def reports(self, _: int) -> list[bytes]:
        return []


async def _weigh(room: Room, everybody: dict[str, Weighed]) -> list[int]:
    """Two rounds of beats; how many were weighed at each."""
    room.forwarder.conferences["k"].subscribers = dict[str, Any](everybody)
    room.forwarder.beats, at_once = MEASURE_BEATS, []
    for _ in range(2 * MEASURE_BEATS):
        before = sum(one.times for one in everybody.values())
        room.beat()
        at_once.append(sum(one.times for one in everybody.values()) - before)
    room.forwarder.conferences["k"].subscribers = {}
    return at_once


async def test_receivers_are_weighed_a_few_at_each_beat_and_all_of_them_equally_often(room: Room) -> None:
    everybody = {str(number): Weighed() for number in range(31)}
    assert max(await _weigh(room, everybody)) <= 3
    assert {one.times for one in everybody.values()} == {2}


async def test_when_our_own_line_is_full_not_everybody_is_looked_at_again_and_again_at_one_beat(room: Room) -> None:
    everybody = {str(number): Weighed(alarmed=True) for number in range(100)}
    at_once = await _weigh(room, everybody)
    assert RELIEVED < max(at_once) <= RELIEVED + 7
    assert min(one.times for one in everybody.values()) == 2, "their turn comes all the same"
