"""One database, two engines: SQLite embedded by default, PostgreSQL in production.

The only foundation that knows SQLAlchemy's engine. Stores build their statements from `metadata`
tables with SQLAlchemy Core; `insert_or_ignore` and `upsert` hide the only differences in dialect.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager, nullcontext
from pathlib import Path
from typing import Any, TypeVar

import msgspec
from sqlalchemy import MetaData, Table, event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from server.errors import Invalid, Unavailable
from server.sqlite import Driver

log = logging.getLogger("hopso.db")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(column_0_label)s",
        "uq": "uq_%(table_name)s_%(column_0_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_name)s",
        "pk": "pk_%(table_name)s",
    }
)

Connection = AsyncConnection
Merged = Callable[[Any], Mapping[str, Any]]
"""What becomes of a row that is there already, given the one that was sent."""


S = TypeVar("S", bound=msgspec.Struct)


class Database:
    """The engine, with `writing()` and `reading()` transactions."""

    def __init__(self, url: str, busy_timeout_ms: int = 5000) -> None:
        self.url = url
        self.is_sqlite = make_url(url).get_backend_name() == "sqlite"
        self._turn: AbstractAsyncContextManager[object] = asyncio.Lock() if self.is_sqlite else nullcontext()
        self.engine = _sqlite_engine(url, busy_timeout_ms) if self.is_sqlite else _postgresql_engine(url)
        self._writer = self.engine.execution_options(hopso_writes=True)
        self._upserts: dict[tuple[Any, ...], Any] = {}
        """By table and columns: to say what replaces what takes longer than to do it."""

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[Connection]:
        """A transaction that may write. On SQLite it takes the write lock at once (BEGIN IMMEDIATE).

        On SQLite those of one process wait here, in the order in which they came: left to the database, each would ask
        again and again whether it is free, and a hundred at once would starve some of them until they are refused.
        """
        with _problems_in_our_words():
            async with self._turn, self._writer.connect() as connection, connection.begin():
                yield connection

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[Connection]:
        """A transaction that only reads; on SQLite it never waits for a writer (WAL)."""
        with _problems_in_our_words():
            async with self.engine.connect() as connection, connection.begin():
                yield connection

    async def close(self) -> None:
        """Give all connections back."""
        await self.engine.dispose()

    def insert_or_ignore(self, table: Table, rows: Sequence[Mapping[str, Any]]) -> Any:
        """INSERT that leaves rows alone whose primary key is already there."""
        return _insert(self, table).values(_values(rows)).on_conflict_do_nothing()

    def upsert(self, table: Table, rows: Sequence[Mapping[str, Any]], merged: Merged | None = None) -> Any:
        """INSERT that replaces every other column of rows whose primary key is already there, or those of `merged`."""
        if merged is not None:
            return self._upserting(table, merged).values(_values(rows))
        known = (table, *rows[0])
        if known not in self._upserts:
            self._upserts[known] = self._upserting(table, lambda sent: {name: sent[name] for name in rows[0]})
        return self._upserts[known].values(_values(rows))

    def _upserting(self, table: Table, merged: Merged) -> Any:
        statement, keys = _insert(self, table), [column.name for column in table.primary_key]
        changes = {name: value for name, value in merged(statement.excluded).items() if name not in keys}
        return statement.on_conflict_do_update(index_elements=keys, set_=changes)


@contextmanager
def _problems_in_our_words() -> Iterator[None]:
    """What is wrong with a value, or with the database itself, as a refusal: nothing of it was written.

    `Invalid("body.malformed")` for a null byte or a number beyond the column's; `Unavailable("storage.away")` when the
    database is locked, gone or broken, `Unavailable("storage.full")` when its disk is full. Commands may be sent again.
    """
    try:
        yield
    except (DataError, OverflowError) as error:
        raise Invalid("body.malformed", reason="a value that cannot be stored") from error
    except OperationalError as error:
        log.error("the database does not do its work: %s", error.orig)
        raise Unavailable("storage.full" if "full" in str(error.orig) else "storage.away") from error


def _values(rows: Sequence[Mapping[str, Any]]) -> Any:
    """A statement for a list of rows is compiled anew each time, even for a list of one."""
    return rows[0] if len(rows) == 1 else list(rows)


def _insert(database: Database, table: Table) -> Any:
    return (sqlite if database.is_sqlite else postgresql).insert(table)


def _sqlite_engine(url: str, busy_timeout_ms: int) -> AsyncEngine:
    path = make_url(url).database
    if path and path != ":memory:":
        Path(path).parent.mkdir(parents=True, exist_ok=True)
    engine = create_async_engine(url, module=Driver(), pool_size=8, max_overflow=8, hide_parameters=True)

    @event.listens_for(engine.sync_engine, "connect")
    def _prepare(dbapi_connection: Any, _record: Any) -> None:
        # The driver's own transaction handling reads outside any transaction; ours is explicit below.
        dbapi_connection.isolation_level = None
        cursor = dbapi_connection.cursor()
        # FULL: an acked command survives a power cut, not only a crash.
        pragmas = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", f"busy_timeout={busy_timeout_ms}")
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine.sync_engine, "begin")
    def _begin(connection: Any) -> None:
        # A deferred transaction that reads first and writes later fails at once with "database is locked".
        writes = connection.get_execution_options().get("hopso_writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _postgresql_engine(url: str) -> AsyncEngine:
    return create_async_engine(url, pool_size=10, max_overflow=10, pool_pre_ping=True, hide_parameters=True)


def struct_of(form: type[S], row: Any) -> S:
    """The row as a struct; columns the struct does not have are left out."""
    found = row._mapping
    return form(**{field: found[field] for field in form.__struct_fields__})
