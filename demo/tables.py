"""Tables of a paper: rows written in the source or taken from a data file, with sums that are computed."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Literal

from demo.figures import percent, read, rows, written
from demo.paper import Align, Cell, Row, Runs, Table

Grid = list[tuple[str, list[str]]]
ALIGNS: dict[tuple[bool, bool], Align] = {(True, True): "center", (False, True): "right"}
KINDS: dict[str, Literal["plain", "group", "sum"]] = {"": "plain", "*": "group", "=": "sum", "==": "sum"}


def table(parts: list[str], lines: list[str], runs: Callable[[str], Runs]) -> Table:
    """Make a table from its lines; `parts` are caption, unit, relative widths and, if not 12, the size in points."""
    ruler = next(index for index, line in enumerate(lines) if re.fullmatch(r"[|:\- ]+", line))
    aligns = tuple(_align(cell) for cell in _cells(lines[ruler]))
    head = [_cells(line) for line in lines[:ruler]]
    body = _summed(_body(lines[ruler + 1 :]))
    for _, cells in body:
        if len(cells) not in (1, len(aligns)):
            raise ValueError(f"{parts[0]}: a row has {len(cells)} cells instead of {len(aligns)}: {cells}")
    return Table(
        caption=parts[0],
        unit=parts[1],
        widths=tuple(float(width) for width in parts[2].split()),
        size=float(parts[3]) if len(parts) > 3 else 12,
        aligns=aligns,
        head=tuple(_head(head, runs)),
        rows=tuple(_row(mark, cells, len(aligns), runs) for mark, cells in body),
    )


def _cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().removeprefix("|").removesuffix("|").split("|")]


def _align(dashes: str) -> Align:
    return ALIGNS.get((dashes.startswith(":"), dashes.endswith(":")), "left")


def _head(grid: list[list[str]], runs: Callable[[str], Runs]) -> list[Row]:
    result: list[Row] = []
    for y, line in enumerate(grid):
        cells = []
        for x, text in enumerate(line):
            if text in ("<", "^"):
                continue
            across = 1 + next((n for n, after in enumerate(line[x + 1 :]) if after != "<"), len(line) - x - 1)
            down = 1 + next((n for n, below in enumerate(grid[y + 1 :]) if below[x] != "^"), len(grid) - y - 1)
            cells.append(Cell(runs=runs(text), across=across, down=down))
        result.append(Row(kind="plain", cells=tuple(cells)))
    return result


def _body(lines: list[str]) -> Grid:
    grid: Grid = []
    for line in lines:
        if line.startswith("@"):
            name, key, columns = (part.strip() for part in line[1:].split("|"))
            grid += _from_file(name, key, [part.strip() for part in columns.split(",")])
            continue
        mark = next(mark for mark in ("==", "=", "*", "") if line.startswith("|" + mark))
        grid.append((mark, _cells("|" + line[1 + len(mark) :])))
    return grid


def _from_file(name: str, key: str, columns: list[str]) -> Grid:
    """The rows of a data file in groups by `key`: each group with its sum, and the sum of all first."""
    grid: Grid = [("==", _sum_cells("", "Toàn tỉnh", columns))]
    groups = dict.fromkeys(row[key] for row in rows(name))
    for number, group in enumerate(groups):
        grid.append(("=", _sum_cells("ABCDEF"[number], group, columns)))
        members = [row for row in rows(name) if row[key] == group]
        grid += [("", [_cell(column, row, count) for column in columns]) for count, row in enumerate(members, 1)]
    return grid


def _sum_cells(sign: str, title: str, columns: list[str]) -> list[str]:
    places = {column: index for index, column in enumerate(columns)}
    cells = [sign, title]
    for column in columns[2:]:
        part, _, whole = column.partition("/")
        cells.append(f"={places[part] + 1}/{places[whole] + 1}" if whole else "=")
    return cells


def _cell(column: str, row: dict[str, str], count: int) -> str:
    if column == "#":
        return str(count)
    part, _, whole = column.partition("/")
    if whole:
        return percent(Decimal(row[part]), Decimal(row[whole]))
    return written(Decimal(row[column])) if re.fullmatch(r"-?[\d.]+", row[column]) else row[column]


def _summed(grid: Grid) -> Grid:
    """Replace `=` by the sum of the plain rows of its group, or of all for `==`; then `=a/b` by percents."""
    done: Grid = []
    for index, (mark, cells) in enumerate(grid):
        if mark not in ("=", "=="):
            done.append((mark, cells))
            continue
        members = [row for kind, row in grid if kind == ""] if mark == "==" else _members(grid, index)
        sums = [_total(members, x) if cell == "=" else cell for x, cell in enumerate(cells)]
        done.append((mark, [_share(cell, sums) for cell in sums]))
    return done


def _members(grid: Grid, index: int) -> list[list[str]]:
    """The plain rows a sum stands for: those after it when plain rows follow it, else those before it."""
    step = 1 if index + 1 < len(grid) and grid[index + 1][0] == "" else -1
    found: list[list[str]] = []
    index += step
    while 0 <= index < len(grid) and grid[index][0] == "":
        found.append(grid[index][1])
        index += step
    return found


def _total(members: list[list[str]], x: int) -> str:
    numbers = [number for row in members if (number := read(row[x])) is not None]
    return written(sum(numbers, Decimal()))


def _share(cell: str, sums: list[str]) -> str:
    match = re.fullmatch(r"=(\d+)/(\d+)", cell)
    if match is None:
        return cell
    part, whole = (read(sums[int(place) - 1]) for place in match.groups())
    return "-" if part is None or whole is None else percent(part, whole)


def _row(mark: str, cells: list[str], width: int, runs: Callable[[str], Runs]) -> Row:
    across = width if len(cells) == 1 else 1
    return Row(kind=KINDS[mark], cells=tuple(Cell(runs=runs(cell), across=across) for cell in cells))
