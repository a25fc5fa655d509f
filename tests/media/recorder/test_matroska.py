"""What is written plays: finished, broken off anywhere, and mended."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import av
import pytest

from server.media.recorder.folder import mend_file
from server.media.recorder.matroska import CLUSTER_MS, File
from server.media.rtp import Codec
from tests.media.recorder.coded import SIZE, h264_payloads, pictures, sounds, vp8_payloads
from tests.media.recorder.test_frames import packet

BEGAN = 1_760_000_000_000


def blocks(codec: Codec) -> list[tuple[int, bytes, bool]]:
    if codec is Codec.OPUS:
        return [(index * 20, one, True) for index, one in enumerate(sounds())]
    coded = pictures("libvpx" if codec is Codec.VP8 else "libx264")
    return [(index * 40, frame, key) for index, (frame, key) in enumerate(framed(codec, coded))]


def framed(codec: Codec, coded: tuple[tuple[bytes, bool], ...]) -> Iterator[tuple[bytes, bool]]:
    from server.media.recorder.frames import frames_of

    frames = frames_of(codec)
    for at, (one, _) in enumerate(coded):
        for payload, last in vp8_payloads(one) if codec is Codec.VP8 else h264_payloads(one):
            found = frames.take(packet(0, at, payload, last))
            if found is not None:
                yield found.data, found.key


def setup(codec: Codec) -> bytes:
    from server.media.recorder.frames import H264Frames

    if codec is not Codec.H264:
        return b""
    frames = H264Frames()
    found = [frames.take(packet(0, 0, one, last)) for one, last in h264_payloads(pictures("libx264")[0][0])]
    assert found[-1] is not None
    return found[-1].setup


def write(path: Path, codec: Codec, finish: bool = True) -> File:
    file = File(codec, BEGAN, SIZE, setup(codec))
    with path.open("w+b") as out:
        out.write(file.head)

        def put(pieces: Iterator[object]) -> None:
            for one in pieces:
                out.seek(one.at) if one.at >= 0 else out.seek(0, 2)  # type: ignore[attr-defined]
                out.write(one.data)  # type: ignore[attr-defined]

        for at, data, key in blocks(codec):
            put(file.block(at, data, key))
        if finish:
            put(file.finish(blocks(codec)[-1][0] + 20))
    return file


def packets(path: Path) -> list[tuple[int, bytes]]:
    with av.open(str(path)) as source:
        return [(round(float(one.pts * one.time_base) * 1000), bytes(one)) for one in source.demux() if one.size]


@pytest.mark.parametrize("codec", list(Codec))
def test_a_finished_file_holds_every_frame_and_knows_its_length(codec: Codec, tmp_path: Path) -> None:
    path = tmp_path / "a.mkv"
    write(path, codec)
    assert [at for at, _ in packets(path)] == [at for at, _, _ in blocks(codec)]
    with av.open(str(path)) as source:
        assert source.duration == (blocks(codec)[-1][0] + 20) * 1000
        decoded = sum(1 for _ in source.decode(source.streams[0]))
        assert decoded >= len(blocks(codec)) - 1
        if codec is not Codec.OPUS:
            assert (source.streams[0].width, source.streams[0].height) == SIZE


@pytest.mark.parametrize("codec", list(Codec))
def test_one_can_jump_in_a_finished_file(codec: Codec, tmp_path: Path) -> None:
    path = tmp_path / "a.mkv"
    write(path, codec)
    with av.open(str(path)) as source:
        source.seek(3_000_000)
        first = next(one for one in source.demux() if one.size)
        assert 3_000 - 2 * CLUSTER_MS - 600 <= float(first.pts * first.time_base) * 1000 <= 3_000


@pytest.mark.parametrize("codec", list(Codec))
def test_a_file_that_breaks_off_anywhere_plays_and_is_mended(codec: Codec, tmp_path: Path) -> None:
    path = tmp_path / "a.mkv"
    write(path, codec, finish=False)
    whole, data = packets(path), path.read_bytes()
    assert len(whole) == len(blocks(codec))
    for cut in (len(data), len(data) - 1, len(data) * 2 // 3, len(data) // 2 + 7, len(data) // 4 + 1):
        path.write_bytes(data[:cut])
        before = packets(path)
        until = mend_file(path, BEGAN)
        after = packets(path)
        assert after == whole[: len(after)] and len(after) >= len(before) - 1
        assert until == BEGAN + (after[-1][0] if after else 0)
        with av.open(str(path)) as source:
            assert source.duration == (until - BEGAN) * 1000 or not after[-1][0]


def test_a_file_without_one_whole_frame_is_taken_away(tmp_path: Path) -> None:
    path = tmp_path / "a.mkv"
    file = write(path, Codec.VP8, finish=False)
    data = path.read_bytes()
    for cut in (0, 5, file.place.end - 3, file.place.end, file.place.end + 16):
        path.write_bytes(data[:cut])
        assert mend_file(path, BEGAN) == BEGAN
        assert not path.exists()


def test_mending_twice_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "a.mkv"
    write(path, Codec.VP8, finish=False)
    mend_file(path, BEGAN)
    once = path.read_bytes()
    mend_file(path, BEGAN)
    assert packets(path) and path.read_bytes() == once
