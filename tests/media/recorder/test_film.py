"""The film: one MP4 of stage and page, in a process of its own; gaps are left out."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import av
import msgspec
import pytest
from PIL import Image

from server.config import RecordingSettings
from server.confine import environment
from server.media.recorder import plan, words
from server.media.recorder.filming import Films
from server.media.recorder.folder import Folder
from server.media.recorder.index import Began, Ended
from server.media.recorder.layout import Box, fitted, layout
from server.media.recorder.plan import FILM, PLAN, STATUS, CaptionFrom, PageFrom, Plan, page_at, parts_of
from server.media.recorder.track import Start
from server.media.recorder.voices import QUIET, mixed
from server.media.rtp import Codec
from tests.media.conftest import until
from tests.media.recorder.coded import SIZE, pictures, spoken
from tests.media.recorder.test_matroska import framed
from tests.media.recorder.test_track import T0


def stretch(folder: Folder, began: int, seconds: int, sound: bool) -> None:
    """So many seconds of picture, and of sound where there is some."""
    folder.append(Began(began))
    picture = folder.begin(Start("picture", Codec.VP8, began, SIZE, b""))
    for index, (data, key) in enumerate(list(framed(Codec.VP8, pictures("libvpx")))[: 25 * seconds]):
        picture.write(began + 40 * index, data, key)
    picture.end(began + 1_000 * seconds)
    if sound:
        spoken(folder, began, seconds).end(began + 1_000 * seconds)
    folder.append(Ended(began + 1_000 * seconds, "paused"))


@pytest.fixture
def recording(tmp_path: Path) -> Folder:
    """Two seconds with sound, a pause of an hour, one second without; a red page from the first second on."""
    folder = Folder(tmp_path / "m")
    folder.open()
    stretch(folder, T0, 2, sound=True)
    stretch(folder, T0 + 3_600_000, 1, sound=False)
    (folder.path / "pages").mkdir()
    Image.new("RGB", (600, 800), (200, 20, 20)).save(folder.path / "pages/p.webp")
    made = Plan(
        "Phiên họp thường kỳ",
        (PageFrom(T0 + 1_000, "pages/p.webp"),),
        (CaptionFrom(T0, "1. Báo cáo", "Lưu Thị Bích Thảo"),),
    )
    (folder.path / PLAN).write_bytes(msgspec.json.encode(made))
    return folder


async def test_a_film_shows_stage_then_page_and_stage_and_has_the_sound(recording: Folder) -> None:
    told: list[words.Filming] = []
    films = Films(RecordingSettings(folder=recording.path.parent), told.append)
    await films.want(words.WantFilm("m", True))
    await until(lambda: told and told[-1].state in ("done", "failed"), limit_s=90)
    assert told[-1].state == "done" and told[0].state == "waiting"
    percents = [one.percent for one in told if one.state == "working"]
    assert percents == sorted(percents) and len(percents) > 3
    with av.open(str(recording.path / FILM)) as film:
        images = [one.to_image() for one in film.decode(video=0)]
    with av.open(str(recording.path / FILM)) as film:
        loud = [max(map(abs, memoryview(bytes(one.planes[0])).cast("f"))) > 0.05 for one in film.decode(audio=0)]
        assert 2.8 <= film.duration / 1e6 <= 3.3, "the pause is not in it"
    assert len(images) == 36 and images[0].size == (1280, 720)
    assert _red(images[20].getpixel((448, 360))) and not _red(images[5].getpixel((448, 360)))
    assert not _red(images[5].getpixel((640, 300))), "alone, the stage fills the picture"
    assert sum(images[20].getpixel((1_088, 108))) > 150, "beside the page, the stage is small"
    assert sum(loud) / len(loud) == pytest.approx(2 / 3, abs=0.12)
    assert not (recording.path / "film.mp4.part").exists()


def _red(pixel: tuple[int, int, int]) -> bool:
    return pixel[0] > 150 and pixel[1] < 80


async def test_a_film_that_is_no_longer_wanted_is_stopped_and_leaves_nothing(recording: Folder) -> None:
    stretch(recording, T0 + 9_000_000, 3, sound=True)
    told: list[words.Filming] = []
    films = Films(RecordingSettings(folder=recording.path.parent), told.append)
    await films.want(words.WantFilm("m", True))
    await until(lambda: any(one.percent for one in told))
    await films.want(words.WantFilm("m", False))
    await until(lambda: films.current == "")
    assert told[-1].state == ""
    assert not {FILM, "film.mp4.part", STATUS} & {one.name for one in recording.path.iterdir()}


async def test_a_film_begun_by_a_recorder_that_died_is_made_by_the_next(recording: Folder) -> None:
    (recording.path / STATUS).write_bytes(msgspec.json.encode(words.Filming("m", "working", 40)))
    told: list[words.Filming] = []
    films = Films(RecordingSettings(folder=recording.path.parent), told.append)
    await films.resume()
    await until(lambda: told and told[-1].state == "done", limit_s=90)
    assert (recording.path / FILM).is_file()


async def test_what_cannot_be_filmed_is_told(tmp_path: Path) -> None:
    folder = Folder(tmp_path / "m")
    folder.open()
    (folder.path / PLAN).write_bytes(msgspec.json.encode(Plan("Không có gì")))
    told: list[words.Filming] = []
    films = Films(RecordingSettings(folder=tmp_path), told.append)
    await films.want(words.WantFilm("m", True))
    await until(lambda: told and told[-1].state == "failed")
    await films.want(words.WantFilm("..", True))
    assert told[-1].conference == "m"


async def test_closing_waits_for_no_film(recording: Folder) -> None:
    films = Films(RecordingSettings(folder=recording.path.parent), lambda _: None)
    await films.want(words.WantFilm("m", True))
    await until(lambda: films.child is not None)
    await films.close()
    child = films.child
    assert child is not None
    await asyncio.wait_for(child.wait(), 60)
    assert msgspec.json.decode((recording.path / STATUS).read_bytes())["state"] == "working", "the next process goes on"


def test_gaps_are_left_out_of_a_film(recording: Folder) -> None:
    parts = parts_of(recording.recorded())
    assert [(one.began_at - T0, one.offset) for one in parts] == [(0, 0), (3_600_000, 2_000)]
    made = plan.Plan("", (PageFrom(5, "a"), PageFrom(9, "")))
    assert [page_at(made, moment) for moment in (4, 5, 8, 9)] == ["", "a", "a", ""]


def test_everything_has_its_place_in_the_picture() -> None:
    for height in (720, 1080):
        beside = layout(height, True)
        assert beside.paper is not None and beside.paper.width + beside.stage.width == height * 16 // 9
        assert beside.words.y >= beside.stage.height and beside.words.y + beside.words.height <= height
    assert fitted((160, 90), Box(0, 0, 320, 320)) == Box(0, 70, 320, 180)
    assert fitted((0, 0), Box(0, 0, 9, 9)).width >= 2


def test_voices_are_added_and_never_overflow() -> None:
    loud = type(QUIET)("h", [30_000] * len(QUIET))
    assert mixed([QUIET, QUIET]) is QUIET and mixed([loud, QUIET]) is loud
    assert set(mixed([loud, loud])) == {32_767}


INSIDE = """
import json, os, socket, sys
from pathlib import Path
from server.media.recorder import film
folder, secret = Path(sys.argv[1]), Path(sys.argv[2])
missing = film.lock_in(folder)

