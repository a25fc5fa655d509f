"""Pictures of two senders are never taken for one another."""

from __future__ import annotations

from itertools import combinations, pairwise

from server.media.rtp import Codec, starts_key_frame
from server.media.stream import Stream
from server.media.vp8 import NUMBERS, Descriptors


def numbered(number: int, rest: bytes = b"\x00picture") -> bytes:
    return b"\x90\x80" + (0x8000 | number).to_bytes(2) + rest


def number_of(payload: bytes) -> int:
    return int.from_bytes(payload[2:4]) & 0x7FFF


def distance(one: int, other: int) -> int:
    return min((one - other) % NUMBERS, (other - one) % NUMBERS)


def test_streams_that_number_alike_are_far_apart_whenever_they_began() -> None:
    begun = [Descriptors(place) for place in range(1, 94)]
    for index, one in enumerate(begun):
        one.rewrite(numbered(0), index * 7_000)
    # Each sends thirty pictures a second from its beginning; this is after an hour.
    now = 3_600_000
    sent = [(now - index * 7_000) * 30 // 1000 for index in range(len(begun))]
    last = [number_of(one.rewrite(numbered(count % NUMBERS), now)) for one, count in zip(begun, sent, strict=True)]
    assert min(distance(a, b) for a, b in combinations(last, 2)) > 90


def test_pictures_of_one_stream_follow_each_other_round_the_end_of_the_numbers() -> None:
    numbers = Descriptors()
    shown = [number_of(numbers.rewrite(numbered(one % NUMBERS), one)) for one in range(NUMBERS - 5, NUMBERS + 5)]
    assert [(after - before) % NUMBERS for before, after in pairwise(shown)] == [1] * 9


def test_nothing_else_of_a_packet_changes() -> None:
    numbers = Descriptors()
    given = numbered(77, b"\xe5\x01\x02\x03")
    renumbered = numbers.rewrite(given, 0)
    assert (renumbered[:2], renumbered[4:], len(renumbered)) == (given[:2], given[4:], len(given))
    for plain in (b"", b"\x10\x00key", b"\x90\x80\x05\x00short number", b"\x90\x20\x80\x00no number", b"\x90\x80\x80"):
        assert numbers.rewrite(plain, 0) == plain


def test_a_stream_keeps_its_pictures_renumbered_the_repeated_ones_alike() -> None:
    stream = Stream("a", 1, Codec.VP8, "", 96)
    stream.outputs.append(object())  # type: ignore[arg-type]
    stream.take(1, 0, 0, numbered(5), 0)
    first = stream.ring.get(stream.unwrapper.highest)
    stream.take(3, 3_000, 0, numbered(7), 66)
    third = stream.ring.get(stream.unwrapper.highest)
    assert first is not None
    assert third is not None
    assert number_of(third.payload) == (number_of(first.payload) + 2) % NUMBERS
    assert first.key


def test_nothing_is_said_of_temporal_layers() -> None:
    descriptors = Descriptors()
    # TL0PICIDX; TL0PICIDX, the layer and KEYIDX; the layer alone.
    for flags, more in ((0xC0, b"\x55"), (0xF0, b"\x55\x66"), (0xA0, b"\x66")):
        given = bytes((0x90, flags)) + (0x8000 | 9).to_bytes(2) + more + b"\x00picture"
        rewritten = descriptors.rewrite(given, 0)
        assert (rewritten[:2], rewritten[4:]) == (b"\x90\x80", b"\x00picture")
        assert number_of(rewritten) == number_of(descriptors.rewrite(numbered(9), 0))
        assert starts_key_frame(Codec.VP8, rewritten)
    assert descriptors.rewrite(b"\x90\xf0\x80\x09", 0)[4:] == b"", "cut off in the middle"
