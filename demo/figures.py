"""Numbers from the data files of the papers, and how an office writes them.

A column is named `file.column`, the file being a CSV under `papers/data/`. Expressions in a text:

    {{sum xa.thu_uoc}}              the sum of a column
    {{pct xa.thu_uoc xa.thu_dt}}    the first sum in percent of the second, one decimal
    {{less xa.a xa.b}}              the first sum minus the second
    {{count xa.ho_sat_lo}}          how many rows have more than zero
"""

from __future__ import annotations

import csv
import re
from decimal import ROUND_HALF_UP, Decimal
from functools import cache
from pathlib import Path

DATA = Path(__file__).parent / "papers" / "data"
EXPRESSION = re.compile(r"\{\{(\w+) ([^}]+)\}\}")


@cache
def rows(name: str) -> tuple[dict[str, str], ...]:
    """The rows of a data file in their order."""
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


def column(name: str) -> list[Decimal]:
    """The numbers of `file.column`."""
    file, _, field = name.partition(".")
    return [Decimal(row[field]) for row in rows(file)]


def written(number: Decimal, decimals: int | None = None) -> str:
    """A number as offices write it: 1.234,5; `decimals` as given or as many as it has."""
    if decimals is None:
        decimals = max(0, -int(number.as_tuple().exponent))
    rounded = number.quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    return f"{rounded:,.{decimals}f}".translate(str.maketrans(",.", ".,"))


def read(text: str) -> Decimal | None:
    """The number an office wrote, or None for a dash or words."""
    if not re.fullmatch(r"-?\d{1,3}(\.\d{3})*(,\d+)?|-?\d+(,\d+)?", text):
        return None
    return Decimal(text.replace(".", "").replace(",", "."))


def percent(part: Decimal, whole: Decimal) -> str:
    """`part` in percent of `whole`, one decimal; a dash when there is no whole."""
    return written(part * 100 / whole, 1) if whole else "-"


def filled(text: str) -> str:
    """`text` with every `{{…}}` replaced by its number."""
    return EXPRESSION.sub(lambda found: _value(found[1], found[2].split()), text)


def _value(verb: str, names: list[str]) -> str:
    columns = [column(name) for name in names]
    if verb == "count":
        return str(sum(one > 0 for one in columns[0]))
    sums = [sum(one, Decimal()) for one in columns]
    if verb == "sum":
        return written(sums[0])
    if verb == "less":
        return written(sums[0] - sums[1])
    if verb == "pct":
        return percent(sums[0], sums[1])
    raise ValueError(f"no such figure: {verb}")
