"""Sound that carries its own repair, through the real process: from a sender that loses, to a receiver that loses."""

from __future__ import annotations

from bench.media.badline import offer_screen
from bench.media.client import build, offer_up
from server.media import red
from server.media.feedback import Arrivals
from server.media.rtp import Packet
from tests.media.conftest import ALL, House, Screen, until

OPUS, WITH_OLDER = 111, 63


def voice(number: int) -> Packet:
    return Packet(number, number * 960, 0, b"voice" + number.to_bytes(4), True, 0)


async def publish_with_older(house: House, name: str) -> object:
    """A microphone whose packets bring their predecessors along."""
    peer = house.peers.add()
    offer = offer_up(peer, (99, 100, 101)).replace("SAVPF 111\r\n", "SAVPF 111 63\r\n")
    offer = offer.replace("a=rtpmap:111 ", "a=rtpmap:63 red/48000/2\r\na=fmtp:63 111/111\r\na=rtpmap:111 ")
    answer = await house.web.open("k", name, ("up", "camera"), ALL, offer)
    assert "UDP/TLS/RTP/SAVPF 63 111\r\n" in answer.body, "a sender takes the first one"
    assert "a=fmtp:63 111/111\r\n" in answer.body
    await peer.connect(answer.body)
    return peer


async def test_what_a_sender_lost_is_heard_from_its_next_packet(house: House) -> None:
    house.admit("a", "b", stage="a")
    peer, b = await publish_with_older(house, "a"), await house.watch("b")
    number = 0

    def speak() -> None:
        nonlocal number
        number += 1
        if number % 3:
            payload = red.join(OPUS, voice(number), [voice(number - 1)])
            peer.send_rtp(build((WITH_OLDER, 0, number, number * 960, 99), {4: b"0", 1: b"\x1e"}, payload))  # type: ignore[attr-defined]

    await until(lambda: len(b.packets) > 30, speak)
    heard = [int.from_bytes(one[5:9]) for one in b.payloads()]
    assert all(one[1] & 0x7F == OPUS for one in b.packets), "who loses nothing gets sound as it is"
    assert sorted(heard) == list(range(min(heard), max(heard) + 1))
    assert any(one % 3 == 0 for one in heard)


async def test_a_receiver_that_loses_packets_gets_each_voice_more_than_once(house: House) -> None:
    house.admit("a", "b", stage="a")
    a = await house.publish("a")
    peer = house.peers.add(timed=True)
    answer = await house.web.open("k", "b", ("down", "camera"), ALL, offer_screen(peer))
    assert "UDP/TLS/RTP/SAVPF 63 111\r\n" in answer.body
    await peer.connect(answer.body)
    b = Screen(peer)
    arrivals = Arrivals()

    def speak() -> None:
        a.voice(b"voice" + a.sound.to_bytes(4))
        for index in range(0, len(b.packets), 4):
            # Three of four never came, it says.
            arrivals.arrived(_number(b.packets[index]), index * 20_000)
        for report in arrivals.reports(1, 1):
            peer.send_rtcp(report)

    def kinds() -> set[int]:
        return {one[1] & 0x7F for one in b.packets}

    await until(lambda: kinds() == {OPUS, WITH_OLDER}, speak)
    await until(
        lambda: len(red.split(b.payloads()[-1])) == 3 if b.packets[-1][1] & 0x7F == WITH_OLDER else False, speak, 12
    )
    *older, (_, own) = red.split(b.payloads()[-1])
    assert [int.from_bytes(one[5:9]) - int.from_bytes(own[5:9]) for _, one in older] == [-2, -1]
    assert [offset for offset, _ in older] == [1_920, 960]
    sequences = b.sequences(OPUS) + b.sequences(WITH_OLDER)
    assert sorted(sequences) == list(range(min(sequences), max(sequences) + 1)), "one numbering, whatever the form"


def _number(packet: bytes) -> int:
    position = 16
    while packet[position] != 0x31:
        position += 2 + (packet[position] & 15) if packet[position] else 1
    return int.from_bytes(packet[position + 1 : position + 3])
