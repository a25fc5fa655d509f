"""A stream from some version to its end, however long it is: page by page, each no larger than `Streams.read` gives."""

from __future__ import annotations

from collections.abc import AsyncIterator

from server.db import Connection
from server.streams import Entry, StreamId, read_entries


async def every_entry(connection: Connection, stream: StreamId, since: int = 0) -> AsyncIterator[Entry]:
    """All events after version `since`, oldest first; those appended meanwhile too, where the transaction sees them."""
    while page := await read_entries(connection, stream, since):
        for entry in page:
            yield entry
        since = page[-1].version
