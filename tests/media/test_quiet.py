"""Sound only: by order of the desk, enforced on the server, and by itself on a line too thin for pictures."""

from __future__ import annotations

import asyncio

from server.media import rtcp
from server.media.conference import Desired, Endpoint
from server.media.control import Gone, Load, Slots
from server.media.running import IDLE_MS, Running
from tests.media.conftest import ALL, House, until


def off(house: House, receiver: str) -> tuple[int, ...]:
    told = [one for one in house.of(Slots) if isinstance(one, Slots) and one.receiver == receiver]
    return told[-1].off if told else ()


async def test_a_site_that_was_ordered_to_sound_only_neither_sends_nor_gets_pictures(house: House) -> None:
    house.admit("a", "b", "c", stage="a")
    a, b, c = await house.publish("a"), await house.publish("b"), await house.publish("c")
    at_a, at_b = await house.watch("a", videos=3), await house.watch("b", videos=3)

    def all_send(text: bytes, key: bool = True) -> None:
        for name, site in ((b"A", a), (b"B", b), (b"C", c)):
            site.picture(key, name + text, packets=1)
            site.voice(name + text)

    await until(lambda: at_b.saw(b"A") and at_b.saw(b"C") and at_a.saw(b"B"), lambda: all_send(b" first"))
    house.web.quiet("k", ("a",))
    await until(lambda: off(house, "a"), lambda: all_send(b" then"))
    for screen in (at_a, at_b):
        screen.clear()
    await until(lambda: at_a.saw(b"B ordered") and at_b.saw(b"A ordered"), lambda: all_send(b" ordered"))

    def pictures() -> list[bytes]:
        return [one for one, raw in zip(at_b.payloads(), at_b.packets, strict=True) if raw[1] & 0x7F == 96]

    # Nobody else is concerned.
    await until(lambda: any(b"C ordered" in one for one in pictures()), lambda: all_send(b" ordered"))
    assert {one[1] & 0x7F for one in at_a.packets} == {111}, "a hears, and sees nobody"
    assert not any(b"A ordered" in one for one in pictures()), "whatever a sends, its picture goes nowhere"

    house.web.quiet("k", ())
    for screen in (at_a, at_b):
        screen.clear()

    def all_back() -> bool:
        kinds = {one[1] & 0x7F for one in at_a.packets}
        again = [one for one, raw in zip(at_b.payloads(), at_b.packets, strict=True) if raw[1] & 0x7F == 96]
        return 96 in kinds and any(b"A back" in one for one in again)

    await until(all_back, lambda: all_send(b" back"))


async def test_the_order_holds_after_the_media_process_was_started_anew(house: House) -> None:
    house.admit("a", "b", stage="a")
    house.web.quiet("k", ("a",))
    await house.stop_media()
    await until(lambda: not house.web.up.is_set())
    await house.start_media()
    await house.web.up.wait()
    a, b = await house.publish("a"), await house.watch("b")
    await until(lambda: b.saw(b"sound"), lambda: (a.picture(True, b"picture"), a.voice(b"sound")))
    assert not b.saw(b"picture")


async def test_the_order_is_forgotten_with_its_conference(house: House) -> None:
    house.admit("a")
    house.web.quiet("k", ("a",))
    house.desire(endpoints=())
    assert house.web.quieted == {}
    house.web.quiet("k", ("a",))
    assert house.web.quieted == {}


async def test_a_line_too_thin_for_pictures_gets_sound_alone_by_itself(house: House) -> None:
    house.admit("a", "b", stage="a")
    a, b = await house.publish("a"), await house.watch("b")
    await until(lambda: b.saw(b"first"), lambda: (a.picture(True, b"first"), a.voice(b"word")))

    def thin(bits: int) -> None:
        exponent = max(0, bits.bit_length() - 18)
        ssrc = int.from_bytes(b.packets[-1][8:12]) if b.packets else 1
        body = (
            b"REMB" + bytes((1, exponent << 2 | (bits >> exponent) >> 16)) + ((bits >> exponent) & 0xFFFF).to_bytes(2)
        )
        remb = bytes((143, 206)) + (5).to_bytes(2) + (1).to_bytes(4) + bytes(4) + body + ssrc.to_bytes(4)
        b.peer.send_rtcp(rtcp.receiver_report(1, []) + remb)

    thin(140_000)
    await until(lambda: off(house, "b") == (0,), lambda: a.voice(b"word"))
    b.clear()
    await until(lambda: b.saw(b"heard"), lambda: (a.picture(True, b"seen"), a.voice(b"heard")))
    assert not b.saw(b"seen")


async def test_the_media_process_says_how_much_it_does_and_counts_what_ended_too(house: House) -> None:
    await until(lambda: house.web.processes[0].load)
    house.admit("a", "b", stage="a")
    a, b = await house.publish("a"), await house.watch("b")
    await until(lambda: b.saw(b"A"), lambda: a.picture(True, b"A"))

    async def load() -> Load:
        """What a process that connects now is told."""
        house.tasks[0].cancel()
        await asyncio.gather(house.tasks[0], return_exceptions=True)
        house.tasks[0] = asyncio.create_task(house.web.run())
        await until(lambda: house.web.processes[0].load)
        assert house.web.processes[0].load is not None
        return house.web.processes[0].load

    for _ in range(40):
        a.picture(False, b"more")
    await until(lambda: b.saw(b"last"), lambda: a.picture(False, b"last"))
    before = await load()
    a.ssrcs[""] = 4_711  # its sender begins anew
    await until(lambda: b.saw(b"anew"), lambda: a.picture(True, b"anew"))
    running = await load()
    assert running.packets_in > before.packets_in > 120
    assert (running.up, running.down, running.sound_only) == (1, 1, 0)
    assert running.packets_in >= running.packets_out > 0
    assert running.octets_out > 0
    assert running.memory > 1_000_000
    house.desire(endpoints=())
    await until(lambda: len([one for one in house.of(Gone) if one.reason == "revoked"]) == 2)  # type: ignore[attr-defined]
    ended = await load()
    assert (ended.up, ended.down) == (0, 0)
    assert ended.packets_in >= running.packets_in
    assert ended.packets_out >= running.packets_out


def test_what_was_ordered_outlives_a_long_time_without_anybody() -> None:
    """Web says its orders once; media may forget a conference only when web has said that it is over."""
    running = Running("k", 0, lambda _: None)
    assert running.adopt(Desired("k", 1, 1, (Endpoint("a", ALL),)))
    running.quiet(("a",))
    assert not running.idle(10 * IDLE_MS) and not running.grants["a"].video
    assert running.adopt(Desired("k", 1, 2))
    assert not running.idle(11 * IDLE_MS - 1) and running.idle(12 * IDLE_MS)
