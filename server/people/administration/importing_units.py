"""Many units from one file: looked at first, then kept as a whole or not at all."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import msgspec
from msgspec.structs import replace

from server.db import Connection
from server.errors import Conflict, Forbidden, Refused
from server.http import Visitor
from server.people.administration import sheets, templates
from server.people.administration.importing import must_still_be
from server.people.administration.service import UNIT_FIELDS, administrator_of
from server.people.administration.tables import Table, digest_of
from server.people.administration.unitlists import UnitPlanner, UnitRow, unit_table_of
from server.people.changes import differences
from server.people.doors import Knock
from server.people.organisation import Organisation, Unit
from server.people.service import People
from server.people.store import directory
from server.people.traces import Trace, details_of, write_down


class UnitPreview(msgspec.Struct, frozen=True):
    """What keeping a file would do."""

    rows: list[UnitRow]
    unread: list[str]
    """Heads of columns nobody reads."""
    digest: str
    """Shown again to keep exactly this."""


class UnitsImported(msgspec.Struct, frozen=True):
    """How many units were kept."""

    created: int
    changed: int


class ImportingUnits:
    """Reads lists of units, says what they would change, and keeps what was looked at. The system's administrators'."""

    def __init__(self, people: People) -> None:
        self._db = people.db
        self._clock = people.clock
        self._people = people

    async def template(self, by: Visitor) -> bytes:
        """A workbook with the units in use, to change and to add to. `Forbidden("office.needed")`."""
        _must_keep_the_tree(by)
        units = [unit for unit in await self._people.units() if not unit.retired]
        return await asyncio.to_thread(templates.units_template, units)

    async def preview(self, by: Visitor, content: bytes) -> UnitPreview:
        """What keeping this file would do; nothing is written.

        Raises `Forbidden("office.needed")` and what `sheets.read_rows` and `unit_table_of` raise.
        """
        _must_keep_the_tree(by)
        table = await _read(content)
        async with self._db.reading() as connection:
            units = await directory.all_units(connection)
        rows = await asyncio.to_thread(_rows, units, table)
        return UnitPreview(rows, table.unread, digest_of(rows))

    async def keep(self, by: Visitor, content: bytes, digest: str, knock: Knock) -> UnitsImported:
        """Keep what `preview` said under this digest: all of it, in one transaction.

        Raises `Refused("roster.wrong_rows")`, `Conflict("roster.changed")` when something else would be kept by now.
        """
        _must_keep_the_tree(by)
        table = await _read(content)
        async with self._db.writing() as connection:
            await directory.hold(connection, self._db)  # two who keep the same list would both find nothing there
            await must_still_be(connection, by)
            before = await directory.all_units(connection)
            rows = await asyncio.to_thread(_planned, before, table, digest)
            written = [row for row in rows if row.what != "same"]
            kept = self._named([row.kept for row in written if row.kept is not None])
            tree = {unit.id: unit for unit in before}
            Organisation((tree | {unit.id: unit for unit in kept}).values())
            await directory.keep_units(connection, self._db, kept)
            for unit in kept:
                await self._trace(connection, by, tree.get(unit.id), unit, knock)
            counts = {what: sum(row.what == what for row in written) for what in ("create", "change")}
            await write_down(connection, self._clock, Trace("", "units_imported", by.person, details_of(counts)), knock)
        return UnitsImported(counts["create"], counts["change"])

    def _named(self, kept: Sequence[Unit]) -> list[Unit]:
        """With ids for the new ones that were called by their rows, also where others stand beneath them."""
        ids = {unit.id: self._clock.fresh_id() for unit in kept if unit.id.startswith("#")}
        return [replace(u, id=ids.get(u.id, u.id), parent=ids.get(u.parent, u.parent)) for u in kept]

    async def _trace(self, connection: Connection, by: Visitor, before: Unit | None, unit: Unit, knock: Knock) -> None:
        what = "unit_changed" if before else "unit_added"
        details = {"unit": unit.id, "unit_name": unit.name, **differences(before, unit, *UNIT_FIELDS)}
        await write_down(connection, self._clock, Trace("", what, by.person, details_of(details)), knock)


def _must_keep_the_tree(by: Visitor) -> None:
    if "system" not in administrator_of(by).offices:
        raise Forbidden("office.needed")


async def _read(content: bytes) -> Table:
    return await asyncio.to_thread(lambda: unit_table_of(sheets.read_rows(content)))


def _rows(units: Sequence[Unit], table: Table) -> list[UnitRow]:
    return UnitPlanner(units).rows(table)


def _planned(units: Sequence[Unit], table: Table, digest: str) -> list[UnitRow]:
    rows = _rows(units, table)
    wrong = sum(row.what == "wrong" for row in rows)
    if wrong:
        raise Refused("roster.wrong_rows", count=wrong)
    if digest_of(rows) != digest:
        raise Conflict("roster.changed")
    return rows
