"""Sound that carries its own repair: taken apart, put on again, and only for those who lose packets."""

from __future__ import annotations

import pytest

from server.media import red
from server.media.rtp import Codec, Packet
from server.media.stream import Stream


def voice(number: int) -> Packet:
    return Packet(number, number * 960, 0, bytes((number,)) * (60 + number), True, number * 20)


def test_what_is_joined_comes_apart_again() -> None:
    payload = red.join(111, voice(3), [voice(1), voice(2)])
    assert payload[0] == 0x80 | 111
    assert red.split(payload) == [(1920, voice(1).payload), (960, voice(2).payload), (0, voice(3).payload)]
    assert red.split(red.join(111, voice(3), [])) == [(0, voice(3).payload)]


def test_what_is_too_old_or_too_long_is_not_brought_along() -> None:
    long = Packet(2, 2 * 960, 0, bytes(1_024), True, 40)
    old = Packet(1, 0, 0, b"old", True, 0)
    late = Packet(30, 30 * 960, 0, b"now", True, 600)
    assert red.split(red.join(111, voice(3), [long])) == [(0, voice(3).payload)]
    assert red.split(red.join(111, late, [old])) == [(0, b"now")]


@pytest.mark.parametrize("payload", [b"\xef", b"\xef\x00\x00\x05\x6f", b"\xef\x00\xf0\x05\x6fabc", b"\xef\0\0\0" * 20])
def test_what_contradicts_itself_is_refused(payload: bytes) -> None:
    with pytest.raises(ValueError, match="cut off"):
        red.split(payload)


def test_a_lost_voice_is_found_in_the_next_packet_and_forwarded_in_order() -> None:
    stream = Stream("a", 1, Codec.OPUS, "", 111)
    stream.outputs.append(object())  # type: ignore[arg-type]
    for number in (1, 2, 5):
        before = [voice(one) for one in (number - 2, number - 1) if one > 0]
        stream.take_with_older(number, number * 960, 0, red.join(111, voice(number), before), number * 20)
    assert [one.payload for one in stream.waiting] == [voice(number).payload for number in (1, 2, 3, 4, 5)]
    assert [one.timestamp for one in stream.waiting] == [number * 960 for number in (1, 2, 3, 4, 5)]
    assert stream.counters.received == 3, "the sender shall hear what its line really lost"


def test_a_malformed_packet_of_sound_is_dropped() -> None:
    stream = Stream("a", 1, Codec.OPUS, "", 111)
    assert not stream.take_with_older(1, 960, 0, b"\xef", 20)
    assert not stream.waiting


def test_the_depth_rises_at_once_and_falls_after_calm() -> None:
    redundancy = red.Redundancy()
    assert not redundancy.weigh(0.01, 0)
    assert redundancy.weigh(0.05, 500)
    assert redundancy.depth == 1
    assert redundancy.weigh(0.2, 1_000)
    assert redundancy.depth == 2
    for now in range(1_500, 6_000, 500):
        assert not redundancy.weigh(0.0, now)
    assert redundancy.weigh(0.0, 6_000)
    assert redundancy.depth == 1
    assert not redundancy.weigh(0.0, 6_500)
    assert redundancy.weigh(0.0, 11_000)
    assert redundancy.depth == 0
