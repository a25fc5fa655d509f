"""A list of people as an office writes it in a spreadsheet, and what keeping it would change. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import msgspec
from msgspec.structs import replace

from server.errors import Conflict, Detail, Invalid, Problem, Refused, TooLarge
from server.people.accounts import Administrator, username_of, usual_username
from server.people.changes import differences
from server.people.names import clean, fold
from server.people.organisation import Organisation, Unit
from server.people.positions import UNRANKED, Person, precedence_of

MOST_ROWS = 500
"""Passwords are made slowly on purpose, and one transaction keeps the whole list."""
HEAD_WITHIN = 15
"""Rows in which the head is looked for: offices write their letterhead above it."""
PERSON_FIELDS = ("name", "unit", "title", "precedence", "short")
MOST_PRECEDENCE = 100_000
FORMULA = ("=", "+", "-", "@")
"""What spreadsheets take for the beginning of a formula (OWASP, CSV injection)."""


class Column(NamedTuple):
    """A column that is read: its field, its head in the template, other heads that mean the same, its longest text."""

    field: str
    head: str
    others: tuple[str, ...]
    most: int


COLUMNS = (
    Column("name", "Họ và tên", ("ho ten", "ho va ten dai bieu", "full name", "name"), 200),
    Column("title", "Chức vụ", ("chuc danh", "chuc vu chuc danh", "title", "position"), 200),
    Column("unit", "Đơn vị", ("co quan", "don vi cong tac", "co quan don vi", "unit"), 200),
    Column("username", "Tên đăng nhập", ("tai khoan", "username", "user name"), 64),
    Column("short", "Tên viết gọn", ("ten ngan", "short name"), 45),
    Column("precedence", "Thứ tự", ("thu bac", "precedence"), 6),
)
_BY_HEAD = {fold(head): column for column in COLUMNS for head in (column.head, *column.others)}


class Line(msgspec.Struct, frozen=True):
    """A row with something in it: its number in the file, and its texts by field."""

    number: int
    cells: dict[str, str]


class Roster(msgspec.Struct, frozen=True):
    """What stands in a file, and the heads of columns nobody reads."""

    lines: list[Line]
    unread: list[str]
    opening: bool = False
    """Whether whoever has no account gets one, under the usual username where the row names none."""


class Wrong(msgspec.Struct, frozen=True):
    """Why a row cannot be kept, as refusals are told."""

    code: str
    details: dict[str, Detail]


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
    """The list below its head, which is the first row with a column of names.

    Raises `Invalid`: "roster.no_head", "roster.empty", "roster.head_twice"; `TooLarge("roster.too_many_rows")`.
    """
    at = next((at for at, row in enumerate(rows[:HEAD_WITHIN]) if _is_head(row)), None)
    if at is None:
        raise Invalid("roster.no_head", head=COLUMNS[0].head)
    heads = [_column(cell) for cell in rows[at]]
    named = [column.field for column in heads if column]
    if len(set(named)) != len(named):
        raise Invalid("roster.head_twice")
    lines = [Line(number, cells) for number, row in enumerate(rows[at + 1 :], at + 2) if (cells := _cells(heads, row))]
    if not lines:
        raise Invalid("roster.empty")
    if len(lines) > MOST_ROWS:
        raise TooLarge("roster.too_many_rows", most=MOST_ROWS)
    unread = [clean(cell)[:60] for cell, column in zip(rows[at], heads, strict=True) if column is None and clean(cell)]
    return Roster(lines, [head for head in unread if fold(head) not in ("stt", "tt", "no")])


def _column(head: str) -> Column | None:
    return _BY_HEAD.get(" ".join(re.findall(r"[a-z]+", fold(head))))


def _is_head(row: Sequence[str]) -> bool:
    return any(column is COLUMNS[0] for column in map(_column, row))


def _cells(heads: Sequence[Column | None], row: Sequence[str]) -> dict[str, str]:
    found = {column.field: clean(cell) for column, cell in zip(heads, row, strict=False) if column}
    return found if any(found.values()) else {}


def digest_of(rows: Sequence[Row]) -> str:
    """What was looked at, in short: only this is kept afterwards."""
    return hashlib.sha256(msgspec.json.encode(list(rows), order="deterministic")).hexdigest()


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
            self._namesakes.setdefault((person.unit, _same(person.name)), []).append(person)
        self._units: dict[str, list[Unit]] = {}
        for unit in known.organisation.in_protocol_order():
            for name in {unit.id, _same(unit.name), _same(unit.short)} - {""}:
                self._units.setdefault(name, []).append(unit)
        self._rows: dict[str, int] = {}

    def rows(self, roster: Roster) -> list[Row]:
        """All of them, in their order."""
        self._opening = roster.opening
        return [self._row(line) for line in roster.lines]

    def _row(self, line: Line) -> Row:
        wrong, found = _faults(line.cells), Found()
        if not wrong:
            try:
                found = self._found(line)
            except Problem as problem:
                wrong = [Wrong(problem.code, problem.details)]
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
        found = self._units.get(typed) or self._units.get(_same(typed), [])
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
        found = self._namesakes.get((unit, _same(cells.get("name", ""))), [])
        if len(found) > 1:
            raise Refused("roster.namesakes", count=len(found))
        has = self._known.usernames.get(found[0].id, "") if found else ""
        if username and has:
            raise Refused("roster.other_username", username=has)
        return found[0] if found else None

    def _once(self, number: int, kept: Person, username: str) -> None:
        marks = [kept.id] if kept.id else [f"{kept.unit}\n{_same(kept.name)}"]
        marks += [f"@{username}"] if username else []
        twice = [self._rows[mark] for mark in marks if mark in self._rows]
        if twice:
            raise Refused("roster.twice", row=min(twice))
        self._rows |= dict.fromkeys(marks, number)


def _faults(cells: dict[str, str]) -> list[Wrong]:
    """What is wrong with the texts by themselves, all of it at once."""
    found: list[Wrong] = []
    for column in COLUMNS:
        try:
            _check(column, cells.get(column.field, ""))
        except Problem as problem:
            found.append(Wrong(problem.code, problem.details))
    return found


def _check(column: Column, text: str) -> None:
    if text.startswith(FORMULA):
        raise Invalid("roster.formula", column=column.head)
    if len(text) > column.most:
        raise Invalid("roster.too_long", column=column.head, most=column.most)
    if column.field == "precedence" and text and not re.fullmatch("0*([0-9]{1,5}|100000)", text, re.ASCII):
        raise Invalid("roster.precedence", most=MOST_PRECEDENCE)


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


def _same(text: str) -> str:
    """For comparing: case and spaces do not count, marks do (Hòa is not Hoa)."""
    return " ".join(clean(text).lower().split())
