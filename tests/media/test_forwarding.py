"""Sound and pictures through the real process: ICE, DTLS, SRTP, slots, switches, repeats, layers."""

from __future__ import annotations

import asyncio
import itertools

from bench.media.client import EXTENSIONS, MID
from server.media import rtcp, rtp
from server.media.control import Gone, Joined, Layers, Loudest, Quality, Slots
from tests.media.conftest import House, Screen, Site, until


def show(site: Site, text: bytes) -> None:
    """One key frame and one sound."""
    site.picture(True, text)
    site.voice(text)


async def test_a_site_is_seen_and_heard_and_nobody_receives_themselves(house: House) -> None:
    house.admit("a", "b", stage="a")
    site, other, own = await house.publish("a"), await house.watch("b"), await house.watch("a")
    await until(lambda: {one[1] & 0x7F for one in other.packets} == {96, 111}, lambda: show(site, b"A"))
    assert other.saw(b"A") and not own.packets
    assert {one.endpoint for one in house.of(Joined)} == {"a", "b"}


async def test_every_packet_carries_the_mid_of_its_slot(house: House) -> None:
    house.admit("a", "b", stage="a")
    site, other = await house.publish("a"), await house.watch("b")
    await until(lambda: len(other.packets) > 6, lambda: show(site, b"A"))
    mids = {one[1] & 0x7F: rtp.element(one, rtp.parse(one, len(one)), EXTENSIONS[MID]) for one in other.packets}
    assert mids == {111: b"0", 96: b"3"}


async def test_the_next_speaker_appears_at_a_key_frame_without_a_gap(house: House) -> None:
    house.admit("a", "b", "c", stage="a")
    a, b, c = await house.publish("a"), await house.publish("b"), await house.watch("c", videos=1)
    await until(lambda: c.saw(b"A"), lambda: (a.picture(True, b"A"), b.picture(False, b"B")))
    house.desire(stage="b", floor="b")
    await until(lambda: 100 in b.keys, lambda: (a.picture(False, b"A"), b.picture(False, b"B")))
    assert not c.saw(b"B"), "pictures before the key frame must not be shown"
    await until(lambda: c.saw(b"B"), lambda: (a.picture(False, b"A"), b.picture(True, b"B")))
    sequences = c.sequences()
    assert all((after - before) & 0xFFFF == 1 for before, after in itertools.pairwise(sequences))
    assert len({one[8:12] for one in c.packets if one[1] & 0x7F == 96}) == 1
    texts = [one[2:3] for one in c.payloads()]
    assert texts == sorted(texts), "an old picture after the new one"


async def test_a_lost_packet_is_repeated_to_whoever_asks(house: House) -> None:
    house.admit("a", "b", stage="a")
    a, b = await house.publish("a"), await house.watch("b")
    await until(lambda: b.saw(b"A"), lambda: a.picture(True, b"A"))
    wanted = b.packets[-1]
    ssrc, sequence = int.from_bytes(wanted[8:12]), int.from_bytes(wanted[2:4])
    b.peer.send_rtcp(rtcp.receiver_report(1, []) + rtcp.nack(1, ssrc, [sequence]))
    await until(lambda: b.repeated)
    repeated = b.repeated[0]
    offset = 16 + 4 * int.from_bytes(repeated[14:16])
    assert repeated[8:12] != wanted[8:12]
    assert int.from_bytes(repeated[offset : offset + 2]) == sequence
    assert repeated[offset + 2 :] == b.payloads()[-1]
    assert repeated[4:8] == wanted[4:8]


async def test_a_packet_lost_on_the_way_up_is_asked_for_and_forwarded_late(house: House) -> None:
    house.admit("a", "b", stage="a")
    a, b = await house.publish("a"), await house.watch("b")
    asked: list[bytes] = []
    a.peer.on_rtcp = lambda data: asked.append(data) if data[:2] == b"\x81\xcd" else None
    await until(lambda: b.saw(b"A"), lambda: a.picture(True, b"A"))
    a.picture(False, b"L", skip=(1,))
    await until(lambda: asked)
    lost = int.from_bytes(asked[0][12:14])
    assert lost == (a.number[""] - 1) & 0xFFFF
    from bench.media.client import build, vp8

    repeat = lost.to_bytes(2) + vp8(False, False, b"L\x01")
    a.peer.send_rtp(build((97, 0, 1, a.frame * 3_000, 101), {4: b"1"}, repeat))
    await until(lambda: any(b"L\x01" in one for one in b.payloads()))
    assert sorted(b.sequences()) == [b.sequences()[0] + index for index in range(6)]
    assert b.sequences() != sorted(b.sequences())


