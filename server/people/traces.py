"""The record of what was done at the door and with accounts and units: who did what to whom, when and from where."""

from __future__ import annotations

from typing import Any, Protocol

import msgspec

from server.clock import Clock
from server.db import Connection
from server.people.names import clean
from server.people.store import door


class From(Protocol):
    """From where somebody does something."""

    @property
    def address(self) -> str: ...
    @property
    def agent(self) -> str: ...


class Trace(msgspec.Struct, frozen=True):
    """One line of the record."""

    person: str
    """Whom it is about; empty where it is about a unit or a device."""
    what: str
    by: str = ""
    """Who did it; empty: the person themselves."""
    details: str = ""
    """JSON: what was changed, each field with what stood there before and what stands there now."""


async def write_down(connection: Connection, clock: Clock, trace: Trace, knock: From) -> None:
    """Add a line within the caller's transaction: what was not recorded was not done."""
    row = {"id": clock.fresh_id(), "at": clock.now(), **msgspec.structs.asdict(trace), "by": trace.by or trace.person}
    await door.record(connection, **row, address=knock.address[:64], agent=clean(knock.agent)[:200])


def details_of(details: dict[str, Any]) -> str:
    """Details of a trace as they are kept."""
    return msgspec.json.encode(details, order="deterministic").decode() if details else ""
