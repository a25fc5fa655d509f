"""RTCP as it is read and written."""

from __future__ import annotations

import contextlib

import pytest
from aiortc import rtp as reference
from hypothesis import given
from hypothesis import strategies as st

from server.media import rtcp


def test_our_sender_report_is_read_by_others() -> None:
    data = rtcp.sender_report(7, rtcp.ntp_time(1_760_486_400_500), 99, (3, 400)) + rtcp.description(7, "hopso")
    report, description = reference.RtcpPacket.parse(data)
    assert isinstance(report, reference.RtcpSrPacket)
    assert (report.ssrc, report.sender_info.rtp_timestamp, report.sender_info.packet_count) == (7, 99, 3)
    assert isinstance(description, reference.RtcpSdesPacket)
    assert description.chunks[0].ssrc == 7
    (again,) = rtcp.parse(data)
    assert isinstance(again, rtcp.SenderReport)
    assert again.ntp_ms == pytest.approx(1_760_486_400_500, abs=0.01)


def test_our_receiver_report_is_read_by_others() -> None:
    block = rtcp.ReportBlock(9, 25, 100, 70_000, 3, 5, 6)
    (report,) = reference.RtcpPacket.parse(rtcp.receiver_report(1, [block]))
    assert isinstance(report, reference.RtcpRrPacket)
    assert (report.reports[0].ssrc, report.reports[0].fraction_lost, report.reports[0].packets_lost) == (9, 25, 100)
    assert list(rtcp.parse(rtcp.receiver_report(1, [block]))) == [block]


def test_a_nack_packs_neighbours_and_survives_the_wrap() -> None:
    wanted = [1, 2, 17, 18, 40, 65_535, 65_536]
    data = rtcp.nack(1, 9, wanted)
    (theirs,) = reference.RtcpPacket.parse(data)
    assert isinstance(theirs, reference.RtcpRtpfbPacket)
    assert sorted(theirs.lost) == sorted({one & 0xFFFF for one in wanted})
    (ours,) = rtcp.parse(data)
    assert isinstance(ours, rtcp.Nack)
    assert sorted(ours.sequences) == sorted(theirs.lost)


def test_pli_fir_and_remb_are_understood() -> None:
    fir = bytes.fromhex("84ce0004 00000001 00000000 00000009 01000000")
    remb = reference.RtcpPsfbPacket(fmt=15, ssrc=1, media_ssrc=0, fci=reference.pack_remb_fci(1_000_000, [9]))
    messages = list(rtcp.parse(rtcp.key_frame_request(1, 9) + fir + bytes(remb)))
    assert messages[:2] == [rtcp.KeyFrameRequest(9), rtcp.KeyFrameRequest(9)]
    assert isinstance(messages[2], rtcp.Estimate)
    assert messages[2].bitrate == pytest.approx(1_000_000, rel=0.01)


@pytest.mark.parametrize("data", [b"\x80", b"\x80\xc8\x00\x06", b"\x00\xc8\x00\x00", b"\x81\xc9\x00\x01\0\0\0\0"])
def test_broken_packets_are_refused(data: bytes) -> None:
    with pytest.raises(ValueError):
        list(rtcp.parse(data))


@given(st.binary(max_size=120), st.sampled_from([200, 201, 205, 206]), st.integers(0, 31))
def test_no_octets_make_the_reader_stumble(body: bytes, kind: int, count: int) -> None:
    body += bytes(-len(body) % 4)
    data = bytes((0x80 | count, kind)) + (len(body) // 4).to_bytes(2) + body
    with contextlib.suppress(ValueError):
        list(rtcp.parse(data))


def test_the_round_trip_is_what_passed_without_the_receivers_own_delay() -> None:
    sent, arrived = 1_760_486_400_000, 1_760_486_400_140
    block = rtcp.ReportBlock(1, 0, 0, 9, 0, (rtcp.ntp_time(sent) >> 16) & 0xFFFFFFFF, 65536 * 80 // 1000)
    assert abs(rtcp.round_trip_ms(block, arrived) - 60) <= 1
    assert rtcp.round_trip_ms(block, sent - 50) == 0, "clocks that were set back are no negative time"