async def test_padding_is_dropped_and_leaves_no_hole(house: House) -> None:
    from bench.media.client import build

    house.admit("a", "b", stage="a")
    a, b = await house.publish("a"), await house.watch("b")
    await until(lambda: b.saw(b"A"), lambda: a.picture(True, b"A"))
    for _ in range(5):
        a.number[""] += 1
        padding = bytearray(build((96, 0, a.number[""], 1, 100), {4: b"1"}, bytes(199) + b"\xc8"))
        padding[0] |= 0x20
        a.peer.send_rtp(bytes(padding))
        a.picture(False, b"P")
    await until(lambda: b.payloads()[-1][2:] == b"P\x02" and len(b.packets) >= 15)
    assert all((after - before) & 0xFFFF == 1 for before, after in itertools.pairwise(b.sequences()))


async def test_mute_on_the_server_silences_whoever_goes_on_sending(house: House) -> None:
    from server.media.conference import Grants

    house.admit("a", "b", stage="a")
    a, b = await house.publish("a"), await house.watch("b")
    await until(lambda: b.saw(b"A"), lambda: show(a, b"A"))
    house.admit("a", "b", stage="a", a=Grants(audio=False, video=True))
    await until(lambda: any(one.seats.audio[0] is None for one in house.of(Slots)[-1:] if one.receiver == "b"))
    last = b.packets[-1]
    b.clear()
    for _ in range(20):
        a.voice(b"loud")
        a.picture(False, b"still here")
        await asyncio.sleep(0.01)
    await until(lambda: b.saw(b"still here"), lambda: a.picture(False, b"still here"))
    assert not b.saw(b"loud")
    b.peer.send_rtcp(
        rtcp.receiver_report(1, []) + rtcp.nack(1, int.from_bytes(last[8:12]), [int.from_bytes(last[2:4])])
    )
    house.admit("a", "b", stage="a")
    await until(lambda: b.saw(b"again"), lambda: a.voice(b"again"))


async def test_a_revoked_endpoint_is_sent_away_and_its_packets_stop(house: House) -> None:
    house.admit("a", "b", "c", stage="a")
    a, b, c = await house.publish("a"), await house.watch("b"), await house.watch("c")
    await until(lambda: b.saw(b"A") and c.saw(b"A"), lambda: show(a, b"A"))
    house.admit("a", "b", stage="a")
    await until(lambda: [one for one in house.of(Gone) if one.endpoint == "c" and one.reason == "revoked"])
    await asyncio.sleep(0.05)
    c.clear()
    b.clear()
    await until(lambda: b.saw(b"A"), lambda: show(a, b"A"))
    assert not c.packets


async def test_whoever_may_not_receive_any_more_gets_not_one_packet_until_they_may_again(house: House) -> None:
    from server.media.conference import Grants

    house.admit("a", "b", "c", stage="a")
    a, b, c = await house.publish("a"), await house.watch("b"), await house.watch("c")
    await until(lambda: b.saw(b"A") and c.saw(b"A"), lambda: show(a, b"A"))
    house.admit("a", "b", "c", stage="a", c=Grants(receive=False))
    await until(lambda: [one for one in house.of(Slots) if one.receiver == "c" and one.seats.video == ()])
    await asyncio.sleep(0.05)
    b.clear()
    c.clear()
    await until(lambda: b.saw(b"A"), lambda: show(a, b"A"))
    assert not c.packets
    house.admit("a", "b", "c", stage="a")
    await until(lambda: c.saw(b"A"), lambda: show(a, b"A"))


async def test_the_loudest_are_heard_beside_the_stage(house: House) -> None:
    house.admit("a", "b", "c", "d", stage="a")
    sites = {name: await house.publish(name) for name in "abc"}
    d = await house.watch("d", videos=1)

    def talk() -> None:
        for name, level in (("a", 40), ("b", 30), ("c", 20)):
            sites[name].voice(name.encode() * 4, level)

    await until(lambda: all(d.saw(name.encode() * 4) for name in "abc"), talk)
    assert set(house.of(Loudest)[-1].endpoints) == {"b", "c"}
    assert len({one[8:12] for one in d.packets}) == 3


