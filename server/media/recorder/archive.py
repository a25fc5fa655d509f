"""What is kept of a recording, for whoever looks at it or deletes it. Works in place: call it in a thread."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import msgspec

from server.clock import Millis
from server.errors import NotFound
from server.media.recorder.folder import conference_of, folder_of, recorded_in
from server.media.recorder.index import INDEX, Recorded
from server.media.recorder.plan import FILM, PLAN, STATUS, Plan
from server.media.recorder.words import Filming, FilmState

FILE = re.compile(r"(picture|screen|voice[0-2])-[0-9]{1,16}(-[0-9]{1,4})?\.(webm|mkv)\Z")
TYPES = {"webm": "video/webm", "mkv": "video/x-matroska", "mp4": "video/mp4"}


class Kept(msgspec.Struct, frozen=True):
    """A recording and its film. `octets` is the size of the film."""

    recorded: Recorded
    film: FilmState = ""
    percent: int = 0
    octets: int = 0


def look(root: Path, conference: str) -> Kept:
    """What is there of a conference. `NotFound("recording.none")` when nothing is."""
    folder = folder_of(root, conference)
    recorded = recorded_in(folder)
    if not recorded.stretches:
        raise NotFound("recording.none")
    status, film = folder / STATUS, folder / FILM
    try:
        known = msgspec.json.decode(status.read_bytes(), type=Filming)
    except (OSError, msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        known = Filming(conference, "")
    return Kept(recorded, known.state, known.percent, film.stat().st_size if film.is_file() else 0)


def file_of(root: Path, conference: str, name: str) -> tuple[Path, str]:
    """One file of a recording and its media type. `NotFound("recording.none")` for whatever else is asked."""
    path = folder_of(root, conference) / name
    if not (FILE.match(name) or name == FILM) or not path.is_file():
        raise NotFound("recording.none")
    kind = TYPES[name.rpartition(".")[2]]
    return path, kind.replace("video", "audio") if name.startswith("voice") else kind


def keep_plan(root: Path, conference: str, plan: Plan) -> None:
    """Lay down by what plan the film is to be made."""
    path = folder_of(root, conference) / PLAN
    written = path.with_suffix(".part")
    written.write_bytes(msgspec.json.encode(plan))
    written.replace(path)


def keep_page(root: Path, conference: str, name: str, image: Path) -> str:
    """Copy the image of a page beside the recording; its name there."""
    folder = folder_of(root, conference) / "pages"
    folder.mkdir(exist_ok=True, mode=0o700)
    if not (folder / name).is_file():
        shutil.copyfile(image, folder / name)
    return f"pages/{name}"


def delete(root: Path, conference: str) -> None:
    """Delete everything; what is not there any more is no error."""
    shutil.rmtree(folder_of(root, conference), ignore_errors=True)


def older_than(root: Path, moment: Millis) -> list[str]:
    """The conferences that have a recording of which nothing is younger than this moment."""
    return [conference_of(one.parent) for one in root.glob(f"*/{INDEX}") if one.stat().st_mtime * 1000 < moment]
