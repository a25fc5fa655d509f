"""One conference on several media processes: a home, and edges that take each stream once from it."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from server.config import MediaSettings
from server.media import process as media_process
from server.media import rtcp
from server.media.caller import MediaProcess
from server.media.conference import Desired, Grants, beside
from server.media.control import Gone, Joined, Layers, Load, Loudest, Slots, process_of
from server.media.link import LINE_LIMIT
from server.media.placing import OVER_MS, Standing
from server.media.relieving import Relieving, movable
from server.media.service import Conferences
from tests.media.conftest import House, Screen, Site, until

ONE_EACH = 3
"""So little to do fills a process that each takes one receiver."""


@pytest.fixture
async def spread(tmp_path: Path) -> AsyncIterator[House]:
    """Three media processes, each of which is full with one receiver."""
    settings = MediaSettings(control_socket=tmp_path / "m.sock", host="127.0.0.1", port=0, processes=3)
    running = House(settings, full=ONE_EACH)
    await running.start()
    yield running
    await running.close()


def show(site: Site, text: bytes, key: bool = True) -> None:
    site.picture(key, text)
    site.voice(text)


def process(house: House, screen: Screen | Site) -> MediaProcess:
    """Where a session is."""
    name = process_of(screen.peer.session)
    return next(one for one in house.web.processes if one.peer is not None and one.peer.name.endswith(name))


async def at_an_edge(spread: House) -> tuple[Site, Screen]:
    """A site on stage, and a receiver at an edge, because another one fills the home."""
    spread.admit("a", "b", "c", stage="a")
    site = await spread.publish("a")
    await spread.watch("b")
    return site, await spread.watch("c")


async def test_receivers_of_three_processes_see_and_hear_one_site(spread: House) -> None:
    spread.admit("a", "b", "c", "d", stage="a")
    a = await spread.publish("a")
    screens = [await spread.watch(name) for name in "bcd"]
    assert len({process(spread, one).name for one in screens}) == 3
    assert process(spread, a) is process(spread, screens[0]), "home takes receivers first"

    def see_and_hear() -> bool:
        return all({one[1] & 0x7F for one in screen.packets} == {96, 111} for screen in screens)

    await until(see_and_hear, lambda: show(a, b"A"))
    assert all(one.saw(b"A") for one in screens)
    assert {one.receiver for one in spread.of(Slots) if one.seats.video[0] == "a"} == {"b", "c", "d"}  # type: ignore[attr-defined]
    assert {one.endpoint for one in spread.of(Joined)} == {"a", "b", "c", "d"}, "links are nobody's sessions"  # type: ignore[attr-defined]


async def test_an_edge_takes_each_stream_once_however_many_receive_it(tmp_path: Path) -> None:
    settings = MediaSettings(control_socket=tmp_path / "m.sock", host="127.0.0.1", port=0, processes=2)
    house = House(settings, full=9)
    await house.start()
    house.admit("a", *"bcdefg", stage="a")
    a = await house.publish("a")
    screens = [await house.watch(name) for name in "bcdefg"]
    edge = next(one for one in house.web.processes if one is not process(house, a))
    assert sum(process(house, one) is edge for one in screens) == 3
    await until(lambda: all(one.saw(b"A") for one in screens), lambda: show(a, b"A"))
    before = await load(edge)
    for _ in range(50):
        a.picture(False, b"P")
    await until(lambda: all(len(one.packets) >= 150 for one in screens))
    after = await load(edge)
    came, went = after.packets_in - before.packets_in, after.packets_out - before.packets_out
    assert 150 <= came <= 160 and went >= 450, (came, went)
    await house.close()


async def load(edge: MediaProcess) -> Load:
    """What a process says of itself to somebody who has just come."""
    heard: list[Load] = []
    beside = Conferences([edge.path], lambda _: None)
    running = asyncio.create_task(beside.run())
    await until(lambda: beside.processes[0].load)
    heard.append(beside.processes[0].load)  # type: ignore[arg-type]
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    return heard[0]


async def test_the_next_speaker_appears_at_an_edge_at_a_key_frame_without_a_gap(spread: House) -> None:
    spread.admit("a", "b", "c", "d", stage="a")
    a, b = await spread.publish("a"), await spread.publish("b")
    await spread.watch("c")
    d = await spread.watch("d", videos=1)
    assert process(spread, d) is not process(spread, a)
    await until(lambda: d.saw(b"A"), lambda: (a.picture(True, b"A"), b.picture(False, b"B")))
    spread.desire(stage="b", floor="b")
    await until(lambda: 100 in b.keys, lambda: (a.picture(False, b"A"), b.picture(False, b"B")))
    await until(lambda: d.saw(b"B"), lambda: (a.picture(False, b"A"), b.picture(True, b"B")))
    sequences = d.sequences()
    assert all((after - before) & 0xFFFF == 1 for before, after in itertools.pairwise(sequences))
    texts = [one[2:3] for one in d.payloads()]
    assert texts == sorted(texts), "an old picture after the new one"


async def test_a_packet_lost_on_the_way_up_reaches_the_edge_too(spread: House) -> None:
    from bench.media.client import build, vp8

    a, c = await at_an_edge(spread)
    asked: list[bytes] = []
    await until(lambda: c.saw(b"A"), lambda: a.picture(True, b"A"))
    a.peer.on_rtcp = lambda data: asked.append(data) if data[:2] == b"\x81\xcd" else None
    a.picture(False, b"L", skip=(1,))
    await until(lambda: asked)
    lost = int.from_bytes(asked[0][12:14])
    repeat = lost.to_bytes(2) + vp8(False, False, b"L\x01")
    a.peer.send_rtp(build((97, 0, 1, a.frame * 3_000, 101), {4: b"1"}, repeat))
    await until(lambda: c.saw(b"L\x01"))


async def test_a_packet_lost_after_the_edge_is_repeated_by_the_edge(spread: House) -> None:
    a, c = await at_an_edge(spread)
    await until(lambda: c.saw(b"A"), lambda: a.picture(True, b"A"))
    wanted = next(one for one in c.packets if one[1] & 0x7F == 96)
    ssrc, sequence = int.from_bytes(wanted[8:12]), int.from_bytes(wanted[2:4])
    c.peer.send_rtcp(rtcp.receiver_report(1, []) + rtcp.nack(1, ssrc, [sequence]))
    await until(lambda: c.repeated)
    assert c.repeated[0][4:8] == wanted[4:8]


async def test_a_key_frame_that_a_receiver_of_an_edge_asks_for_is_asked_of_the_sender(spread: House) -> None:
    a, c = await at_an_edge(spread)
    await until(lambda: c.saw(b"A"), lambda: a.picture(True, b"A"))
    ssrc = int.from_bytes(next(one for one in c.packets if one[1] & 0x7F == 96)[8:12])
    a.keys.clear()
    c.peer.send_rtcp(rtcp.receiver_report(1, []) + rtcp.key_frame_request(1, ssrc))
    await until(lambda: 100 in a.keys, lambda: a.picture(False, b"A"))


async def test_whoever_is_silenced_is_neither_heard_nor_seen_at_an_edge(spread: House) -> None:
    a, c = await at_an_edge(spread)
    await until(lambda: c.saw(b"A"), lambda: show(a, b"A"))
    spread.admit("a", "b", "c", stage="a", a=Grants(receive=True))
    await until(lambda: [one for one in spread.of(Slots) if one.receiver == "c"][-1].seats.video[0] is None)  # type: ignore[attr-defined]
    c.clear()
    for _ in range(10):
        show(a, b"X")
        await asyncio.sleep(0.02)
    assert not c.packets


async def test_who_is_loudest_is_decided_at_home_and_heard_at_edges(spread: House) -> None:
    spread.admit("a", "b", "c", "d", stage="a")
    a, b = await spread.publish("a"), await spread.publish("b")
    await spread.watch("c")
    d = await spread.watch("d")
    await until(lambda: d.saw(b"loud"), lambda: (show(a, b"A"), b.voice(b"loud", level=10)))
    said = [one for one in spread.of(Loudest) if one.endpoints]  # type: ignore[attr-defined]
    assert said and all(one.endpoints == ("b",) for one in said), "edges judge nobody"  # type: ignore[attr-defined]


async def test_layers_that_only_an_edge_needs_stay_on_and_others_are_switched_off(spread: House) -> None:
    spread.admit("a", "b", "c", stage="a")
    a = await spread.publish("a", rids=("l", "m", "h"))
    b, c = await spread.watch("b", videos=1), await spread.watch("c", videos=1)
    assert process(spread, c) is not process(spread, a)
    await spread.web.close(b.peer.session, "b")

    def told() -> dict[str, bool]:
        found = spread.of(Layers)
        return found[-1].active if found else {}  # type: ignore[attr-defined,no-any-return]

    await until(lambda: c.saw(b"Ah"), lambda: a.picture(True, b"A"))
    await until(lambda: told().get("h") is True and told().get("m") is False, lambda: a.picture(False, b"A"))


async def test_sound_and_picture_share_one_time_line_at_an_edge(spread: House) -> None:
    """The sender's sound comes half a second after it was said: its reports tell, at home and at the edge."""
    a, c = await at_an_edge(spread)
    reports: dict[int, rtcp.SenderReport] = {}

    def heed(data: bytes) -> None:
        for message in rtcp.parse(data):
            if isinstance(message, rtcp.SenderReport):
                reports[message.ssrc] = message

    c.peer.on_rtcp = heed
    began = asyncio.get_running_loop().time()

    def act() -> None:
        now = asyncio.get_running_loop().time() - began
        a.frame, a.sound = round(now * 30), round((now - 0.5) * 50) + 10_000
        show(a, b"A")
        at = rtcp.ntp_time(now * 1000 + 1_600_000_000_000)
        a.peer.send_rtcp(rtcp.sender_report(100, at, a.frame * 3_000, (1, 1)))
        a.peer.send_rtcp(rtcp.sender_report(99, at, round(now * 50 + 10_000) * 960, (1, 1)))

    await until(lambda: c.saw(b"A"), act)
    reports.clear()
    await until(lambda: len(reports) == 2, act)
    reports.clear()
    await until(lambda: len(reports) == 2, act)
    newest = {one[1] & 0x7F: one for one in c.packets}
    moments = []
    for kind, rate in ((96, 90_000), (111, 48_000)):
        report = reports[int.from_bytes(newest[kind][8:12])]
        ahead = (int.from_bytes(newest[kind][4:8]) - report.timestamp + 0x8000_0000) % 0x1_0000_0000 - 0x8000_0000
        moments.append(report.ntp_ms + ahead * 1000 / rate)
    assert 440 < moments[0] - moments[1] < 560, "a frame is 33 ms, a piece of sound 20"


