"""A list of people as an office writes it in a spreadsheet, and what keeping it would change. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import replace

from server.errors import Conflict, Invalid, Problem, Refused
from server.people.accounts import Administrator, username_of, usual_username
from server.people.administration.tables import Column, Line, Table, Wrong, faults, same, table_of, wrong_of
from server.people.changes import differences
from server.people.organisation import Organisation, Unit
from server.people.positions import UNRANKED, Person, precedence_of

MOST_ROWS = 500
"""Passwords are made slowly on purpose, and one transaction keeps the whole list."""
PERSON_FIELDS = ("name", "unit", "title", "precedence", "short")

COLUMNS = (
    Column("name", "Họ và tên", ("ho ten", "ho va ten dai bieu", "full name", "name"), 200),
    Column("title", "Chức vụ", ("chuc danh", "chuc vu chuc danh", "title", "position"), 200),
    Column("unit", "Đơn vị", ("co quan", "don vi cong tac", "co quan don vi", "unit"), 200),
    Column("username", "Tên đăng nhập", ("tai khoan", "username", "user name"), 64),
    Column("short", "Tên viết gọn", ("ten ngan", "short name"), 45),
    Column("precedence", "Thứ tự", ("thu bac", "precedence"), 6, is_rank=True),
)


class Roster(Table, frozen=True):
    """A list of people."""

    opening: bool = False
    """Whether whoever has no account gets one, under the usual username where the row names none."""


class Row(msgspec.Struct, frozen=True):
    """What keeping one row would do."""

    number: int
    what: str
    """create, change, same, or wrong."""
    name: str
    title: str
    unit: str
    """Its name; as it was typed where there is none of that name."""
    username: str
    changes: dict[str, list[Any]]
    """Of somebody who is there: each field with what stands there and what would stand there."""
    wrong: list[Wrong]
    kept: Person | None = None
    """The person as they would be kept; somebody new has no id yet."""
    opens: bool = False
    """Whether an account is opened under that username."""


class Found(NamedTuple):
    """Whom a row means."""

    before: Person | None = None
    kept: Person | None = None
    opened: str = ""
    """The username of the account to be opened."""


class Known(NamedTuple):
    """What a list is compared with."""

    organisation: Organisation
    people: Sequence[Person]
    usernames: dict[str, str]
    """By person."""
    highest: frozenset[str]
    """Those whom only the system's administrators change."""


def roster_of(rows: Sequence[Sequence[str]]) -> Roster:
    """The list below its head; what `table_of` raises."""
    table = table_of(rows, COLUMNS, MOST_ROWS)
    return Roster(table.lines, table.unread)


