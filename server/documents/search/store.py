"""The words of all papers' pages as rows, and their index: SQLite's FTS5, or `tsvector` with GIN in PostgreSQL.

The index lies in `page_index`, in each database in its own way, and is known to this file and its migration alone. It
holds both forms of each word, nothing else. In FTS5 a row is numbered by its version and its page together.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec
from sqlalchemy import Column, Integer, Select, String, Table, Text, delete, event, func, select, text, update

from server.db import Connection, Database, metadata
from server.documents.owners import OWN
from server.documents.papers import PaperId, VersionId
from server.documents.search.query import Query, bare, spelled, words
from server.documents.store import paper_versions, papers

read_versions = Table(
    "read_versions",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=True),
    Column("version", String(64), nullable=False, unique=True),
    Column("pages", Integer, nullable=False),
)
"""Versions whose words are kept, and of how many of their pages, counted from the first."""
page_words = Table(
    "page_words",
    metadata,
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("page", Integer, primary_key=True, autoincrement=False),
    Column("words", Text, nullable=False),
)
"""The words as they are shown."""

INDEX = {
    "sqlite": (
        "CREATE VIRTUAL TABLE page_index "
        "USING fts5(bare, spelled, content='', tokenize='unicode61 remove_diacritics 0')",
    ),
    "postgresql": (
        "CREATE TABLE page_index (number INTEGER NOT NULL, page INTEGER NOT NULL, bare TSVECTOR NOT NULL, "
        "spelled TSVECTOR NOT NULL, CONSTRAINT pk_page_index PRIMARY KEY (number, page))",
        "CREATE INDEX ix_page_index_bare ON page_index USING gin (bare)",
        "CREATE INDEX ix_page_index_spelled ON page_index USING gin (spelled)",
    ),
}


@event.listens_for(page_words, "after_create")
def _make_index(_table: Table, connection: Any, **_: Any) -> None:
    """For databases that are made at once; all others got it by the migration."""
    for statement in INDEX[connection.dialect.name]:
        connection.execute(text(statement))


@event.listens_for(page_words, "before_drop")
def _drop_index(_table: Table, connection: Any, **_: Any) -> None:
    """With the words goes what they are found by."""
    connection.execute(text("DROP TABLE IF EXISTS page_index"))


PAGE_BITS = 16
"""A paper has fewer pages than this many bits can count."""
LAST_POSITION = 16_383
"""PostgreSQL counts no further within a text: later words are there, but follow no other."""
Page = tuple[int, str]
"""A page's number and its words."""


class Unread(msgspec.Struct, frozen=True):
    """A version whose words are not all kept yet."""

    paper: PaperId
    version: VersionId
    read: int
    """Pages that are."""
    pages: int


class Matching(msgspec.Struct, frozen=True):
    """A version on whose pages everything stands that was looked for."""

    version: VersionId
    shelf: str
    paper: PaperId
    pages: int