async def test_a_shared_screen_and_a_wall_are_served_by_an_edge(spread: House) -> None:
    spread.admit("a", "b", "c", stage="a")
    a, b = await spread.publish("a"), await spread.publish("b")
    await spread.watch("b")
    wall = await spread.watch("c", videos=4)
    spread.web.view("k", "c", ("", "", "b"))
    await until(
        lambda: wall.saw(b"B") and [one for one in spread.of(Slots) if one.receiver == "c"][-1].seats.video[2] == "b",  # type: ignore[attr-defined]
        lambda: (show(a, b"A"), show(b, b"B")),
    )


async def test_when_an_edge_dies_its_receivers_are_told_and_go_elsewhere(spread: House) -> None:
    spread.admit("a", "b", "c", stage="a")
    a = await spread.publish("a")
    b, c = await spread.watch("b"), await spread.watch("c")
    await until(lambda: b.saw(b"A") and c.saw(b"A"), lambda: show(a, b"A"))
    edge = process(spread, c)
    await spread.stop_media(spread.web.processes.index(edge) + 1)
    await until(lambda: [one for one in spread.of(Gone) if one.endpoint == "c"])  # type: ignore[attr-defined]
    assert edge.peer is None
    again = await spread.watch("c")
    await until(lambda: again.saw(b"new"), lambda: show(a, b"new"))
    assert not [one for one in spread.of(Gone) if one.endpoint in ("a", "b")]  # type: ignore[attr-defined]


