"""The folder: its index survives what kills its writer."""

from __future__ import annotations

from pathlib import Path

import pytest

from server.config import RecordingSettings
from server.errors import NotFound
from server.media.recorder import archive
from server.media.recorder.filming import Films
from server.media.recorder.folder import Folder, folder_of
from server.media.recorder.index import INDEX, Began, Ended, Seated, read, write
from server.media.recorder.plan import STATUS
from server.media.recorder.process import mend_all
from server.media.recorder.track import Start
from server.media.rtp import Codec
from tests.media.recorder.coded import spoken
from tests.media.recorder.test_track import T0


def opened(path: Path) -> Folder:
    folder = Folder(path)
    folder.open()
    return folder


def test_what_was_finished_is_known_with_its_moments(tmp_path: Path) -> None:
    folder = opened(tmp_path / "m")
    folder.append(Began(T0))
    spoken(folder, T0).end(T0 + 1_000)
    folder.append(Ended(T0 + 1_100, "paused"))
    recorded = folder.recorded()
    assert [(one.began_at, one.ended_at, one.why) for one in recorded.stretches] == [(T0, T0 + 1_100, "paused")]
    assert [(one.track, one.began_at, one.ended_at) for one in recorded.segments] == [("voice0", T0, T0 + 1_000)]
    assert folder.octets == sum(one.stat().st_size for one in folder.path.iterdir() if one.name != INDEX)


def test_a_recorder_that_died_leaves_a_gap_and_files_that_play(tmp_path: Path) -> None:
    folder = opened(tmp_path / "m")
    folder.append(Began(T0))
    spoken(folder, T0)
    with (folder.path / INDEX).open("ab") as torn:
        torn.write(b'{"line":"ended","at":17')
    again = opened(tmp_path / "m")
    recorded = again.recorded()
    assert recorded.open == []
    assert recorded.segments[0].ended_at == T0 + 980
    assert recorded.stretches[-1].why == "broken" and recorded.stretches[-1].ended_at == T0 + 980
    again.append(Began(T0 + 9_000))
    assert len(again.recorded().stretches) == 2


@pytest.mark.parametrize("bad", [b'{"line":"seated","at":5,"picture":"\xff"}', b'{"x":' + b"[" * 100_000])
async def test_what_a_disk_damaged_keeps_no_recorder_from_starting(bad: bytes, tmp_path: Path) -> None:
    for name in ("a", "b", "c"):
        opened(tmp_path / name).append(Began(T0))
    with (tmp_path / "b" / INDEX).open("ab") as index:
        index.write(bad + b"\n")
    (tmp_path / "b" / STATUS).write_bytes(bad)
    mend_all(tmp_path)
    await Films(RecordingSettings(folder=tmp_path), print).resume()
    assert [archive.look(tmp_path, name).recorded.stretches[0].why for name in "abc"] == ["broken"] * 3


def test_whatever_cannot_be_mended_is_left_and_the_others_are_mended(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("a", "b"):
        opened(tmp_path / name).append(Began(T0))
    honest = Folder.mend
    monkeypatch.setattr(Folder, "mend", lambda one: 1 / 0 if one.path.name == "a" else honest(one))
    mend_all(tmp_path)
    assert Folder(tmp_path / "b").recorded().stretches[-1].why == "broken"


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


@pytest.mark.parametrize("name", ["m-1", "-7kX", "_", ".", "..", ".hidden", "họp".encode().hex(), "a:b.c"])
def test_every_name_of_a_meeting_has_a_folder_of_its_own_right_here(name: str, tmp_path: Path) -> None:
    folder = folder_of(tmp_path, name)
    opened(folder).append(Began(T0))
    assert [one.name for one in tmp_path.iterdir()] == [folder.name]
    assert folder.name[0] not in ".-" and archive.older_than(tmp_path, 1 << 60) == [name]


@pytest.mark.parametrize("name", ["", "../x", "a/b", "=a", "a" * 65, "ă", "a\n"])
def test_what_is_no_name_of_a_conference_has_no_folder(name: str, tmp_path: Path) -> None:
    with pytest.raises(NotFound):
        folder_of(tmp_path, name)
