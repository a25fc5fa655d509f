"""RTP parsing, sequence maps, key frames and rewriting, without a network."""

from __future__ import annotations

import itertools
import random
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.media.client import build, vp8
from server.media import rtp
from server.media.rtp import Codec, Compactor, Packet, Rewriter, Unwrapper


def packet(number: int, timestamp: int = 0, arrival: int = 0, key: bool = False) -> Packet:
    return Packet(number, timestamp, 0, b"x", key, arrival)


def test_a_packet_with_extensions_and_padding_is_read() -> None:
    data = bytearray(build((96, 128, 7, 1000, 42), {4: b"1", 3: b"\x01\x02"}, b"payload\0\0\3"))
    data[0] |= 0x20
    header = rtp.parse(data, len(data))
    assert (header.payload_type, header.marker, header.sequence, header.timestamp, header.ssrc) == (
        96,
        128,
        7,
        1000,
        42,
    )
    assert bytes(data[header.start : header.end]) == b"payload"
    assert rtp.element(data, header, 4) == b"1"
    assert rtp.element(data, header, 3) == b"\x01\x02"
    assert rtp.element(data, header, 5) is None


def test_two_byte_extensions_are_read() -> None:
    block = bytes((3, 2)) + b"\x01\x02" + bytes((4, 1)) + b"1" + b"\0"
    data = struct.pack(">BBHII", 0x90, 96, 1, 2, 3) + struct.pack(">HH", 0x1000, len(block) // 4) + block
    header = rtp.parse(data, len(data))
    assert rtp.element(data, header, 4) == b"1"
    assert rtp.element(data, header, 9) is None


def by_hand(block: bytes, wide: int, level: int) -> tuple[int, int] | None:
    """The last number and level in a block of one-byte elements, -1 for none; None when it is mangled."""
    found, position = {wide: -1, level: -1}, 0
    while position < len(block):
        octet = block[position]
        kind, size = octet >> 4, (octet & 15) + 1
        value = block[position + 1 : position + 1 + size]
        if kind == 15 or (octet and not kind) or (octet and len(value) < size):
            return None
        if kind and kind == wide and size == 2:
            found[wide] = int.from_bytes(value)
        elif kind and kind == level:
            found[level] = value[0] & 0x7F
        position += 1 + size if octet else 1
    return found[wide], found[level]


def by_layout(block: bytes, layout: rtp.Layout) -> tuple[int, int]:
    number = int.from_bytes(block)
    wide = number >> layout.wide & 0xFFFF if layout.wide >= 0 else -1
    return wide, number >> layout.level & 0x7F if layout.level >= 0 else -1


ELEMENT = st.builds(
    lambda kind, value: bytes((kind << 4 | len(value) - 1,)) + value,
    st.sampled_from([1, 3, 4, 15]),
    st.binary(min_size=1, max_size=3),
)
BLOCK = st.lists(ELEMENT | st.sampled_from([b"\0", b"\0\0", b"\5"]), max_size=6).map(b"".join) | st.binary(max_size=12)


@given(BLOCK)
def test_a_layout_finds_what_reading_by_hand_finds(block: bytes) -> None:
    expected = by_hand(block, 3, 1)
    if expected is None:
        with pytest.raises(ValueError):
            rtp.Layout(block, 3, 1)
    else:
        assert by_layout(block, rtp.Layout(block, 3, 1)) == expected


@given(BLOCK, st.binary(min_size=64, max_size=64))
def test_whatever_has_the_same_heads_is_read_alike(block: bytes, noise: bytes) -> None:
    if by_hand(block, 3, 1) is None:
        return
    layout = rtp.Layout(block, 3, 1)
    other = int.from_bytes(noise[: len(block)]) & ~layout.mask | layout.heads
    assert other & layout.mask == layout.heads
    changed = other.to_bytes(len(block))
    assert by_layout(changed, layout) == by_hand(changed, 3, 1)


def test_a_block_longer_than_anybodys_has_no_layout() -> None:
    assert by_layout(bytes(rtp.LAYOUT_LIMIT), rtp.Layout(bytes(rtp.LAYOUT_LIMIT), 3, 1)) == (-1, -1)
    with pytest.raises(ValueError):
        rtp.Layout(bytes(rtp.LAYOUT_LIMIT + 1), 3, 1)


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x80" * 11,
        b"\x40" + bytes(20),
        b"\x8f" + bytes(15),
        b"\x90" + bytes(11),
        struct.pack(">BBHIIHH", 0x90, 96, 1, 2, 3, 0xBEDE, 900),
        struct.pack(">BBHII", 0xA0, 96, 1, 2, 3) + b"\xff",
    ],
)
def test_a_packet_that_contradicts_itself_is_refused(data: bytes) -> None:
    with pytest.raises(ValueError):
        rtp.parse(data, len(data))


@given(st.binary(min_size=12, max_size=80))
def test_no_octets_make_the_reader_stumble(data: bytes) -> None:
    data = bytes((0x80 | data[0] & 0x3F,)) + data[1:]
    try:
        header = rtp.parse(data, len(data))
    except ValueError:
        return
    for identifier in range(16):
        rtp.element(data, header, identifier)
    assert 12 <= header.start <= header.end <= len(data)
    rtp.starts_key_frame(Codec.VP8, data[header.start : header.end])
    rtp.starts_key_frame(Codec.H264, data[header.start : header.end])