async def test_the_stage_gets_the_large_layer_and_thumbnails_the_small_one(house: House) -> None:
    house.admit("a", "b", "c", stage="a")
    a, b = await house.publish("a", ("l", "m", "h")), await house.publish("b", ("l", "m", "h"))
    c = await house.watch("c", videos=6)

    def send() -> None:
        a.picture(True, b"A")
        b.picture(True, b"B")

    await until(lambda: c.saw(b"Ah") and c.saw(b"Bl"), send)
    c.clear()
    for _ in range(10):
        send()
        await asyncio.sleep(0.02)
    await until(lambda: c.saw(b"Ah"), send)
    assert not c.saw(b"Bh")
    await until(lambda: [one for one in house.of(Layers) if one.endpoint == "b" and not one.active["h"]], send)


async def test_a_receiver_whose_line_is_thin_gets_a_smaller_layer(house: House) -> None:
    house.admit("a", "b", stage="a")
    a, b = await house.publish("a", ("l", "m", "h")), await house.watch("b", videos=1)
    await until(lambda: b.saw(b"Ah"), lambda: a.picture(True, b"A"))
    remb = bytes.fromhex("8fce0005 00000001 00000000 52454d42 01") + (3 << 18 | 37_500).to_bytes(3) + bytes(4)
    b.peer.send_rtcp(rtcp.receiver_report(1, []) + remb)

    def small() -> bool:
        recent = b.payloads()[-3:]
        return all(one[3:4] == b"l" for one in recent)

    await until(small, lambda: a.picture(True, b"A", packets=1))


async def test_the_address_changes_and_the_picture_goes_on(house: House) -> None:
    house.admit("a", "b", stage="a")
    a, b = await house.publish("a"), await house.watch("b")
    await until(lambda: b.saw(b"A"), lambda: a.picture(True, b"A"))
    a.peer.move()
    await until(lambda: b.saw(b"moved"), lambda: a.picture(False, b"moved"))
    b.peer.move()
    b.clear()
    b.peer.check()
    await until(lambda: b.saw(b"both"), lambda: a.picture(False, b"both"))


async def test_ice_restarts_with_new_credentials_and_the_old_ones_stay(house: House) -> None:
    from bench.media.client import Remote

    house.admit("a", "b", stage="a")
    a, b = await house.publish("a"), await house.watch("b")
    await until(lambda: b.saw(b"A"), lambda: a.picture(True, b"A"))
    old = a.peer.remote
    assert old is not None
    a.peer.ufrag, a.peer.password = "fresh234", "n" * 24
    fragment = f"a=ice-ufrag:{a.peer.ufrag}\r\na=ice-pwd:{a.peer.password}\r\n"
    answer = await house.web.patch(a.peer.session, "a", fragment, "*")
    new = Remote(answer.body + f"a=fingerprint:sha-256 {old.fingerprint}\r\n")
    assert new.ufrag != old.ufrag
    a.peer.move()
    a.peer.remote = new
    a.peer.answered_at = None
    await until(lambda: a.peer.answered_at, a.peer.check)
    await until(lambda: b.saw(b"new line"), lambda: a.picture(False, b"new line"))


async def test_a_browser_that_says_goodbye_is_gone_at_once(house: House) -> None:
    house.admit("a", "b", stage="a")
    a = await house.publish("a")
    assert a.peer.handshake is not None
    await a.peer.handshake.stop()
    await until(lambda: [one for one in house.of(Gone) if one.reason == "closed"])


async def test_a_second_camera_of_an_endpoint_replaces_the_first(house: House) -> None:
    house.admit("a", "b", stage="a")
    first, b = await house.publish("a"), await house.watch("b")
    await until(lambda: b.saw(b"first"), lambda: first.picture(True, b"first"))
    second = await house.publish("a")
    await until(lambda: b.saw(b"second"), lambda: second.picture(True, b"second"))
    assert [one.session for one in house.of(Gone)] == [first.peer.session]


async def test_reports_let_the_receiver_match_lips_and_voices(house: House) -> None:
    house.admit("a", "b", stage="a")
    a, b = await house.publish("a"), await house.watch("b")
    reports: list[rtcp.SenderReport] = []

    def read(data: bytes) -> None:
        reports.extend(one for one in rtcp.parse(data) if isinstance(one, rtcp.SenderReport))

    b.peer.on_rtcp = read
    await until(lambda: len({one.ssrc for one in reports}) == 2, lambda: show(a, b"A"))
    assert {one[8:12] for one in b.packets} == {one.ssrc.to_bytes(4) for one in reports}


async def test_publishers_learn_what_arrived_and_quality_is_told(house: House) -> None:
    house.admit("a", "b", stage="a")
    a, b = await house.publish("a"), await house.watch("b")
    await until(lambda: len(house.of(Quality)) >= 2, lambda: show(a, b"A"))
    assert {one.direction for one in house.of(Quality)} == {"up", "down"}
    assert isinstance(b, Screen)
