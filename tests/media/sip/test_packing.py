"""Frames into packets that the recorder's own reader puts together again."""

from __future__ import annotations

import pytest

from server.media import rtcp, rtp
from server.media.recorder.frames import H264Frames, Vp8Frames
from server.media.rtp import Codec, Packet
from server.media.sip.packing import LIMIT, Outgoing, payloads, units

SETS = bytes.fromhex("6742c00dd901419a"), bytes.fromhex("68cb83cb20")


def test_units_are_found_between_start_codes_of_both_lengths() -> None:
    assert list(units(b"\x00\x00\x00\x01\x67ab\x00\x00\x01\x65cd\x00\x00\x00\x01\x41e")) == [
        b"\x67ab",
        b"\x65cd",
        b"\x41e",
    ]
    assert list(units(b"no unit")) == []


@pytest.mark.parametrize("size", [1, LIMIT, LIMIT + 1, 5 * LIMIT + 7])
def test_a_vp8_picture_of_any_size_comes_through(size: int) -> None:
    key = bytes((0x10, 0, 0)) + b"\x9d\x01\x2a" + (320).to_bytes(2, "little") + (180).to_bytes(2, "little")
    frame, found, frames = key + bytes(size), None, Vp8Frames()
    parts = payloads(Codec.VP8, frame)
    assert all(len(one) <= LIMIT + 1 for one in parts)
    for number, part in enumerate(parts):
        found = frames.take(Packet(number, 0, 128 if number == len(parts) - 1 else 0, part, False, 0))
    assert found is not None and (found.data, found.size) == (frame, (320, 180))


def test_a_large_h264_unit_is_cut_into_fragments_and_comes_through() -> None:
    picture = b"\x65" + bytes(range(1, 255)) * 20
    stream = b"".join(b"\x00\x00\x00\x01" + one for one in (*SETS, picture))
    parts, frames, found = payloads(Codec.H264, stream), H264Frames(), None
    assert [part[0] & 0x1F for part in parts] == [7, 8, *[28] * 5]
    for number, part in enumerate(parts):
        found = frames.take(Packet(number, 0, 128 if number == len(parts) - 1 else 0, part, False, 0))
    assert found is not None and found.key and found.data == len(picture).to_bytes(4) + picture


def test_packets_are_numbered_with_their_extensions_and_reported() -> None:
    out = Outgoing(77, 111, 48_000)
    out.jump(65_535)
    first = out.packet(b"x", 5, 128, {4: b"0", 1: b"\x1e"})
    header = rtp.parse(first, len(first))
    assert (header.sequence, header.timestamp, header.marker, header.ssrc) == (0, 5, 128, 77)
    assert rtp.element(first, header, 4) == b"0" and rtp.element(first, header, 1) == b"\x1e"
    assert first[header.start : header.end] == b"x"
    (report,) = [one for one in rtcp.parse(out.report("codec", 2_000, 1_500)) if isinstance(one, rtcp.SenderReport)]
    assert (report.ssrc, report.timestamp, round(report.ntp_ms)) == (77, 5 + 24_000, 2_000)