async def test_who_only_watches_leaves_a_process_that_is_too_busy_and_finds_another_place(spread: House) -> None:
    spread.admit("a", "b", "c", stage="a")
    a, _ = await spread.publish("a"), await spread.publish("c")
    sending, watching = await spread.watch("c"), await spread.watch("b")
    await spread.watch(beside("b", "wall"))
    await until(lambda: sending.saw(b"A") and watching.saw(b"A"), lambda: show(a, b"A"))
    crowded = process(spread, watching).peer
    assert crowded is not None
    there = {name: set(sessions.values()) for name, sessions in movable(spread.web.processes).items()}
    assert there == {crowded.name: {"b"}}, "neither who sends nor a wall"
    relieving = spread.web.relieving = Relieving(spread.web.processes, spread.web.reconnect, ONE_EACH)
    peers = [one.peer for one in spread.web.processes if one.peer is not None]
    for now in (0, OVER_MS):
        await relieving.look([Standing(peer, 900 if peer == crowded else 0) for peer in peers], now)
    await until(lambda: spread.of(Gone))
    assert [(one.endpoint, one.reason) for one in spread.of(Gone)] == [("b", "lost")]  # type: ignore[attr-defined]
    again = await spread.watch("b")
    assert process(spread, again).peer != crowded
    await until(lambda: again.saw(b"new") and sending.saw(b"new"), lambda: show(a, b"new"))


