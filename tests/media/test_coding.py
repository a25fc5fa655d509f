"""In what pictures are coded: VP8, and H264 as long as somebody is there who takes nothing else."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bench.media.client import build, h264, vp8
from server.config import MediaSettings
from server.media import rtcp, sdp
from server.media.coding import CALM_MS, DARK_MS, Coding, Dark, alone
from server.media.conference import Grants
from server.media.connection import Connection
from server.media.control import Coding as Told
from server.media.control import Layers, Slots
from server.media.offer import read_offer
from server.media.publisher import Publisher
from server.media.rtp import Codec
from tests.media.conftest import House, Screen, Site, until

BOTH = (Codec.VP8, Codec.H264)


def test_whoever_takes_one_coding_alone_is_known_by_what_was_agreed() -> None:
    assert alone([[Codec.OPUS], BOTH, BOTH]) is None
    assert alone([[Codec.OPUS], [Codec.H264], BOTH]) is Codec.H264
    assert alone([[Codec.OPUS], [Codec.VP8]]) is Codec.VP8
    assert alone([[Codec.OPUS], []]) is None, "sound alone"


def test_it_is_vp8_until_somebody_comes_who_takes_none_and_again_some_time_after_they_left() -> None:
    coding = Coding()
    assert coding.weigh((), 0) is Codec.VP8
    assert coding.weigh({Codec.H264}, 1_000) is Codec.H264
    assert coding.weigh((), 1_000 + CALM_MS) is Codec.H264, "they may come back at once"
    assert coding.weigh({Codec.H264}, 2_000 + CALM_MS) is Codec.H264
    assert coding.weigh((), 2_001 + 2 * CALM_MS) is Codec.VP8


def test_nobody_who_takes_vp8_alone_loses_the_picture_by_a_newcomer() -> None:
    coding = Coding()
    assert coding.weigh({Codec.VP8, Codec.H264}, 1_000) is Codec.VP8
    assert coding.weigh({Codec.H264}, 2_000) is Codec.H264
    assert coding.weigh({Codec.VP8, Codec.H264}, 2_500) is Codec.VP8, "at once, not after a while"


def test_a_picture_is_called_unreadable_once_its_sender_had_time_to_change() -> None:
    dark = Dark()
    assert dark.look([0, 2], 1_000) == ()
    assert dark.look([2], 1_000 + DARK_MS) == (2,)
    assert dark.look([0, 2], 1_001 + DARK_MS) == (2,), "the first one could be read meanwhile"
    assert dark.look([], 2_000 + DARK_MS) == ()


class Willing:
    """Sites that code as they are told, as a browser does."""

    def __init__(self, house: House, **sites: Site) -> None:
        self.house, self.sites = house, sites
        self.key = True

    def send(self) -> None:
        """One picture of each; a key frame where the coding changes, or somebody asked for one."""
        for name, site in self.sites.items():
            told = [one.codec for one in self.house.of(Told) if one.endpoint == name]  # type: ignore[attr-defined]
            before, site.codec = site.codec, told[-1] if told else "VP8"
            key = self.key or before != site.codec or bool(site.keys)
            site.keys.clear()
            site.picture(key, name.upper().encode())


def gapless(screen: Screen) -> bool:
    numbers = [int.from_bytes(one[2:4]) for one in screen.packets if one[1] & 0x7F in (96, 102)]
    return all((after - before) & 0xFFFF == 1 for before, after in itertools.pairwise(numbers))


async def test_who_takes_no_vp8_is_shown_h264_and_the_others_go_on_with_the_same_frames(house: House) -> None:
    house.admit("a", "b", "c", stage="a")
    a, b = await house.publish("a"), await house.watch("b")
    willing = Willing(house, a=a)
    await until(lambda: b.saw(b"A"), willing.send)
    willing.key = False
    c = await house.watch("c", only="H264")
    await until(lambda: {one[1] & 0x7F for one in c.packets} == {102} and len(c.packets) > 9, willing.send)
    kinds = [one[1] & 0x7F for one in b.packets]
    assert kinds == sorted(kinds) and {96, 102} == set(kinds), "VP8, then H264"
    assert gapless(b) and gapless(c)
    assert len({one[8:12] for one in b.packets}) == 1
    times = [int.from_bytes(one[4:8]) for one in b.packets]
    assert all((after - before) & 0xFFFFFFFF < 1 << 31 for before, after in itertools.pairwise(times))
    assert not [one for one in house.of(Slots) if one.dark]  # type: ignore[attr-defined]


async def test_what_is_lost_around_the_change_is_repeated_in_its_own_coding(house: House) -> None:
    house.admit("a", "b", stage="a")
    a, b = await house.publish("a"), await house.watch("b")
    await until(lambda: b.saw(b"A"), lambda: a.picture(True, b"A"))
    a.picture(False, b"L", skip=(2,))  # The last packet of VP8 …
    a.codec = "H264"
    a.picture(True, b"H", skip=(1,))  # … and one amid the first picture of H264.
    lost = a.number[""] - 1
    for at, kind, payload in ((lost - 2, 97, vp8(False, False, b"late")), (lost, 103, h264(True, False, b"H\x01"))):
        a.peer.send_rtp(
            build((kind, 0, at & 0xFFFF, a.frame * 3_000, 101), {4: b"1"}, (at & 0xFFFF).to_bytes(2) + payload)
        )
    await until(lambda: b.saw(b"H\x01"))
    assert not b.saw(b"late"), "VP8 amid H264 would be garbage"
    wanted = next(one for one in b.packets if one[1] & 0x7F == 102)
    nack = rtcp.nack(1, int.from_bytes(wanted[8:12]), [int.from_bytes(wanted[2:4])])
    b.peer.send_rtcp(rtcp.receiver_report(1, []) + nack)
    await until(lambda: b.repeated)
    assert b.repeated[0][1] & 0x7F == 103


async def test_a_late_packet_of_the_old_coding_changes_nothing(house: House) -> None:
    house.admit("a", "b", stage="a")
    a, b = await house.publish("a"), await house.watch("b")
    await until(lambda: b.saw(b"A"), lambda: a.picture(True, b"A"))
    late = build((96, 0, a.number[""] + 1, 1, 100), {4: b"1"}, vp8(True, True, b"late"))
    a.number[""] += 1
    a.codec = "H264"
    a.picture(True, b"H")
    a.peer.send_rtp(late)
    a.picture(False, b"I")
    await until(lambda: b.saw(b"I\x02"))
    assert not b.saw(b"late")


async def test_all_layers_change_and_one_that_rests_comes_back_for_whoever_takes_nothing_else(house: House) -> None:
    house.admit("a", "b", stage="a")
    a, c = await house.publish("a", ("l", "m", "h")), await house.watch("b", videos=1, only="H264")
    willing = Willing(house, a=a)
    a.picture(True, b"A")
    a.ssrcs, rest = {"l": 100}, a.ssrcs  # The others fall silent in VP8, a moment before the change.
    await until(lambda: c.saw(b"Al"), willing.send)
    await until(lambda: [one for one in house.of(Layers)[-1:] if one.active["h"]], willing.send)  # type: ignore[attr-defined]
    a.ssrcs = rest
    await until(lambda: c.saw(b"Ah"), willing.send)
    assert {one[1] & 0x7F for one in c.packets} == {102}


async def test_a_sender_that_cannot_is_left_as_it_is_and_its_place_is_called_dark(house: House) -> None:
    house.admit("a", "b", stage="a")
    a, c = await house.publish("a"), await house.watch("b", only="H264")
    await until(
        lambda: [one for one in house.of(Slots) if one.receiver == "b" and one.dark == (0,)],  # type: ignore[attr-defined]
        lambda: a.picture(True, b"A"),
    )
    assert not c.packets
    a.codec = "H264"
    await until(lambda: c.saw(b"A"), lambda: a.picture(True, b"A"))
    await until(lambda: house.of(Slots)[-1].dark == ())  # type: ignore[attr-defined]


async def test_whoever_may_not_see_changes_nothing_for_the_others(house: House) -> None:
    house.admit("a", "b", "c", stage="a", c=Grants(receive=False))
    a, b = await house.publish("a"), await house.watch("b")
    await house.watch("c", only="H264")
    await until(lambda: len(b.packets) > 300, lambda: a.picture(True, b"A"))
    assert not house.of(Told)


@pytest.fixture
async def spread(tmp_path: Path) -> AsyncIterator[House]:
    """Two media processes, each full with three receivers."""
    running = House(MediaSettings(control_socket=tmp_path / "m.sock", host="127.0.0.1", port=0, processes=2), full=9)
    await running.start()
    yield running
    await running.close()


async def test_a_receiver_at_an_edge_is_heeded_too_and_others_there_go_on(spread: House) -> None:
    spread.admit("a", *"bcdefg", stage="a")
    a, screens = await spread.publish("a"), [await spread.watch(name) for name in "bcdef"]
    willing = Willing(spread, a=a)
    await until(lambda: all(one.saw(b"A") for one in screens), willing.send)
    screens.append(await spread.watch("g", only="H264"))
    assert screens[-1].peer.session[:8] == screens[-2].peer.session[:8] != a.peer.session[:8], "both at the edge"
    await until(lambda: screens[-1].saw(b"A"), willing.send)
    for screen in screens:
        screen.clear()
    await until(lambda: all(len(one.packets) > 9 for one in screens), willing.send)
    assert all(one[1] & 0x7F == 102 for screen in screens for one in screen.packets)


def test_who_flips_its_coding_with_every_packet_is_one_new_stream_a_second_and_its_counts_go_on() -> None:
    offer = (Path(__file__).parent / "offers" / "chromium-up.sdp").read_text("utf-8")
    sections = sdp.agree_up(read_offer(offer), BOTH)
    pictures = next(one for one in sections if not one.audio)
    publisher = Publisher(Connection("s", "k", "a", "up", "camera"), sections, lambda *_: None)
    publisher.permit(Grants(video=True))
    streams = []
    for number in range(2_500):
        kind = pictures.formats[BOTH[number % 2]].payload_type
        elements = {pictures.extension(sdp.MID): pictures.line.mid.encode(), pictures.extension(sdp.RID): b"l"}
        packet = build((kind, 128, number, number * 90, 100), elements, bytes(5))
        publisher.rtp(memoryview(packet), len(packet), number)
        streams += [one for one in publisher.streams if one not in streams]
    assert len(streams) == 4, "the first, and one after each second"
    assert publisher.received == sum(one.counters.received for one in publisher.streams)
    assert publisher.streams[0].unwrapper.highest & 0xFFFF in (2_498, 2_499)
