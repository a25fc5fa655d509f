"""Marks become PDF annotations (ISO 32000-1 §12.5.6.10, §12.5.6.13). Runs in the confined worker only.

A marker drawn along a line of text becomes a /Highlight, everything else an /Ink. The coordinates of
marks are those of the page as it is read; annotations want those before the page's rotation.
"""

from __future__ import annotations

from typing import Any

import pymupdf

UNIT = 10_000
MARKER_OPACITY = 0.4
FAINTEST = 0.25
"""A pen that hardly touches still draws this part of its width."""


def draw(document: pymupdf.Document, marks: list[dict[str, Any]]) -> None:
    """Add every mark `{page, tool, colour, width, points: [[x, y, pressure]…], author}` to its page."""
    by_page: dict[int, list[dict[str, Any]]] = {}
    for mark in marks:
        by_page.setdefault(mark["page"], []).append(mark)
    for number, drawn in sorted(by_page.items()):
        page = document.load_page(number - 1)
        for mark in drawn:
            _add(page, mark)


def _add(page: Any, mark: dict[str, Any]) -> None:
    scale = page.rect.width / UNIT
    points = [pymupdf.Point(x * scale, y * scale) for x, y, _ in mark["points"]]
    if len(points) == 1:
        points.append(points[0] + (0.1, 0))
    width = mark["width"] * scale
    if mark["tool"] == "marker" and _runs_along(points, width):
        note = page.add_highlight_annot(quads=[_band(points, width).quad * page.derotation_matrix])
    else:
        turned = [tuple(point * page.derotation_matrix) for point in points]
        note = page.add_ink_annot([turned])
        note.set_border(width=width * _pressed(mark))
    colour = tuple(int(mark["colour"][i : i + 2], 16) / 255 for i in (1, 3, 5))
    note.set_colors(stroke=colour)
    note.set_info(title=mark["author"])
    note.update(opacity=MARKER_OPACITY if mark["tool"] == "marker" else 1)


def _runs_along(points: list[Any], width: float) -> bool:
    """A band along a line of text: much wider than high."""
    box = _around(points)
    return bool(box.height <= width and box.width > 2 * width)


def _band(points: list[Any], width: float) -> Any:
    box = _around(points)
    middle = (box.y0 + box.y1) / 2
    return pymupdf.Rect(box.x0, middle - width / 2, box.x1, middle + width / 2)


def _around(points: list[Any]) -> Any:
    xs, ys = [point.x for point in points], [point.y for point in points]
    return pymupdf.Rect(min(xs), min(ys), max(xs), max(ys))


def _pressed(mark: dict[str, Any]) -> float:
    """An /Ink has one width: that of the mean pressure."""
    if mark["tool"] == "marker":
        return 1.0
    pressures: list[int] = [pressure for _, _, pressure in mark["points"]]
    return max(FAINTEST, sum(pressures) / len(pressures) / 1000)
