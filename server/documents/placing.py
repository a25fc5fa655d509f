"""What becomes of a mark on its way into a PDF, as far as that is arithmetic."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone
from itertools import groupby
from typing import Any

Marked = dict[str, Any]
"""A mark as plain data, with `author` (what to call them) and `at` (when it was drawn, ms since the epoch)."""
UNIT = 10_000
FAINTEST = 0.25
"""A pen that hardly touches still draws this part of its width."""
VIETNAM = timezone(timedelta(hours=7))


def by_page(marks: list[Marked]) -> Iterator[tuple[int, list[Marked]]]:
    """The marks of each page, in the order in which they were drawn."""
    ordered = sorted(marks, key=lambda mark: (mark["page"], mark["at"]))
    for page, drawn in groupby(ordered, key=lambda mark: int(mark["page"])):
        yield page, list(drawn)


def is_along_a_line(mark: Marked) -> bool:
    """Does a marker go along a line of text: a band much wider than high?"""
    left, top, right, bottom = _around(mark)
    is_band = bottom - top <= mark["width"] and right - left > 2 * mark["width"]
    return bool(mark["tool"] == "marker" and is_band)


def band(mark: Marked) -> tuple[float, float, float, float]:
    """The upright band a marker leaves along a line, in 1/10000 of the page's width."""
    left, top, right, bottom = _around(mark)
    middle, half = (top + bottom) / 2, mark["width"] / 2
    return left, middle - half, right, middle + half


def _around(mark: Marked) -> tuple[int, int, int, int]:
    xs, ys = [point[0] for point in mark["points"]], [point[1] for point in mark["points"]]
    return min(xs), min(ys), max(xs), max(ys)


def mean_pressure(mark: Marked) -> float:
    """An /Ink has one width: that of the mean pressure. A marker's never changes."""
    if mark["tool"] == "marker":
        return 1.0
    pressures: list[int] = [pressure for _, _, pressure in mark["points"]]
    return max(FAINTEST, sum(pressures) / len(pressures) / 1000)


def rgb(colour: str) -> tuple[float, float, float]:
    """`#rrggbb` in parts of one."""
    red, green, blue = (int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5))
    return red, green, blue


def pdf_date(at: int) -> str:
    """`D:20261122091500Z` (ISO 32000-1 §7.9.4)."""
    return datetime.fromtimestamp(at / 1000, UTC).strftime("D:%Y%m%d%H%M%SZ")


def spoken_date(at: int) -> str:
    """As it is read in Vietnam: `16:15 22/11/2026`."""
    return datetime.fromtimestamp(at / 1000, VIETNAM).strftime("%H:%M %d/%m/%Y")