@pytest.mark.parametrize(
    ("payload", "key"),
    [
        (vp8(True, True), True),
        (vp8(False, True), False),
        (vp8(True, False), False),
        (bytes((0x90, 0x80, 0x12, 0x00)), True),
        (bytes((0x90, 0x80, 0x92, 0x34, 0x00)), True),
        (bytes((0x90, 0xE0, 0x92, 0x34, 0x11, 0x60, 0x01)), False),
        (bytes((0x90, 0xE0, 0x92, 0x34, 0x11, 0x60, 0x10)), True),
        (bytes((0x11, 0x00)), False),
        (b"\x90", False),
        (b"", False),
    ],
)
def test_a_vp8_key_frame_is_known_by_its_first_packet(payload: bytes, key: bool) -> None:
    assert rtp.starts_key_frame(Codec.VP8, payload) is key


@pytest.mark.parametrize(
    ("payload", "key"),
    [
        (bytes((0x65, 0x88)), True),
        (bytes((0x67, 0x42)), True),
        (bytes((0x41, 0x9A)), False),
        (bytes((0x7C, 0x85, 0x00)), True),
        (bytes((0x7C, 0x05, 0x00)), False),
        (bytes((0x7C, 0x81, 0x00)), False),
        (bytes((0x78, 0x00, 0x02, 0x67, 0x42, 0x00, 0x02, 0x68, 0xCE)), True),
        (bytes((0x78, 0x00, 0x02, 0x06, 0x05, 0x00, 0x02, 0x41, 0x9A)), False),
        (b"\x78", False),
    ],
)
def test_an_h264_key_frame_is_known_in_every_packing(payload: bytes, key: bool) -> None:
    assert rtp.starts_key_frame(Codec.H264, payload) is key


def test_sequence_numbers_wrap_and_late_ones_stay_behind() -> None:
    unwrapper = Unwrapper()
    first = unwrapper.unwrap(65_534)
    assert [unwrapper.unwrap(one) - first for one in (65_535, 0, 1, 65_533, 2)] == [1, 2, 3, -1, 4]
    assert unwrapper.highest - first == 4


@given(st.lists(st.booleans(), min_size=1, max_size=400))
def test_dropped_padding_leaves_no_hole(kept: list[bool]) -> None:
    compactor = Compactor()
    numbers = []
    for number, keep in enumerate(kept):
        if keep:
            numbers.append(compactor.compact(number))
        else:
            compactor.drop(number, number)
    assert numbers == list(range(len(numbers)))


def test_a_late_packet_keeps_its_number_although_padding_was_dropped_after_it() -> None:
    compactor = Compactor()
    assert compactor.compact(10) == 10
    compactor.drop(12, 12)
    assert compactor.compact(13) == 12
    assert compactor.compact(11) == 11


def test_padding_that_comes_late_leaves_its_hole() -> None:
    compactor = Compactor()
    compactor.drop(11, 12)
    assert compactor.compact(13) == 13


def test_a_switch_leaves_no_gap_and_time_goes_on() -> None:
    rewriter = Rewriter(90_000, sequence=65_530, timestamp=0xFFFFFF00)
    old = [packet(100 + i, 5_000 + 3_000 * i, arrival=1_000 + 33 * i) for i in range(4)]
    rewriter.take_over(old[0], "old", 0xFFFFFF00)
    for one in old:
        rewriter.sent(one)
    before, before_timestamp = rewriter.highest, rewriter.last_timestamp
    assert before_timestamp == 0xFFFFFF00 + 9_000 & 0xFFFFFFFF
    new = packet(70_000, 123, key=True)
    rewriter.take_over(new, "new", before_timestamp + 100 * 90)
    rewriter.sent(new)
    assert rewriter.highest == before + 1
    assert (rewriter.last_timestamp - before_timestamp) & 0xFFFFFFFF == 100 * 90
    assert rewriter.first == 70_000


def test_time_never_goes_back_at_a_switch() -> None:
    rewriter = Rewriter(90_000, sequence=0, timestamp=0)
    rewriter.take_over(packet(10, 500), "old", 40)
    rewriter.sent(packet(10, 500))
    assert rewriter.last_timestamp == 40
    for count, due in enumerate((40, 0xFFFFFF00, 130), 1):
        rewriter.take_over(packet(20 * count, 7), "new", due)
        rewriter.sent(packet(20 * count, 7))
        assert rewriter.last_timestamp == 40 + 90 * count


def test_a_nack_is_traced_to_the_source_of_its_time() -> None:
    rewriter = Rewriter(90_000, sequence=0, timestamp=0)
    rewriter.take_over(packet(500), "old", 0)
    for number in range(500, 510):
        rewriter.sent(packet(number))
    rewriter.take_over(packet(9_000), "new", 0)
    for number in range(9_000, 9_010):
        rewriter.sent(packet(number))
    assert rewriter.trace(10) == ("old", 509)
    assert rewriter.trace(11) == ("new", 9_000)
    assert rewriter.trace(20) == ("new", 9_009)
    assert rewriter.trace(21) is None
    assert rewriter.trace(0) is None


def test_many_random_switches_stay_dense() -> None:
    generator = random.Random(7)
    rewriter = Rewriter(90_000, sequence=60_000, timestamp=0)
    sent = []
    for _ in range(50):
        start = generator.randrange(1 << 20)
        rewriter.take_over(packet(start), object(), 0)
        for number in range(start, start + generator.randrange(1, 400)):
            sent.append((number + rewriter.delta) & 0xFFFF)
            rewriter.sent(packet(number))
    assert all((after - before) & 0xFFFF == 1 for before, after in itertools.pairwise(sent))
