"""What of somebody's own papers stands in the database, and how it is taken out again."""

from __future__ import annotations

import msgspec
from sqlalchemy import delete, select

from server.blobs import Sha256
from server.db import Connection, Database
from server.documents.papers import PaperId, VersionId
from server.documents.store import marks, paper_versions, papers
from server.streams import stream_events, streams


class Removed(msgspec.Struct, frozen=True):
    """What a paper leaves behind on the disk when its rows are gone."""

    originals: list[Sha256]
    versions: list[VersionId]


class FolderStore:
    """The rows of a shelf that is somebody's own. Every method is one transaction."""

    def __init__(self, db: Database) -> None:
        self.db = db

    async def originals(self, shelf: str) -> list[Sha256]:
        """The uploaded files that papers of this shelf need, one for each paper that needs it."""
        drawn = select(paper_versions.c.original).join(papers, papers.c.id == paper_versions.c.paper)
        coming = select(papers.c.incoming).where(papers.c.shelf == shelf, papers.c.incoming != "")
        async with self.db.reading() as connection:
            rows = [await connection.execute(each) for each in (drawn.where(papers.c.shelf == shelf), coming)]
            return [Sha256(file) for found in rows for file in found.scalars()]

    async def remove(self, paper: PaperId, owner: str) -> Removed:
        """Take the paper out, with its versions and the ink the owner has on them. It was nobody else's to draw on."""
        async with self.db.writing() as connection:
            removed = await _left_by(connection, paper)
            own = [f"ink:{version}:{owner}" for version in removed.versions]
            for table in (marks, stream_events, streams):
                await connection.execute(delete(table).where(table.c.stream.in_(own)))
            await connection.execute(delete(paper_versions).where(paper_versions.c.paper == paper))
            await connection.execute(delete(papers).where(papers.c.id == paper))
        return removed


async def _left_by(connection: Connection, paper: PaperId) -> Removed:
    # Locked: a version that is being published now is there before, or is told that its paper is gone.
    locked = select(papers.c.incoming).where(papers.c.id == paper).with_for_update()
    coming = [Sha256(file) for file in (await connection.execute(locked)).scalars() if file]
    known = select(paper_versions.c.id, paper_versions.c.original).where(paper_versions.c.paper == paper)
    versions = (await connection.execute(known)).all()
    return Removed([*coming, *(Sha256(row.original) for row in versions)], [VersionId(row.id) for row in versions])