class WordStore:
    """The rows. Every method is one transaction, and none takes long while it writes."""

    def __init__(self, db: Database) -> None:
        self.db = db
        self._index: _Index = _Fts5() if db.is_sqlite else _Vectors()

    async def unread(self) -> Unread | None:
        """The newest paper whose words are not all kept; of each paper, only the version people read now counts.

        What people keep for themselves is no paper of a meeting: of that no words are kept.
        """
        here = read_versions.c.version == paper_versions.c.id
        read = func.coalesce(read_versions.c.pages, 0)
        wanted = (
            select(papers.c.id, papers.c.version, read, paper_versions.c.pages)
            .join(paper_versions, paper_versions.c.id == papers.c.version)
            .outerjoin(read_versions, here)
            .where(read < paper_versions.c.pages, ~papers.c.shelf.startswith(OWN))
            .order_by(paper_versions.c.at.desc(), papers.c.id)
        )
        async with self.db.reading() as connection:
            found = (await connection.execute(wanted.limit(1))).first()
        return None if found is None else Unread(PaperId(found[0]), VersionId(found[1]), found[2], found[3])

    async def keep(self, version: VersionId, pages: Sequence[Page]) -> None:
        """Keep the words of these pages, which follow those kept before; nothing where somebody else was quicker."""
        known = select(read_versions).where(read_versions.c.version == version)
        async with self.db.writing() as connection:
            if (await connection.execute(known)).first() is None:
                await connection.execute(read_versions.insert().values(version=version, pages=0))
            row = (await connection.execute(known)).one()
            if row.pages != pages[0][0] - 1:
                return
            rows = [{"number": row.number, "page": page, "words": said} for page, said in pages]
            await connection.execute(page_words.insert().values(rows))
            await self._index.add(connection, row.number, pages)
            counted = update(read_versions).where(read_versions.c.number == row.number).values(pages=pages[-1][0])
            await connection.execute(counted)

    async def has_left(self) -> bool:
        """Whether words are kept of a version that nobody reads any more."""
        async with self.db.reading() as connection:
            return (await connection.execute(_left())).first() is not None

    async def forget_one(self, most: int) -> bool:
        """Forget so many pages of a version that nobody reads any more; False when there is none."""
        async with self.db.writing() as connection:
            row = (await connection.execute(_left())).first()
            if row is None:
                return False
            first = max(0, row.pages - most)
            here = (page_words.c.number == row.number) & (page_words.c.page > first)
            kept = await connection.execute(select(page_words.c.page, page_words.c.words).where(here))
            await self._index.remove(connection, row.number, [(one.page, one.words) for one in kept])
            await connection.execute(delete(page_words).where(here))
            same = read_versions.c.number == row.number
            fewer = (
                update(read_versions).where(same).values(pages=first) if first else delete(read_versions).where(same)
            )
            await connection.execute(fewer)
            return True

    async def matching(self, query: Query) -> list[Matching]:
        """All versions with pages on which everything stands, however many; whose they are is for others to judge."""
        condition, values = self._index.asked(query)
        counted = COUNTED.format(number=self._index.number, condition=condition)
        async with self.db.reading() as connection:
            if self._index.setting:
                await connection.execute(text(self._index.setting))
            rows = await connection.execute(text(counted), values)
            return [Matching(VersionId(r.version), r.shelf, PaperId(r.id), r.pages) for r in rows]

    async def pages(self, version: VersionId, query: Query, window: tuple[int, int]) -> list[Page]:
        """Pages of one version on which everything stands, with their words, first to last: `window` skips so many, and
        takes at most so many."""
        condition, values = self._index.asked(query)
        listed = LISTED.format(page=self._index.page, condition=f"{condition} AND {self._index.within}")
        number = select(read_versions.c.number).where(read_versions.c.version == version)
        async with self.db.reading() as connection:
            here = (await connection.execute(number)).scalar() or 0
            place = {"number": here, "first": here << PAGE_BITS, "after": (here + 1) << PAGE_BITS}
            rows = await connection.execute(text(listed), values | place | {"skip": window[0], "take": window[1]})
            return [(row.page, row.words) for row in rows]


def _left() -> Select[Any]:
    now = select(papers.c.version)
    return select(read_versions).where(read_versions.c.version.not_in(now)).limit(1)


COUNTED = """
    SELECT papers.id, papers.shelf, papers.version, found.pages
    FROM (SELECT {number} AS number, count(*) AS pages FROM page_index WHERE {condition} GROUP BY 1) AS found
    JOIN read_versions ON read_versions.number = found.number
    JOIN papers ON papers.version = read_versions.version
"""
LISTED = """
    SELECT page_words.page, page_words.words
    FROM (SELECT {page} AS page FROM page_index WHERE {condition} ORDER BY 1 LIMIT :take OFFSET :skip) AS found
    JOIN page_words ON page_words.number = :number AND page_words.page = found.page ORDER BY 1
"""