def tried(action):
    try:
        action()
    except OSError as error:
        return type(error).__name__
    return "done"

print(json.dumps({
    "missing": missing,
    "environment": sorted(os.environ),
    "film": tried(lambda: (folder / "x").write_text("x")),
    "secret": tried(secret.read_text),
    "network": tried(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM)),
    "program": tried(lambda: os.posix_spawn("/bin/true", ["true"], {})),
}))
"""


async def test_whoever_breaks_out_of_a_decoder_finds_neither_network_nor_our_files(
    recording: Folder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a film is made of was sent by people: its process may write into its folder and do little else."""
    secret = tmp_path / "secret"
    secret.write_text("x", "utf-8")
    monkeypatch.setenv("HOPSO_MEDIA__TURN_SECRET", "x")
    child = await asyncio.create_subprocess_exec(
        sys.executable, "-c", INSIDE, str(recording.path), str(secret),
        stdout=asyncio.subprocess.PIPE, env=environment(recording.path),
    )  # fmt: skip
    told, _ = await child.communicate()
    found = json.loads(told)
    assert found["film"] == "done" and "HOPSO_MEDIA__TURN_SECRET" not in found["environment"]
    assert found["secret"] != "done" or "landlock" in found["missing"]
    assert (found["network"] != "done" and found["program"] != "done") or "seccomp" in found["missing"]
