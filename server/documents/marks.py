"""Marks on pages: what somebody drew with the pen or the highlighter, and what was rubbed out again.

A mark never changes. Erasing leaves a tombstone, and merging is a set union minus tombstones, so drawing
done while the line was away merges without conflict, in any order. Coordinates are whole numbers in
1/10000 of the page's **width**, from the top left of the page as it is read; pressure in 1/1000.
"""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from server.documents.limits import PageSize
from server.errors import Refused

UNIT = 10_000
"""A page is this wide."""
FULL_PRESSURE = 1000
MOST_POINTS = 2000
MOST_MARKS = 20_000
"""Marks in one layer of one version."""

Layer = Literal["mine", "desk", "all"]
LAYERS: tuple[Layer, ...] = ("mine", "desk", "all")

MarkId = Annotated[str, Meta(pattern=r"^[0-9A-Za-z_-]{8,64}$")]
Colour = Annotated[str, Meta(pattern=r"^#[0-9a-f]{6}$")]
Point = tuple[int, int, int]
"""x, y, pressure."""
Points = Annotated[list[Point], Meta(min_length=1, max_length=MOST_POINTS)]


class Stroke(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="stroke"):
    """One line drawn in one go, from pen down to pen up."""

    id: MarkId
    page: Annotated[int, Meta(ge=1, le=100_000)]
    tool: Literal["pen", "marker"]
    colour: Colour
    width: Annotated[int, Meta(ge=1, le=1000)]
    """Of the nib, in 1/10000 of the page's width."""
    points: Points


Mark = Stroke
"""The union of all kinds of marks; notes and comments will join it with their own `kind`."""


class AddStroke(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="stroke.add"):
    """Somebody drew a stroke and lifted the pen."""

    stroke: Stroke


class EraseStroke(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="stroke.erase"):
    """Somebody rubbed a stroke out (undo is erasing one's newest)."""

    id: MarkId


InkCommand = AddStroke | EraseStroke

STROKE_ADDED, STROKE_ERASED = "stroke.added", "stroke.erased"


class LayerRights(msgspec.Struct, frozen=True):
    """What somebody may do with the ink of one version, layer by layer ("mine", "desk", "all")."""

    read: frozenset[str] = frozenset()
    write: frozenset[str] = frozenset()
    tidies: bool = False
    """May erase what others drew: chair and secretary."""


def fitted(stroke: Stroke, sizes: tuple[PageSize, ...]) -> Stroke:
    """The stroke with every point on its page and every pressure in range; `Refused("page.out_of_range")`."""
    if stroke.page > len(sizes):
        raise Refused("page.out_of_range", pages=len(sizes))
    size = sizes[stroke.page - 1]
    bottom = round(UNIT * size.height / size.width)
    points = [
        (_within(x, UNIT), _within(y, bottom), _within(pressure, FULL_PRESSURE)) for x, y, pressure in stroke.points
    ]
    return msgspec.structs.replace(stroke, points=points)


def _within(value: int, most: int) -> int:
    return min(max(value, 0), most)


def may_erase(drawn_by: str, person: str, tidies: bool) -> bool:
    """One's own strokes always; anybody's for who tidies up (chair and secretary)."""
    return tidies or drawn_by == person
