"""Living workers: what is ended is forgotten."""

from __future__ import annotations

from pathlib import Path

from server.clock import HeldClock
from server.config import DocumentSettings
from server.documents.papers import VersionId
from server.documents.renderers import READER, Renderers
from tests.documents.house import pdf


async def test_of_a_worker_that_was_ended_nothing_is_remembered(tmp_path: Path) -> None:
    file = tmp_path / "a.pdf"
    file.write_bytes(pdf(pages=1))
    renderers = Renderers(DocumentSettings(work_folder=tmp_path / "work"), HeldClock(), keep=1)
    first, second = VersionId("first"), VersionId("second")
    for version in (first, second):
        async with renderers.using(version, file, READER):
            pass
    assert set(renderers._used) == {second}
    async with renderers.using(second, file, READER):
        await renderers.close()
    assert not renderers._used