async def test_when_home_dies_an_edge_or_another_process_takes_over_and_edges_keep_their_receivers(
    spread: House,
) -> None:
    spread.admit("a", "b", "c", stage="a")
    a = await spread.publish("a")
    b, c = await spread.watch("b"), await spread.watch("c")
    await until(lambda: b.saw(b"A") and c.saw(b"A"), lambda: show(a, b"A"))
    home = process(spread, a)
    await spread.stop_media(spread.web.processes.index(home) + 1)
    await until(lambda: {one.endpoint for one in spread.of(Gone)} == {"a", "b"})  # type: ignore[attr-defined]
    a, b = await spread.publish("a"), await spread.watch("b")
    await until(lambda: b.saw(b"new") and c.saw(b"new"), lambda: show(a, b"new"))
    assert spread.web.placed["k"].home.name != home.peer


async def test_a_second_web_process_places_nothing_anew_and_finds_everybody(spread: House) -> None:
    spread.admit("a", "b", "c", "d", stage="a")
    a = await spread.publish("a")
    await spread.watch("b")
    placed = spread.web.placed["k"]
    second = Conferences(spread.settings.sockets(), lambda _: None, full=ONE_EACH)
    running = asyncio.create_task(second.run())
    await until(lambda: all(one.peer for one in second.processes))
    second.desire(spread.state)
    await until(lambda: second.placed.get("k") == placed)
    first, spread.web = spread.web, second
    c = await spread.watch("c")
    assert process(spread, c) is not process(spread, a)
    await until(lambda: first.placed["k"] == second.placed["k"] != placed)
    await until(lambda: c.saw(b"A"), lambda: show(a, b"A"))
    spread.web = first
    d = await spread.watch("d")
    assert len({process_of(one.peer.session) for one in (a, c, d)}) == 3
    await until(lambda: d.saw(b"A"), lambda: show(a, b"A"))
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)