class _Index(ABC):
    """What the two databases do differently. Nothing of what somebody wrote stands in the statements."""

    number: str
    """Of a row of the index: its version's number."""
    page: str
    within: str
    """Whether a row is of the version `:number`, whose rows in FTS5 lie from `:first` to before `:after`."""
    added: str
    removed: str
    setting: str = ""
    """What holds for the search's own transaction."""

    @abstractmethod
    def asked(self, query: Query) -> tuple[str, dict[str, Any]]:
        """The condition, and its values."""

    @abstractmethod
    def row(self, number: int, page: Page) -> dict[str, Any]:
        """The values of `added` and `removed`."""

    async def add(self, connection: Connection, number: int, pages: Sequence[Page]) -> None:
        """Add these pages."""
        await connection.execute(text(self.added), [self.row(number, page) for page in pages])

    async def remove(self, connection: Connection, number: int, pages: Sequence[Page]) -> None:
        """Take these pages out."""
        if pages:
            await connection.execute(text(self.removed), [self.row(number, page) for page in pages])


class _Fts5(_Index):
    """Without the texts themselves: what is taken out must be said again (SQLite, "FTS5", 6.2 "delete")."""

    number = f"rowid >> {PAGE_BITS}"
    page = "rowid - :first"
    within = "rowid > :first AND rowid < :after"
    added = "INSERT INTO page_index (rowid, bare, spelled) VALUES (:place, :bare, :spelled)"
    removed = "INSERT INTO page_index (page_index, rowid, bare, spelled) VALUES ('delete', :place, :bare, :spelled)"

    def asked(self, query: Query) -> tuple[str, dict[str, Any]]:
        each = (f'{"spelled" if sought.exact else "bare"} : "{" ".join(sought.words)}"' for sought in query)
        return "page_index MATCH :asked", {"asked": " AND ".join(each)}

    def row(self, number: int, page: Page) -> dict[str, Any]:
        said = words(page[1])
        place = (number << PAGE_BITS) + page[0]
        return {"place": place, "bare": " ".join(map(bare, said)), "spelled": " ".join(map(spelled, said))}


class _Vectors(_Index):
    """The vectors are written here: PostgreSQL's own parser would see file names and addresses in papers' numbers."""

    number = "number"
    page = "page"
    within = "number = :number"
    added = (
        "INSERT INTO page_index (number, page, bare, spelled) VALUES "
        "(:number, :page, CAST(CAST(:bare AS text) AS tsvector), CAST(CAST(:spelled AS text) AS tsvector))"
    )
    removed = "DELETE FROM page_index WHERE number = :number AND page = :page"
    # The planner does not know what it costs to unpack a row's vector, and would rather read them all than ask the
    # index; and to compile the statement (`jit`) takes longer than to answer it.
    setting = (
        "SELECT set_config('enable_seqscan', 'off', true), set_config('enable_indexscan', 'off', true), "
        "set_config('jit', 'off', true)"
    )

    def asked(self, query: Query) -> tuple[str, dict[str, Any]]:
        conditions, values = [], dict[str, Any]()
        for form, exact in (("bare", False), ("spelled", True)):
            phrases = [" <-> ".join(f"'{word}'" for word in one.words) for one in query if one.exact is exact]
            if phrases:
                conditions.append(f"{form} @@ CAST(CAST(:{form} AS text) AS tsquery)")
                values[form] = " & ".join(f"({phrase})" for phrase in phrases)
        return " AND ".join(conditions), values

    def row(self, number: int, page: Page) -> dict[str, Any]:
        said = words(page[1])
        return {
            "number": number,
            "page": page[0],
            "bare": _vector(map(bare, said)),
            "spelled": _vector(map(spelled, said)),
        }


def _vector(said: Iterable[str]) -> str:
    """Words and where they stand, as PostgreSQL reads a `tsvector`."""
    places: dict[str, list[str]] = {}
    for place, word in enumerate(said, 1):
        places.setdefault(word, []).append(str(min(place, LAST_POSITION)))
    return " ".join(f"'{word}':{','.join(at)}" for word, at in places.items())
