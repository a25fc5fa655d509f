"""A list of units as a province writes it in a spreadsheet, and what keeping it would change. Pure.

A row means the unit of its code; without a code the one of its name, beneath the unit above where that is written.
Units above may stand anywhere in the same file. The id of a new unit without a code is made when it is kept: until then
it is called by its row, "#12".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from typing import Any

import msgspec
from msgspec.structs import replace

from server.errors import Invalid, Problem, Refused
from server.people.administration.tables import MOST_RANK, Column, Line, Table, Wrong, faults, same, table_of, wrong_of
from server.people.changes import differences
from server.people.names import fold
from server.people.organisation import Unit

MOST_UNITS = 2_000
UNIT_FIELDS = ("name", "short", "kind", "parent", "order")
CODE = re.compile(r"[A-Za-z0-9](?:[A-Za-z0-9._-]{0,62}[A-Za-z0-9])?")
KINDS = {
    "province": "Tỉnh, thành phố",
    "party": "Cơ quan Đảng",
    "council": "Hội đồng nhân dân",
    "committee": "Ủy ban nhân dân",
    "front": "Mặt trận, đoàn thể",
    "office": "Văn phòng",
    "department": "Sở, ban, ngành",
    "division": "Phòng, trung tâm",
    "commune": "Xã, đặc khu",
    "ward": "Phường",
    "agency": "Cơ quan khác",
}
"""Kinds of units, and how a list writes them: by all these words or by one of them."""
COLUMNS = (
    Column("name", "Tên đơn vị", ("ten co quan", "ten co quan don vi", "unit name", "unit"), 200),
    Column("short", "Tên viết gọn", ("ten ngan", "ten viet tat", "short name"), 45),
    Column("kind", "Loại", ("loai don vi", "loai hinh", "kind"), 60),
    Column("parent", "Trực thuộc", ("don vi cap tren", "cap tren", "co quan cap tren", "parent"), 200),
    Column("order", "Thứ tự", ("thu tu sap xep", "order"), 6, is_rank=True),
    Column("code", "Mã", ("ma don vi", "ma dinh danh", "code"), 64),
)


class UnitRow(msgspec.Struct, frozen=True):
    """What keeping one row would do."""

    number: int
    what: str
    """create, change, same, or wrong."""
    name: str
    code: str
    """Empty for a new unit without one."""
    kind: str
    """A word of `KINDS` or of the operator's; as it was typed where there is none like it."""
    parent: str
    """The name of the unit above, or what was typed; empty at the top."""
    changes: dict[str, list[Any]]
    """Of a unit that is there: each field with what stands there and what would; units above by their names."""
    wrong: list[Wrong]
    namesake: str = ""
    """Of a new unit: the one above another unit of the same name, which is not the one that is meant."""
    kept: Unit | None = None
    """The unit as it would be kept."""


def unit_table_of(rows: Sequence[Sequence[str]]) -> Table:
    """The list below its head; what `table_of` raises."""
    return table_of(rows, COLUMNS, MOST_UNITS)


