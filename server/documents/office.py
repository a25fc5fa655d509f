"""Office files become PDF by LibreOffice, one confined process and one fresh profile per file.

LibreOffice maps far more memory than it uses, so its resident memory is watched instead of RLIMIT_AS.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from server.documents.confine import Policy
from server.documents.kinds import Kind
from server.documents.sandbox import PYTHON_FILES, SYSTEM_FILES, Folder, run_watched
from server.errors import Refused, Unavailable

OFFICE_FILES = ["/etc/libreoffice", "/etc/passwd", "/etc/nsswitch.conf", "/var/cache/fontconfig", "/opt", "/proc/self"]
OFFICE_DEVICES = ["/dev/null", "/dev/shm"]  # noqa: S108 — LibreOffice keeps its shared memory there
FILTERS = {
    Kind.DOCX: "writer_pdf_Export",
    Kind.ODT: "writer_pdf_Export",
    Kind.XLSX: "calc_pdf_Export",
    Kind.ODS: "calc_pdf_Export",
    Kind.PPTX: "impress_pdf_Export",
    Kind.ODP: "impress_pdf_Export",
}
PROFILE = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="MacroSecurityLevel" oor:op="fuse">
<value>3</value></prop></item>
<item oor:path="/org.openoffice.Office.Common/Security/Scripting"><prop oor:name="DisableMacrosExecution" oor:op="fuse">
<value>true</value></prop></item>
<item oor:path="/org.openoffice.Office.Writer/Content/Update"><prop oor:name="Link" oor:op="fuse">
<value>0</value></prop></item>
<item oor:path="/org.openoffice.Office.Calc/Content/Update"><prop oor:name="Link" oor:op="fuse">
<value>1</value></prop></item>
</oor:items>
"""
"""No macros; links are never updated (Writer 0, Calc 1 mean "never")."""


class Office:
    """Converts one office file at a time per worker slot."""

    def __init__(self, program: str, work: Path, memory_mb: int, wall_s: float, slots: int = 1) -> None:
        self.program = program
        self.work = work
        self.memory_mb = memory_mb
        self.wall_s = wall_s
        self._slots = asyncio.Semaphore(slots)

    @property
    def available(self) -> bool:
        """Is LibreOffice there? Papers in PDF do not need it."""
        return shutil.which(self.program) is not None

    @asynccontextmanager
    async def converted(self, source: Path, kind: Kind) -> AsyncIterator[Path]:
        """The paper as PDF, until the `with` ends.

        Raises `Unavailable("paper.office_missing")`, or `Refused` with `paper.damaged`, `paper.took_too_long`,
        or `TooLarge("paper.too_heavy")`.
        """
        program = shutil.which(self.program)
        if program is None:
            raise Unavailable("paper.office_missing")
        async with self._slots:
            with Folder(self.work) as folder:
                yield await self._convert(program, folder, source, kind)

    async def _convert(self, program: str, folder: Path, source: Path, kind: Kind) -> Path:
        paper = folder / f"paper.{kind}"
        await asyncio.to_thread(_lay_out, folder, source, paper)
        command = [
            program,
            f"-env:UserInstallation={(folder / 'profile').as_uri()}",
            "--headless",
            "--norestore",
            "--nolockcheck",
            "--convert-to",
            f"pdf:{FILTERS[kind]}",
            "--outdir",
            str(folder),
            str(paper),
        ]
        await run_watched(folder, self._policy(folder), command, self.memory_mb, self.wall_s)
        made = folder / "paper.pdf"
        if not made.exists() or made.stat().st_size == 0:
            raise Refused("paper.damaged")
        return made

    def _policy(self, folder: Path) -> Policy:
        return Policy(
            read=[*PYTHON_FILES, *SYSTEM_FILES, *OFFICE_FILES],
            write=[str(folder), *OFFICE_DEVICES],
            cpu_s=int(self.wall_s) + 1,
            descriptors=512,
            programs=True,
        )


def _lay_out(folder: Path, source: Path, paper: Path) -> None:
    settings = folder / "profile" / "user"
    settings.mkdir(parents=True)
    (settings / "registrymodifications.xcu").write_text(PROFILE, "utf-8")
    shutil.copyfile(source, paper)