class Planner:
    """Says row by row what keeping a list would do; remembers whom earlier rows named."""

    def __init__(self, by: Administrator, known: Known) -> None:
        self._by = by
        self._opening = False
        self._known = known
        self._people = {person.id: person for person in known.people}
        self._holders = {username: person for person, username in known.usernames.items() if username}
        self._namesakes: dict[tuple[str, str], list[Person]] = {}
        for person in known.people:
            self._namesakes.setdefault((person.unit, same(person.name)), []).append(person)
        self._units: dict[str, list[Unit]] = {}
        for unit in known.organisation.in_protocol_order():
            for name in {unit.id, same(unit.name), same(unit.short)} - {""}:
                self._units.setdefault(name, []).append(unit)
        self._rows: dict[str, int] = {}

    def rows(self, roster: Roster) -> list[Row]:
        """All of them, in their order."""
        self._opening = roster.opening
        return [self._row(line) for line in roster.lines]

    def _row(self, line: Line) -> Row:
        wrong, found = faults(COLUMNS, line.cells), Found()
        if not wrong:
            try:
                found = self._found(line)
            except Problem as problem:
                wrong = [wrong_of(problem)]
        return self._told(line, found, wrong)

    def _found(self, line: Line) -> Found:
        cells = line.cells
        username = username_of(cells["username"]) if cells.get("username") else ""
        before = self._people.get(self._holders.get(username, ""))
        if before and not self._by.may_see(before.unit):
            raise Conflict("username.taken", username=username)
        unit = self._unit(cells.get("unit", ""), before)
        before = before or self._namesake(cells, unit, username)
        kept = _kept(cells, unit, before)
        highest = frozenset({"system"}) if kept.id in self._known.highest else frozenset[str]()
        self._by.must_administer(kept.unit, highest)
        has = self._known.usernames.get(kept.id, "")
        if self._opening and not has and not username:
            username = self._free(kept)
        self._once(line.number, kept, username)
        return Found(before, kept, "" if has else username)

    def _free(self, kept: Person) -> str:
        """The usual username, with a number behind the name where it is taken."""
        unit = self._known.organisation.get(kept.unit)
        name, _, rest = usual_username(kept.name, unit.short or unit.name).partition(".")
        tried = (username_of(f"{name}{number or ''}.{rest}") for number in (0, *range(2, MOST_ROWS)))
        return next(one for one in tried if one not in self._holders and f"@{one}" not in self._rows)

    def _told(self, line: Line, found: Found, wrong: list[Wrong]) -> Row:
        before, kept, cells = found.before, found.kept, line.cells
        changes = differences(before, kept, *PERSON_FIELDS) if before else {}
        if before and found.opened:
            changes |= {"username": ["", found.opened]}
        what = "wrong" if kept is None else "create" if before is None else "change" if changes else "same"
        return Row(
            number=line.number,
            what=what,
            name=kept.name if kept else cells.get("name", ""),
            title=kept.title if kept else cells.get("title", ""),
            unit=self._known.organisation.get(kept.unit).name if kept else cells.get("unit", ""),
            username=found.opened or cells.get("username", ""),
            changes=changes,
            wrong=wrong,
            kept=kept,
            opens=bool(found.opened),
        )

    def _unit(self, typed: str, before: Person | None) -> str:
        """The unit's id; without one, the one they are in, or one's own where there is no other."""
        if not typed and before is not None:
            return before.unit
        if not typed and "system" in self._by.offices:
            raise Invalid("roster.unit_missing")
        if not typed:
            return self._known.organisation.in_use(self._by.unit).id
        found = self._units.get(typed) or self._units.get(same(typed), [])
        inside = [unit for unit in found if not unit.retired and self._by.may_see(unit.id)]
        if not found:
            raise Invalid("roster.unit_unknown", unit=typed)
        if all(unit.retired for unit in found):
            raise Refused("unit.retired", unit=found[0].name)
        if not inside:
            raise Refused("roster.not_your_unit", unit=typed)
        if len(inside) > 1:
            raise Refused("roster.unit_ambiguous", unit=typed, count=len(inside))
        return inside[0].id

    def _namesake(self, cells: dict[str, str], unit: str, username: str) -> Person | None:
        """Who of this name is already in the unit: the one who is meant where the row names no other account."""
        found = self._namesakes.get((unit, same(cells.get("name", ""))), [])
        if len(found) > 1:
            raise Refused("roster.namesakes", count=len(found))
        has = self._known.usernames.get(found[0].id, "") if found else ""
        if username and has:
            raise Refused("roster.other_username", username=has)
        return found[0] if found else None

    def _once(self, number: int, kept: Person, username: str) -> None:
        marks = [kept.id] if kept.id else [f"{kept.unit}\n{same(kept.name)}"]
        marks += [f"@{username}"] if username else []
        twice = [self._rows[mark] for mark in marks if mark in self._rows]
        if twice:
            raise Refused("roster.twice", row=min(twice))
        self._rows |= dict.fromkeys(marks, number)


def _kept(cells: dict[str, str], unit: str, before: Person | None) -> Person:
    """The person as the row says; of somebody who is there, an empty cell keeps what stands there."""
    person = before or Person("", unit, "")
    if not (cells.get("name") or person.name):
        raise Invalid("person.name_missing")
    written = {field: cells[field] for field in ("name", "title", "short") if cells.get(field)}
    by_title = person.precedence in (UNRANKED, precedence_of(person.title))
    rank = int(cells["precedence"]) if cells.get("precedence") else UNRANKED if by_title else person.precedence
    changed = replace(person, unit=unit, **written)
    return replace(changed, precedence=precedence_of(changed.title) if rank == UNRANKED else rank)
