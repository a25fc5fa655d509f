"""Whole frames out of packets, without decoding any."""

from __future__ import annotations

import pytest

from server.media.recorder.frames import SILENCE, H264Frames, OpusFrames, Vp8Frames, opus_ms, vp8_size
from server.media.recorder.h264 import picture_size
from server.media.rtp import Packet
from tests.media.recorder.coded import SIZE, h264_payloads, pictures, sounds, units, vp8_payloads


def packet(number: int, timestamp: int, payload: bytes, last: bool) -> Packet:
    return Packet(number, timestamp, 128 if last else 0, payload, False, 0)


def test_vp8_frames_come_out_as_they_were_coded() -> None:
    frames, found, number = Vp8Frames(), [], 0
    for at, (coded, _) in enumerate(pictures("libvpx")):
        for payload, last in vp8_payloads(coded):
            number += 1
            found.append(frames.take(packet(number, at, payload, last)))
    whole = [one for one in found if one is not None]
    assert [(one.data, one.key) for one in whole] == list(pictures("libvpx"))
    assert {one.size for one in whole} == {SIZE}


def test_nothing_is_used_before_a_key_frame_nor_after_a_loss_until_the_next() -> None:
    coded = pictures("libvpx")
    first_key = next(index for index, (_, key) in enumerate(coded) if key and index)
    frames = Vp8Frames()

    def feed(index: int) -> bool:
        found = [frames.take(packet(0, index, one, last)) for one, last in vp8_payloads(coded[index][0])]
        return found[-1] is not None

    assert not feed(1) and frames.wants_key
    assert feed(0) and feed(1) and not frames.wants_key
    frames.lost()
    assert not feed(3) and frames.wants_key
    assert feed(first_key)


def test_h264_units_are_put_together_with_their_lengths() -> None:
    frames, whole, number = H264Frames(), [], 0
    coded = pictures("libx264")
    for at, (picture, _) in enumerate(coded):
        for payload, last in h264_payloads(picture):
            number += 1
            whole.append(frames.take(packet(number, at, payload, last)))
    found = [one for one in whole if one is not None]
    assert [one.key for one in found] == [key for _, key in coded]
    picture = units(coded[0][0])[-1]
    assert found[0].data.endswith(len(picture).to_bytes(4) + picture)
    assert {one.size for one in found} == {SIZE}
    assert len({one.setup for one in found}) == 1 and found[0].setup[0] == 1


def test_parameters_that_no_file_can_hold_make_no_picture() -> None:
    """avcC has two octets for their sizes; whoever sends more must not end the recording."""
    kinds = {one[0] & 0x1F: one for one in units(pictures("libx264")[0][0])}
    frames, key = H264Frames(), kinds[5]
    sent = (kinds[7] + bytes(70_000), kinds[8], key)
    found = [frames.take(packet(number, 0, one, one is key)) for number, one in enumerate(sent)]
    assert found == [None] * 3 and frames.wants_key


def test_the_size_of_h264_pictures_is_read_from_their_parameters() -> None:
    sequence = next(one for one in units(pictures("libx264")[0][0]) if one[0] & 0x1F == 7)
    assert picture_size(sequence) == SIZE
    for cut in range(1, 6):
        with pytest.raises(ValueError, match=r"cut off|no number|no picture"):
            picture_size(sequence[:cut])


@pytest.mark.parametrize("payload", [b"", b"\x7c", b"\x78\x00", b"\x78\x00\x09ab", b"\x7c\x41abc", b"\x00ab"])
def test_h264_that_contradicts_itself_is_no_picture(payload: bytes) -> None:
    frames = H264Frames()
    assert frames.take(packet(1, 1, payload, True)) is None and frames.wants_key


@pytest.mark.parametrize("payload", [b"", b"\x90", b"\x90\x80", b"\x90\x80\x81"])
def test_a_vp8_payload_without_a_picture_is_a_loss(payload: bytes) -> None:
    assert Vp8Frames().take(packet(1, 1, payload, True)) is None


def test_every_opus_packet_is_a_frame_and_says_how_long_it_lasts() -> None:
    frames = OpusFrames()
    for index, coded in enumerate(sounds()[:20]):
        found = frames.take(packet(index, index * 960, coded, False))
        assert found is not None and found.data == coded and opus_ms(coded) == 20
    assert opus_ms(SILENCE) == 20 and opus_ms(b"") == 0
    assert opus_ms(bytes((0x03 | 3 << 3, 2))) == 120, "two frames of 60 ms"
    assert opus_ms(bytes((16 << 3,))) == 2.5


def test_only_key_frames_have_a_size() -> None:
    assert vp8_size(pictures("libvpx")[0][0]) == SIZE
    assert vp8_size(pictures("libvpx")[1][0]) == (0, 0)
    assert vp8_size(b"") == (0, 0)
