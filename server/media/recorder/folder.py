"""The folder of one recording: its index, its files, its film. Every write is in the kernel when the call returns."""

from __future__ import annotations

import os
import re
from pathlib import Path

from server.clock import Millis
from server.errors import NotFound
from server.media.recorder.index import INDEX, AnyLine, Ended, Recorded, SegmentBegan, SegmentEnded, read, write
from server.media.recorder.matroska import ENDINGS, File
from server.media.recorder.mending import survey
from server.media.recorder.track import Piece, Start

NAME = re.compile(r"[0-9A-Za-z:_.-]{1,64}\Z")
HIDDEN = "="
"""Before names that begin like an option, a hidden file or the way up; no name of a conference has it."""
INDEX_LIMIT = 64 * 1024 * 1024


def folder_of(root: Path, conference: str) -> Path:
    """Where a conference is recorded. `NotFound` for what is no name of one."""
    if not NAME.match(conference):
        raise NotFound("recording.none")
    return root / (conference if conference[0].isalnum() else HIDDEN + conference)


def conference_of(folder: Path) -> str:
    """What is recorded in a folder: the opposite of `folder_of`."""
    return folder.name.removeprefix(HIDDEN)


class SegmentFile:
    """A file that is being written."""

    def __init__(self, folder: Folder, name: str, start: Start) -> None:
        self.folder = folder
        self.name = name
        self.began_at = start.at
        self.file = File(start.codec, start.at, start.size, start.setup)
        self.handle = os.open(folder.path / name, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        self.length = 0
        self._put(self.file.head, -1)

    def write(self, at: Millis, data: bytes, key: bool) -> None:
        """One frame at that moment. Raises OSError, for instance when the disk is full."""
        for one in self.file.block(max(at - self.began_at, self.file.last), data, key):
            self._put(one.data, one.at)

    def end(self, at: Millis) -> None:
        """Its last frame ends at that moment; afterwards players can jump in it."""
        try:
            for one in self.file.finish(max(at - self.began_at, self.file.last)):
                self._put(one.data, one.at)
            os.fsync(self.handle)
        finally:
            os.close(self.handle)
        self.folder.append(SegmentEnded(max(at, self.began_at), self.name))

    def _put(self, data: bytes, at: int) -> None:
        place = self.length if at < 0 else at
        written = 0
        while written < len(data):
            written += os.pwrite(self.handle, data[written:], place + written)
        if at < 0:
            self.length += len(data)
        self.folder.octets += len(data) if at < 0 else 0


class Folder:
    """One recording on the disk."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.octets = 0

    def open(self) -> None:
        """Make the folder if need be, and whole what broke off in it."""
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.mend()
        self.octets = sum(one.stat().st_size for one in self.path.iterdir() if one.is_file())

    def recorded(self) -> Recorded:
        """What the index says."""
        return recorded_in(self.path)

    def append(self, line: AnyLine) -> None:
        """Add a line; it is on the disk when this returns."""
        handle = os.open(self.path / INDEX, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        try:
            size = os.fstat(handle).st_size
            # A line that broke off must not swallow the next one.
            torn = size > 0 and os.pread(handle, 1, size - 1) != b"\n"
            os.write(handle, (b"\n" if torn else b"") + write(line))
            os.fsync(handle)
        finally:
            os.close(handle)

    def begin(self, start: Start) -> Piece:
        """A new file, named after its track and its beginning."""
        name = f"{start.name}-{start.at}.{ENDINGS[start.codec]}"
        number = 1
        while (self.path / name).exists():
            number += 1
            name = f"{start.name}-{start.at}-{number}.{ENDINGS[start.codec]}"
        piece = SegmentFile(self, name, start)
        self.append(SegmentBegan(start.at, name, start.name, start.codec.name, *start.size))
        return piece

    def mend(self) -> None:
        """Finish the files that were never finished: their recorder died."""
        recorded = self.recorded()
        reached = max((one.ended_at for one in recorded.segments), default=0)
        for one in recorded.open:
            until = mend_file(self.path / one.file, one.began_at)
            self.append(SegmentEnded(until, one.file, mended=True))
            reached = max(reached, until)
        if recorded.stretches and not recorded.stretches[-1].ended_at:
            self.append(Ended(max(reached, recorded.stretches[-1].began_at), "broken"))


def mend_file(path: Path, began_at: Millis) -> Millis:
    """Make a broken file whole again; the moment up to which it reaches. A file without a whole block is deleted."""
    if not path.exists():
        return began_at
    with path.open("r+b") as handle:
        found = survey(handle, path.stat().st_size)
        if found is not None:
            handle.truncate(found.file.length)
            for one in found.file.finish(found.last):
                handle.seek(one.at) if one.at >= 0 else handle.seek(0, os.SEEK_END)
                handle.write(one.data)
    if found is None:
        path.unlink()
        return began_at
    return began_at + found.last


def recorded_in(path: Path) -> Recorded:
    """What a folder's index says; nothing where there is none."""
    index = path / INDEX
    if not index.is_file() or index.stat().st_size > INDEX_LIMIT:
        return Recorded()
    return read(index.read_bytes().split(b"\n"))