class UnitPlanner:
    """Says row by row what keeping a list would do. One for each list."""

    def __init__(self, units: Iterable[Unit]) -> None:
        self._before = {unit.id: unit for unit in units}
        self._kept: dict[str, Unit] = {}
        self._lines: dict[str, int] = {}
        """The row that names a unit."""
        self._wrong: dict[int, list[Wrong]] = {}
        self._codes = {same(unit): unit for unit in self._before}
        self._names: dict[str, set[str]] = {}
        self._shorts: dict[str, set[str]] = {}
        self._last: dict[str, int] = {}
        """The last place taken beneath a unit."""
        kinds = {*KINDS, *(unit.kind for unit in self._before.values())}
        self._kinds = {fold(kind): kind for kind in sorted(kinds)}
        self._kinds |= {fold(word): kind for kind, words in KINDS.items() for word in (words, *words.split(", "))}
        for unit in self._before.values():
            if not unit.retired:
                self._call(unit.id, unit.name, unit.short)
                self._last[unit.parent] = max(self._last.get(unit.parent, 0), unit.order)

        self._new: dict[tuple[str, str], int] = {}
        """The row of a new unit by its name and what is written above it."""

    def rows(self, table: Table) -> list[UnitRow]:
        """All of them, in their order."""
        # Whom a code means needs no other row; whom a name means may depend on what those rows are called.
        for line in sorted(table.lines, key=lambda line: not line.cells.get("code")):
            self._try(line, self._identify)
        named = {number: unit for unit, number in self._lines.items()}
        for line in table.lines:
            if line.number in named and line.number not in self._wrong:
                self._try(line, lambda line: self._plan(named[line.number], line))
        for line in table.lines:
            if named.get(line.number, "") in self._kept:
                self._try(line, lambda line: self._fit(named[line.number]))
        return [self._told(line, named.get(line.number, "")) for line in table.lines]

    def _try(self, line: Line, step: Callable[[Line], None]) -> None:
        try:
            step(line)
        except Problem as problem:
            self._wrong.setdefault(line.number, [wrong_of(problem)])

    # Which unit a row means ---------------------------------------------------------------------------------------

    def _identify(self, line: Line) -> None:
        cells = line.cells
        if found := faults(COLUMNS, self._written_anew(cells)):
            self._wrong[line.number] = found  # others may stand beneath it all the same
        unit = self._of_code(cells["code"]) if cells.get("code") else self._of_name(line)
        above = self._called(cells.get("parent", ""))
        new = (same(cells.get("name", "")), min(above) if len(above) == 1 else same(cells.get("parent", "")))
        twice = self._lines.get(unit) or (self._new.get(new) if unit.startswith("#") else None)
        if twice:
            raise Refused("roster.twice", row=twice)
        self._lines[unit] = line.number
        if unit.startswith("#"):
            self._new[new] = line.number
        else:
            self._codes[same(unit)] = unit
        self._call(unit, cells.get("name", ""), cells.get("short", ""))

    def _written_anew(self, cells: dict[str, str]) -> dict[str, str]:
        """What does not stand there already: what was let in once, however long, is not wrong for being handed out."""
        before = self._before.get(self._codes.get(same(cells.get("code", "")), ""))
        return {field: text for field, text in cells.items() if not before or text != getattr(before, field, None)}

    def _of_code(self, code: str) -> str:
        unit = self._codes.get(same(code), code)
        if unit in self._before and self._before[unit].retired:
            raise Refused("units.retired", unit=self._before[unit].name)
        if unit not in self._before and not CODE.fullmatch(unit):
            raise Invalid("units.code_form")
        return unit

    def _of_name(self, line: Line) -> str:
        name, parent = same(line.cells.get("name", "")), line.cells.get("parent", "")
        if not name:
            raise Invalid("unit.name_missing")
        above = self._called(parent) if parent else None
        found = [unit for unit in self._there(self._names, name) if above is None or unit.parent in above]
        if len(found) > 1:
            raise Refused("units.namesakes", count=len(found))
        short = [unit for unit in self._there(self._shorts, name) if above is None or unit.parent in above]
        if short and not found:
            raise Refused("units.short_name", unit=short[0].name)
        return found[0].id if found else f"#{line.number}"

    def _there(self, names: dict[str, set[str]], name: str) -> list[Unit]:
        """Units that are there already and are called like this now."""
        found = [self._before[unit] for unit in sorted(names.get(name, ())) if unit in self._before]
        return [unit for unit in found if name in (same(unit.name), same(unit.short))]

    def _call(self, unit: str, name: str, short: str) -> None:
        for names, text in ((self._names, name), (self._shorts, short)):
            if text:
                names.setdefault(same(text), set()).add(unit)

    def _called(self, text: str) -> set[str]:
        """The units meant by a code, a name or a short name, as they are called now or by this file."""
        typed = same(text)
        if typed in self._codes:
            return {self._codes[typed]}
        return self._names.get(typed) or self._shorts.get(typed, set())

    # What becomes of it -------------------------------------------------------------------------------------------

    def _plan(self, unit: str, line: Line) -> None:
        cells, before = line.cells, self._before.get(unit)
        if not (before or cells.get("name")):
            raise Invalid("unit.name_missing")
        kept = before or Unit(unit, "")
        kept = replace(kept, **{field: cells[field] for field in ("name", "short") if cells.get(field)})
        kept = replace(kept, kind=self._kind(cells.get("kind", ""), kept.kind), parent=self._above(line, before))
        self._kept[unit] = replace(kept, order=self._order(cells.get("order", ""), kept, before))

    def _kind(self, typed: str, usual: str) -> str:
        kind = self._kinds.get(fold(typed)) if typed else usual
        if kind is None:
            raise Invalid("units.kind_unknown", kind=typed, kinds="; ".join(KINDS.values()))
        return kind

    def _above(self, line: Line, before: Unit | None) -> str:
        """The unit above; where nothing is written, the one it has, or none."""
        typed, has = line.cells.get("parent", ""), before.parent if before else ""
        if not typed:
            return has
        found = self._called(typed)
        if has in found:
            return has
        if len(found) > 1:
            raise Refused("units.parent_ambiguous", unit=typed, count=len(found))
        above = min(found, default="")
        gone = [unit for unit in self._before.values() if unit.retired]
        if any(unit.id == above or (not above and same(unit.name) == same(typed)) for unit in gone):
            raise Refused("unit.parent_retired")
        if not above:
            raise Invalid("units.parent_unknown", unit=typed)
        return above

    def _order(self, typed: str, kept: Unit, before: Unit | None) -> int:
        """Its place; a new unit without one comes after its siblings, in the order of the file."""
        last = self._last.get(kept.parent, 0)
        order = int(typed) if typed else before.order if before else min(last + 1, MOST_RANK)
        self._last[kept.parent] = max(last, order)
        return order

    # Whether a tree comes of it -----------------------------------------------------------------------------------

    def _fit(self, unit: str) -> None:
        kept, before = self._kept[unit], self._before.get(unit)
        if self._is_above_itself(unit):
            raise Refused("unit.cycle", unit=kept.name)
        if before and (kept.parent, same(kept.name)) == (before.parent, same(before.name)):
            return
        for other in sorted(self._names.get(same(kept.name), set()) - {unit}):
            beside = self._now(other)
            if beside is None or (beside.parent, same(beside.name)) != (kept.parent, same(kept.name)):
                continue
            if other in self._before:
                raise Refused("units.other_code", unit=beside.name, known=other)
            if self._lines[other] < self._lines[unit]:
                raise Refused("roster.twice", row=self._lines[other])

    def _now(self, unit: str) -> Unit | None:
        return self._kept.get(unit) or self._before.get(unit)

    def _is_above_itself(self, unit: str) -> bool:
        seen: set[str] = set()
        above = self._kept[unit].parent
        while above and above not in seen and above != unit:
            seen.add(above)
            now = self._now(above)
            above = now.parent if now else ""
        return above == unit

    def _told(self, line: Line, unit: str) -> UnitRow:
        wrong, cells, before = self._wrong.get(line.number, []), line.cells, self._before.get(unit)
        kept = None if wrong else self._kept[unit]
        changes = differences(before, kept, *UNIT_FIELDS) if before and kept else {}
        if "parent" in changes:
            changes["parent"] = [self._name(above) for above in changes["parent"]]
        return UnitRow(
            number=line.number,
            what="wrong" if kept is None else "create" if before is None else "change" if changes else "same",
            name=kept.name if kept else cells.get("name", "") or (before.name if before else ""),
            code="" if unit.startswith("#") else unit or cells.get("code", ""),
            kind=kept.kind if kept else cells.get("kind", ""),
            parent=(self._name(kept.parent) if kept else "") or cells.get("parent", ""),
            changes=changes,
            wrong=wrong,
            namesake=self._namesake(kept) if kept and unit.startswith("#") else "",
            kept=kept,
        )

    def _name(self, unit: str) -> str:
        now = self._now(unit)
        return now.name if now else ""

    def _namesake(self, kept: Unit) -> str:
        found = [unit for unit in self._there(self._names, same(kept.name)) if unit.parent != kept.parent]
        return self._name(found[0].parent) if found else ""
