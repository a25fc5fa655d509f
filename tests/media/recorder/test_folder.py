"""The folder: its index survives what kills its writer."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.errors import NotFound
from server.media.recorder.folder import Folder, folder_of
from server.media.recorder.index import INDEX, Began, Ended, Seated, read, write
from server.media.recorder.track import Start
from server.media.rtp import Codec
from tests.media.recorder.coded import sounds
from tests.media.recorder.test_track import T0


def opened(path: Path) -> Folder:
    folder = Folder(path)
    folder.open()
    return folder


def test_what_was_finished_is_known_with_its_moments(tmp_path: Path) -> None:
    folder = opened(tmp_path / "m")
    folder.append(Began(T0))
    piece = folder.begin(Start("voice0", Codec.OPUS, T0, (0, 0), b""))
    for index in range(50):
        piece.write(T0 + 20 * index, sounds()[index], True)
    piece.end(T0 + 1_000)
    folder.append(Ended(T0 + 1_100, "paused"))
    recorded = folder.recorded()
    assert [(one.began_at, one.ended_at, one.why) for one in recorded.stretches] == [(T0, T0 + 1_100, "paused")]
    assert [(one.track, one.began_at, one.ended_at) for one in recorded.segments] == [("voice0", T0, T0 + 1_000)]
    assert folder.octets == sum(one.stat().st_size for one in folder.path.iterdir() if one.name != INDEX)


def test_a_recorder_that_died_leaves_a_gap_and_files_that_play(tmp_path: Path) -> None:
    folder = opened(tmp_path / "m")
    folder.append(Began(T0))
    piece = folder.begin(Start("voice0", Codec.OPUS, T0, (0, 0), b""))
    for index in range(50):
        piece.write(T0 + 20 * index, sounds()[index], True)
    with (folder.path / INDEX).open("ab") as torn:
        torn.write(b'{"line":"ended","at":17')
    again = opened(tmp_path / "m")
    recorded = again.recorded()
    assert recorded.open == []
    assert recorded.segments[0].ended_at == T0 + 980
    assert recorded.stretches[-1].why == "broken" and recorded.stretches[-1].ended_at == T0 + 980
    again.append(Began(T0 + 9_000))
    assert len(again.recorded().stretches) == 2


def test_lines_that_say_nothing_are_left_out() -> None:
    seated = Seated(5, "a", "", ("a", "", ""))
    recorded = read([b"", b"{}", b"[1]", write(Began(1)), b"\xff", write(seated), write(Began(7))])
    assert recorded.seats == (seated,)
    assert [(one.began_at, one.ended_at, one.why) for one in recorded.stretches] == [(1, 7, "broken"), (7, 0, "")]


def test_a_second_file_of_the_same_moment_has_a_name_of_its_own(tmp_path: Path) -> None:
    folder = opened(tmp_path / "m")
    start = Start("picture", Codec.H264, T0, (16, 16), b"\x01")
    folder.begin(start)
    folder.begin(start)
    assert len({one.file for one in folder.recorded().segments}) == 2


@pytest.mark.parametrize("name", ["", "..", "../x", "a/b", ".hidden", "a" * 65, "ă", "a\n"])
def test_what_is_no_name_of_a_conference_has_no_folder(name: str, tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        folder_of(tmp_path, name)
