"""A list as an office writes it in a spreadsheet: its head, its rows, and what is wrong with a row. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

import msgspec

from server.errors import Detail, Invalid, Problem, TooLarge
from server.people.names import clean, fold

HEAD_WITHIN = 15
"""Rows in which the head is looked for: offices write their letterhead above it."""
MOST_RANK = 100_000
"""The last place in an order."""
FORMULA = ("=", "+", "-", "@")
"""What spreadsheets take for the beginning of a formula (OWASP, CSV injection)."""


class Column(NamedTuple):
    """A column that is read: its field, its head in the template, other heads that mean the same, its longest text."""

    field: str
    head: str
    others: tuple[str, ...]
    most: int
    is_rank: bool = False
    """Whether it holds a place in an order."""


class Line(msgspec.Struct, frozen=True):
    """A row with something in it: its number in the file, and its texts by field."""

    number: int
    cells: dict[str, str]


class Table(msgspec.Struct, frozen=True):
    """What stands in a file, and the heads of columns nobody reads."""

    lines: list[Line]
    unread: list[str]


class Wrong(msgspec.Struct, frozen=True):
    """Why a row cannot be kept, as refusals are told."""

    code: str
    details: dict[str, Detail]


def wrong_of(problem: Problem) -> Wrong:
    """A refusal as it is told of one row."""
    return Wrong(problem.code, problem.details)


def table_of(rows: Sequence[Sequence[str]], columns: Sequence[Column], most: int) -> Table:
    """The list below its head, which is the first row with the first of these columns.

    Raises `Invalid`: "roster.no_head", "roster.empty", "roster.head_twice"; `TooLarge("roster.too_many_rows")`.
    """
    by_head = {fold(head): column for column in columns for head in (column.head, *column.others)}
    at, heads = _head(rows[:HEAD_WITHIN], by_head, columns[0])
    named = [column.field for column in heads if column]
    if len(set(named)) != len(named):
        raise Invalid("roster.head_twice")
    lines = [Line(number, cells) for number, row in enumerate(rows[at + 1 :], at + 2) if (cells := _cells(heads, row))]
    if not lines:
        raise Invalid("roster.empty")
    if len(lines) > most:
        raise TooLarge("roster.too_many_rows", most=most)
    unread = [clean(cell)[:60] for cell, column in zip(rows[at], heads, strict=True) if column is None and clean(cell)]
    return Table(lines, [head for head in unread if fold(head) not in ("stt", "tt", "no")])


def _head(rows: Sequence[Sequence[str]], by_head: dict[str, Column], first: Column) -> tuple[int, list[Column | None]]:
    for at, row in enumerate(rows):
        heads = [by_head.get(" ".join(re.findall(r"[a-z]+", fold(cell)))) for cell in row]
        if first in heads:
            return at, heads
    raise Invalid("roster.no_head", head=first.head)


def _cells(heads: Sequence[Column | None], row: Sequence[str]) -> dict[str, str]:
    found = {column.field: clean(cell) for column, cell in zip(heads, row, strict=False) if column}
    return found if any(found.values()) else {}


def faults(columns: Sequence[Column], cells: dict[str, str]) -> list[Wrong]:
    """What is wrong with the texts by themselves, all of it at once."""
    found: list[Wrong] = []
    for column in columns:
        try:
            _check(column, cells.get(column.field, ""))
        except Problem as problem:
            found.append(wrong_of(problem))
    return found


def _check(column: Column, text: str) -> None:
    if text.startswith(FORMULA):
        raise Invalid("roster.formula", column=column.head)
    if len(text) > column.most:
        raise Invalid("roster.too_long", column=column.head, most=column.most)
    if column.is_rank and text and not re.fullmatch(f"0*([0-9]{{1,5}}|{MOST_RANK})", text, re.ASCII):
        raise Invalid("roster.precedence", most=MOST_RANK)


@lru_cache(4096)  # names of units come again with every row beneath them
def same(text: str) -> str:
    """For comparing: case and spaces do not count, marks do (Hòa is not Hoa)."""
    return " ".join(clean(text).lower().split())


def digest_of(rows: Sequence[msgspec.Struct]) -> str:
    """What was looked at, in short: only this is kept afterwards."""
    return hashlib.sha256(msgspec.json.encode(list(rows), order="deterministic")).hexdigest()
