"""SQLite behind one thread per connection, with one visit to that thread for each statement.

The driver goes there four times: to make a cursor, to run it, to fetch its rows and to close it. Each visit wakes two
threads, and while the loop is busy the other one waits for Python's lock on its way back. A vote of a thousand was
spent on that. What this leans on in SQLAlchemy 2.1 and aiosqlite 0.22 is tried by `tests/hall/test_db.py`.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from typing import Any

import aiosqlite
from sqlalchemy.dialects.sqlite.aiosqlite import (
    AsyncAdapt_aiosqlite_connection,
    AsyncAdapt_aiosqlite_cursor,
    AsyncAdapt_aiosqlite_dbapi,
)
from sqlalchemy.util.concurrency import await_


class Visit:
    """One statement, run, read to its end and closed in one go; what SQLAlchemy asks of a driver's cursor."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self._rows: list[Any] = []
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None
        self.arraysize = 1

    async def execute(self, operation: str, parameters: Any = ()) -> None:
        """Run one statement."""
        await self._connection._execute(self._run, "execute", operation, parameters)

    async def executemany(self, operation: str, parameters: Iterable[Any]) -> None:
        """Run one statement for each of these parameters."""
        await self._connection._execute(self._run, "executemany", operation, parameters)

    async def fetchall(self) -> list[Any]:
        """What it found: it lies here already."""
        return self._rows

    def close(self) -> None:
        """Nothing is open."""

    def _run(self, how: str, operation: str, parameters: Any) -> None:
        """On the connection's thread."""
        cursor = self._connection._conn.cursor()
        try:
            getattr(cursor, how)(operation, parameters)
            self.description = cursor.description
            self._rows = cursor.fetchall() if cursor.description else []
            self.rowcount, self.lastrowid = cursor.rowcount, cursor.lastrowid
        finally:
            cursor.close()


class VisitingCursor(AsyncAdapt_aiosqlite_cursor):
    """SQLAlchemy's cursor over a `Visit`."""

    __slots__ = ()
    _awaitable_cursor_close = False

    def _make_new_cursor(self, connection: Any) -> Any:
        return Visit(connection)

    def _aenter_cursor(self, cursor: Any) -> Any:
        return cursor


class VisitedConnection(AsyncAdapt_aiosqlite_connection):
    """SQLAlchemy's connection, whose cursors these are."""

    __slots__ = ()
    _cursor_cls = VisitingCursor


class Driver(AsyncAdapt_aiosqlite_dbapi):
    """The driver as SQLAlchemy is given it (`create_async_engine(…, module=…)`)."""

    def __init__(self) -> None:
        super().__init__(aiosqlite, sqlite3)

    def connect(self, *arguments: Any, **options: Any) -> AsyncAdapt_aiosqlite_connection:
        """A connection with a thread that does not keep the process alive."""
        connection: Any = aiosqlite.connect(*arguments, **options)
        connection._thread.daemon = True
        return VisitedConnection(self, await_(connection))