async def test_whoever_comes_again_at_another_process_is_gone_from_the_first_before_they_are_there(
    spread: House,
) -> None:
    spread.admit("a", "b", stage="a")
    a = await spread.publish("a")
    first = await spread.watch("b")
    second = await spread.watch("b")
    assert process(spread, first) is not process(spread, second)
    await until(lambda: second.saw(b"A"), lambda: show(a, b"A"))
    about = [one for one in spread.observed if isinstance(one, Joined | Gone) and one.endpoint == "b"]
    assert [(type(one), one.session) for one in about] == [
        (Joined, first.peer.session), (Gone, first.peer.session), (Joined, second.peer.session),
    ]  # fmt: skip
    first.clear()
    second.clear()
    await until(lambda: not process(spread, first).over)
    await until(lambda: second.saw(b"on"), lambda: show(a, b"on"))
    assert not first.packets
    assert len([one for one in spread.of(Gone) if one.endpoint == "b"]) == 1, "said once"  # type: ignore[attr-defined]


async def test_a_control_line_that_breaks_and_comes_back_moves_nobody(spread: House) -> None:
    a, c = await at_an_edge(spread)
    await until(lambda: c.saw(b"A"), lambda: show(a, b"A"))
    placed, home = spread.web.placed["k"], process(spread, a)
    assert home.writer is not None
    home.writer.transport.abort()
    await until(lambda: not home.is_here)
    await until(lambda: home.is_here)
    spread.web._give_up(home, placed.home)  # the second of grace is over
    assert spread.web.placed["k"] == placed and home.peer == placed.home
    await until(lambda: c.saw(b"still"), lambda: show(a, b"still"))


async def test_when_all_have_died_the_first_that_comes_back_carries_everything(spread: House) -> None:
    a, c = await at_an_edge(spread)
    await until(lambda: c.saw(b"A"), lambda: show(a, b"A"))
    before = spread.web.placed["k"]
    await spread.stop_media()
    await until(lambda: not spread.web.up.is_set())
    await spread.start_media(2)
    await until(spread.web.up.is_set)
    a, c = await spread.publish("a"), await spread.watch("c")
    await until(lambda: c.saw(b"B"), lambda: show(a, b"B"))
    after = spread.web.placed["k"]
    assert after.number > before.number and not set(after.members) & set(before.members)
    assert {one.endpoint for one in spread.of(Gone)} == {"a", "b", "c"}  # type: ignore[attr-defined]


class Tunnel:
    """Carries a control socket, as SSH does: it takes every call, and ends it when nobody is there to answer."""

    def __init__(self, here: Path, there: Path) -> None:
        self.here, self.there = here, there
        self.tasks: set[asyncio.Task[None]] = set()

    async def open(self) -> asyncio.Server:
        return await asyncio.start_unix_server(self._call, self.here, limit=LINE_LIMIT)

    async def _call(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            far, back = await asyncio.open_unix_connection(self.there, limit=LINE_LIMIT)
            for one in (asyncio.create_task(self._carry(far, writer)), asyncio.create_task(self._carry(reader, back))):
                self.tasks.add(one)
                one.add_done_callback(self.tasks.discard)
            return
        writer.close()

    async def _carry(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError):
            while data := await source.read(65_536):
                target.write(data)
        target.close()


async def test_a_process_behind_a_tunnel_is_given_up_although_the_tunnel_goes_on_answering(tmp_path: Path) -> None:
    far = MediaSettings(control_socket=tmp_path / "far.sock", host="127.0.0.1", port=0)
    tunnel = await Tunnel(tmp_path / "tunnel.sock", far.control_socket).open()
    ready = asyncio.Event()
    there = asyncio.create_task(media_process.run(far, ready=ready))
    await ready.wait()
    near = MediaSettings(
        control_socket=tmp_path / "m.sock", host="127.0.0.1", port=0, elsewhere=[tmp_path / "tunnel.sock"]
    )
    house = House(near, full=ONE_EACH)
    await house.start()
    for name in ("k0", "k1"):  # the second conference begins where no other one has begun
        house.state = Desired(name, 1, 0)
        house.admit("a", stage="a")
    away = house.web.processes[1]
    (name,) = (name for name, one in house.web.placed.items() if one.home == away.peer)
    there.cancel()
    await asyncio.gather(there, return_exceptions=True)
    await until(lambda: house.web.placed[name].home == house.web.processes[0].peer)
    assert house.web.there() == {"m": True, "tunnel": False}
    tunnel.close()
    await house.close()
