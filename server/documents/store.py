"""Papers, their versions, and the marks on them, as rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NewType

import msgspec
from sqlalchemy import BigInteger, Column, ForeignKey, Index, Integer, String, Table, Text, Update, select, update
from sqlalchemy.sql.expression import Executable

from server.blobs import Sha256
from server.db import Connection, Database, metadata
from server.documents.limits import PageSize
from server.documents.marks import CarriedMark, Mark, Origin
from server.documents.papers import UNFINISHED, Paper, PaperId, State, Version, VersionId
from server.errors import NotFound, Problem
from server.streams import StreamId, streams

papers = Table(
    "papers",
    metadata,
    Column("id", String(26), primary_key=True),
    Column("shelf", String(64), nullable=False, index=True),
    Column("name", String(200), nullable=False),
    Column("by", String(64), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("state", String(16), nullable=False, index=True),
    Column("code", String(64), nullable=False),
    Column("details", Text, nullable=False),
    Column("version", String(64), nullable=False),
    Column("incoming", String(64), nullable=False),
    Column("incoming_by", String(64), nullable=False),
)
paper_versions = Table(
    "paper_versions",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("paper", String(26), ForeignKey("papers.id"), nullable=False, index=True),
    Column("number", Integer, nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("by", String(64), nullable=False),
    Column("kind", String(8), nullable=False),
    Column("octets", BigInteger, nullable=False),
    Column("pages", Integer, nullable=False),
    Column("sizes", Text, nullable=False),
    Column("rendered", Integer, nullable=False),
    Column("original", String(64), nullable=False),
)
marks = Table(
    "marks",
    metadata,
    Column("stream", String(120), primary_key=True),
    Column("id", String(64), primary_key=True),
    Column("page", Integer, nullable=False),
    Column("person", String(64), nullable=False),
    Column("at", BigInteger, nullable=False),
    Column("mark", Text, nullable=False),
    Column("erased_by", String(64), nullable=False),
    Index("ix_marks_stream_page", "stream", "page"),
)

Incoming = NewType("Incoming", tuple[Sha256, str])
"""The uploaded file that is being prepared, and who sent it."""


class PaperStore:
    """The rows of papers and versions. Every method is one transaction."""

    def __init__(self, db: Database) -> None:
        self.db = db

    async def add(self, paper: Paper, original: Sha256) -> None:
        """A new paper, with its first file still unprepared."""
        row = {
            "id": paper.id,
            "shelf": paper.shelf,
            "name": paper.name,
            "by": paper.by,
            "at": paper.at,
            "state": paper.state,
            "code": "",
            "details": "{}",
            "version": "",
            "incoming": original,
            "incoming_by": paper.by,
        }
        async with self.db.writing() as connection:
            await connection.execute(papers.insert().values(row))

    async def change(self, paper: PaperId, **columns: Any) -> None:
        """Write these columns of a paper."""
        async with self.db.writing() as connection:
            await connection.execute(update(papers).where(papers.c.id == paper).values(columns))

    async def refuse(self, paper: PaperId, original: Sha256, problem: Problem) -> None:
        """This upload was refused; a version published before stays, and so does a newer upload."""
        spelled = msgspec.json.encode(problem.details).decode()
        refused = {"state": State.REFUSED, "code": problem.code, "details": spelled, "incoming": ""}
        async with self.db.writing() as connection:
            await connection.execute(_while_newest(paper, original).values(refused))

    async def publish(self, paper: PaperId, version: Version, original: Sha256) -> None:
        """The version is what people read from now on; a newer upload that has come meanwhile stays to be prepared.

        `NotFound("paper.unknown")` when the paper was removed meanwhile.
        """
        async with self.db.writing() as connection:
            there = select(papers.c.id).where(papers.c.id == paper).with_for_update()
            if (await connection.execute(there)).first() is None:
                raise NotFound("paper.unknown")
            known = await connection.execute(select(paper_versions.c.id).where(paper_versions.c.paper == paper))
            numbered = msgspec.structs.replace(version, number=len(known.all()) + 1)
            row = {
                "id": version.id,
                "paper": paper,
                "number": numbered.number,
                "at": version.at,
                "by": version.by,
                "kind": version.kind,
                "octets": version.octets,
                "pages": version.pages,
                "sizes": msgspec.json.encode(version.sizes).decode(),
                "rendered": version.rendered,
                "original": original,
            }
            await connection.execute(self.db.insert_or_ignore(paper_versions, [row]))
            await connection.execute(update(papers).where(papers.c.id == paper).values(version=version.id))
            done = {"state": State.READY, "code": "", "details": "{}", "incoming": ""}
            await connection.execute(_while_newest(paper, original).values(done))

    async def count_rendered(self, version: VersionId, pages: int) -> None:
        """That many pages of the version have their image."""
        async with self.db.writing() as connection:
            counted = update(paper_versions).where(paper_versions.c.id == version).values(rendered=pages)
            await connection.execute(counted)

    async def paper(self, paper: PaperId) -> tuple[Paper, Incoming] | None:
        """The paper and its file in preparation (an empty name when there is none)."""
        found = await self._papers(papers.c.id == paper)
        return found[0] if found else None

    async def on_shelf(self, shelf: str) -> list[Paper]:
        """All papers of a shelf, oldest first."""
        return [paper for paper, _ in await self._papers(papers.c.shelf == shelf)]

    async def unfinished(self) -> list[Paper]:
        """Papers whose preparation or rendering was interrupted."""
        behind = select(paper_versions.c.id).where(paper_versions.c.rendered < paper_versions.c.pages)
        wanted = papers.c.state.in_([*UNFINISHED]) | papers.c.version.in_(behind)
        return [paper for paper, _ in await self._papers(wanted)]

    async def waiting(self) -> list[PaperId]:
        """Papers with an upload that is not prepared yet."""
        async with self.db.reading() as connection:
            found = await connection.execute(select(papers.c.id).where(papers.c.incoming != ""))
            return [PaperId(paper) for paper in found.scalars()]

    async def uses_file(self, file: Sha256) -> bool:
        """Is this file still needed by any paper: as an original, or because it is what people read?"""
        same = (paper_versions.c.original == file) | (paper_versions.c.id == file)
        needed = select(paper_versions.c.id).where(same)
        coming = select(papers.c.id).where(papers.c.incoming == file)
        async with self.db.reading() as connection:
            found = [(await connection.execute(each.limit(1))).first() for each in (needed, coming)]
        return any(row is not None for row in found)

    async def version(self, version: VersionId) -> tuple[PaperId, Version, Sha256] | None:
        """A version with its paper and its original file."""
        async with self.db.reading() as connection:
            found = await connection.execute(select(paper_versions).where(paper_versions.c.id == version))
            row = found.first()
        return None if row is None else (PaperId(row.paper), _version(row), Sha256(row.original))

    async def siblings(self, version: VersionId) -> tuple[VersionId | None, list[VersionId]]:
        """The version people read now of the paper this one belongs to, and all others, oldest first."""
        paper = select(paper_versions.c.paper).where(paper_versions.c.id == version).scalar_subquery()
        wanted = select(paper_versions.c.id, papers.c.version).join(papers, papers.c.id == paper_versions.c.paper)
        async with self.db.reading() as connection:
            found = await connection.execute(wanted.where(papers.c.id == paper).order_by(paper_versions.c.number))
            rows = found.all()
        return (rows[0].version or None) if rows else None, [row.id for row in rows if row.id != row.version]

    async def _papers(self, wanted: Any) -> list[tuple[Paper, Incoming]]:
        async with self.db.reading() as connection:
            rows = (await connection.execute(select(papers).where(wanted).order_by(papers.c.id))).all()
            ids = {row.version for row in rows if row.version}
            found = await connection.execute(select(paper_versions).where(paper_versions.c.id.in_(ids)))
            versions = {row.id: _version(row) for row in found}
        return [(_paper(row, versions.get(row.version)), _incoming(row)) for row in rows]


def _while_newest(paper: PaperId, original: Sha256) -> Update:
    """Changes a paper as long as no newer upload has taken the place of this one."""
    return update(papers).where((papers.c.id == paper) & (papers.c.incoming == original))


def _paper(row: Any, version: Version | None) -> Paper:
    details = msgspec.json.decode(row.details)
    state = State(row.state)
    return Paper(PaperId(row.id), row.shelf, row.name, row.by, row.at, state, row.code, details, version)


def _incoming(row: Any) -> Incoming:
    return Incoming((Sha256(row.incoming), row.incoming_by))


def _version(row: Any) -> Version:
    sizes = msgspec.json.decode(row.sizes, type=tuple[PageSize, ...])
    return Version(VersionId(row.id), row.number, row.at, row.by, row.kind, row.octets, sizes, row.rendered)


class DrawnMark(msgspec.Struct, frozen=True):
    """A mark with who drew it and when, and where it comes from when it was carried over."""

    mark: Mark
    by: str
    at: int
    erased_by: str = ""
    origin: Origin | None = None


class MarkStore:
    """The rows of marks: the streams' events folded, written in the same transactions as the events."""

    def __init__(self, db: Database) -> None:
        self.db = db

    async def find(self, connection: Connection, stream: StreamId, mark: str) -> DrawnMark | None:
        """This mark, erased or not."""
        rows = await connection.execute(select(marks).where(marks.c.stream == stream, marks.c.id == mark))
        row = rows.first()
        return None if row is None else _drawn(row)

    async def ids(self, connection: Connection, stream: StreamId) -> dict[str, str]:
        """All marks of the stream, and who erased them: empty for those to be seen."""
        rows = await connection.execute(select(marks.c.id, marks.c.erased_by).where(marks.c.stream == stream))
        return {row.id: row.erased_by for row in rows}

    def adding(self, stream: StreamId, drawn: DrawnMark) -> Executable:
        """The statement that adds a mark."""
        kept = CarriedMark(drawn.mark, drawn.origin) if drawn.origin else drawn.mark
        row = {
            "stream": stream,
            "id": drawn.mark.id,
            "page": drawn.mark.page,
            "person": drawn.by,
            "at": drawn.at,
            "mark": msgspec.json.encode(kept).decode(),
            "erased_by": "",
        }
        return marks.insert().values(row)

    def erasing(self, stream: StreamId, mark: str, by: str) -> Executable:
        """The statement that puts a tombstone on a mark."""
        return update(marks).where(marks.c.stream == stream, marks.c.id == mark).values(erased_by=by)

    async def visible(self, stream: StreamId) -> tuple[int, list[DrawnMark]]:
        """The stream's version, and its marks without the erased ones, in the order they were drawn.

        The version is read first: marks that come in between are in the events after it too, and merging twice is fine.
        """
        version = (await self.heads([stream])).get(stream, 0)
        return version, await self._rows(marks.c.stream == stream, marks.c.erased_by == "")

    async def everything(self, stream: StreamId) -> list[DrawnMark]:
        """All marks of the stream, erased ones too, in the order they were drawn."""
        return await self._rows(marks.c.stream == stream)

    async def _rows(self, *wanted: Any) -> list[DrawnMark]:
        async with self.db.reading() as connection:
            rows = await connection.execute(select(marks).where(*wanted).order_by(marks.c.at, marks.c.id))
            return [_drawn(row) for row in rows]

    async def heads(self, wanted: Sequence[StreamId]) -> dict[StreamId, int]:
        """How far these streams have come; those in which nothing has happened are left out."""
        found = select(streams.c.stream, streams.c.version).where(streams.c.stream.in_(wanted))
        async with self.db.reading() as connection:
            rows = await connection.execute(found)
            return {StreamId(row.stream): row.version for row in rows if row.version}


def _drawn(row: Any) -> DrawnMark:
    kept = msgspec.json.decode(row.mark, type=Mark | CarriedMark)
    mark, origin = (kept.mark, kept.origin) if isinstance(kept, CarriedMark) else (kept, None)
    return DrawnMark(mark, row.person, row.at, row.erased_by, origin)
