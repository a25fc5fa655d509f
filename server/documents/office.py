"""Office files become PDF by LibreOffice, one confined process and one fresh profile per file."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from server.documents.kinds import Kind
from server.documents.sandbox import Limits, Session
from server.documents.worker_files import CONVERTED_FILE
from server.errors import Unavailable

OFFICE_FILES = (
    "/etc/libreoffice",
    "/var/cache/fontconfig",
    "/var/lib/libreoffice",
    "/var/spool/libreoffice",
    "/etc/passwd",
)


class Office:
    """Converts one office file at a time per worker slot."""

    def __init__(self, program: str, work: Path, memory_mb: int, wall_s: int, slots: int = 1) -> None:
        self.program = program
        self.work = work
        self.memory_mb = memory_mb
        self.wall_s = wall_s
        self._slots = asyncio.Semaphore(slots)

    @property
    def program_folder(self) -> Path | None:
        """Where LibreOffice is installed, or None. Papers in PDF do not need it."""
        found = shutil.which(self.program)
        return None if found is None else Path(found).resolve().parent

    @asynccontextmanager
    async def converted(self, source: Path, kind: Kind) -> AsyncIterator[Path]:
        """The paper as PDF, until the `with` ends.

        Raises `Unavailable("paper.office_missing")`, or `Refused` with `paper.damaged`, `paper.took_too_long`,
        or `TooLarge("paper.too_heavy")`.
        """
        folder = self.program_folder
        if folder is None:
            raise Unavailable("paper.office_missing")
        reads = (*OFFICE_FILES, str(folder.parent))
        limits = Limits(self.memory_mb, self.wall_s + 1, maps_much=True, reads=reads, descriptors=512)
        async with self._slots:
            session = await Session.open(self.work, source, limits)
            try:
                await session.ask("convert", self.wall_s, program_folder=str(folder), kind=kind)
                yield session.folder / CONVERTED_FILE
            finally:
                await asyncio.shield(session.close())
