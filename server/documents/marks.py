"""Marks on pages: what somebody drew, wrote or stuck on, and what was rubbed out again.

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
from server.text import clean

UNIT = 10_000
"""A page is this wide."""
FULL_PRESSURE = 1000
MOST_POINTS = 2000
MOST_MARKS = 20_000
"""Marks in one layer of one version."""
LONGEST_NOTE = 500
LONGEST_COMMENT = 2000
LONGEST_BOOKMARK = 80

Shared = Literal["desk", "all"]
Layer = Literal["mine", Shared]
LAYERS: tuple[Layer, ...] = ("mine", "desk", "all")

MarkId = Annotated[str, Meta(pattern=r"^[0-9A-Za-z_-]{8,64}$")]
PageNumber = Annotated[int, Meta(ge=1, le=100_000)]
Colour = Annotated[str, Meta(pattern=r"^#[0-9a-f]{6}$")]
Nib = Annotated[int, Meta(ge=1, le=1000)]
"""Width of a line, in 1/10000 of the page's width."""
Point = tuple[int, int, int]
"""x, y, pressure."""
Points = Annotated[list[Point], Meta(min_length=1, max_length=MOST_POINTS)]
Spot = tuple[int, int]
"""x, y."""


class Stroke(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="stroke"):
    """One line drawn in one go, from pen down to pen up."""

    id: MarkId
    page: PageNumber
    tool: Literal["pen", "marker"]
    colour: Colour
    width: Nib
    points: Points


class Shape(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="shape"):
    """A straight line or arrow from one spot to another, or what fills the upright box between them."""

    id: MarkId
    page: PageNumber
    form: Literal["line", "arrow", "rectangle", "ellipse"]
    colour: Colour
    width: Nib
    start: Spot
    end: Spot
    """Of an arrow, its head."""


class Note(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="note"):
    """Words written on the page itself, broken into lines within a width."""

    id: MarkId
    page: PageNumber
    colour: Colour
    size: Annotated[int, Meta(ge=80, le=800)]
    """Height of the letters, in 1/10000 of the page's width."""
    width: Annotated[int, Meta(ge=500, le=UNIT)]
    spot: Spot
    """The upper left corner."""
    text: Annotated[str, Meta(min_length=1, max_length=LONGEST_NOTE)]


class Comment(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="comment"):
    """A sticky comment: a sign on the page, and the words behind it."""

    id: MarkId
    page: PageNumber
    spot: Spot
    text: Annotated[str, Meta(min_length=1, max_length=LONGEST_COMMENT)]


class Bookmark(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="kind", tag="bookmark"):
    """A page one wants to find again, with a short name or none. Only for oneself, and not seen on the page."""

    id: MarkId
    page: PageNumber
    text: Annotated[str, Meta(max_length=LONGEST_BOOKMARK)] = ""


Mark = Stroke | Shape | Note | Comment | Bookmark


class Origin(msgspec.Struct, frozen=True):
    """Where a mark stood in the older version it was carried over from."""

    version: str
    page: int
    how: Literal["same", "moved", "vanished"]
    """Its content stands where it stood, stands elsewhere, or is not there any more."""


class CarriedMark(msgspec.Struct, frozen=True, tag_field="kind", tag="carried"):
    """A mark as it is kept in the version it was carried over to."""

    mark: Mark
    origin: Origin


class AddStroke(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="stroke.add"):
    """Somebody drew a stroke and lifted the pen."""

    stroke: Stroke


class AddMark(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="mark.add"):
    """Somebody drew a shape, wrote a note on the page, stuck a comment on it, or put a bookmark in for themselves."""

    mark: Shape | Note | Comment | Bookmark


class EraseStroke(msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="type", tag="stroke.erase"):
    """Somebody rubbed a mark of any kind out (undo is erasing one's newest)."""

    id: MarkId


InkCommand = AddStroke | AddMark | EraseStroke

STROKE_ADDED, MARK_ADDED, STROKE_ERASED = "stroke.added", "mark.added", "stroke.erased"
MARK_CARRIED = "mark.carried"


class LayerRights(msgspec.Struct, frozen=True):
    """What somebody may do with the ink of one version, layer by layer ("mine", "desk", "all")."""

    read: frozenset[str] = frozenset()
    write: frozenset[str] = frozenset()
    tidies: bool = False
    """May erase what others drew: chair and secretary."""


class Remark(msgspec.Struct, frozen=True):
    """A sticky comment as it stands in a list of opinions."""

    id: str
    person: str
    page: int
    text: str
    at: int
    """When it was stuck on, in milliseconds since the epoch."""
    layer: Layer


def fitted(mark: Mark, sizes: tuple[PageSize, ...]) -> Mark:
    """The mark with every point on its page, every pressure in range and its text in one normal form.

    Raises `Refused("page.out_of_range")`, and `Refused("mark.empty")` for a text of nothing.
    """
    if mark.page > len(sizes):
        raise Refused("page.out_of_range", pages=len(sizes))
    if isinstance(mark, Bookmark):
        return msgspec.structs.replace(mark, text=clean(mark.text))
    size = sizes[mark.page - 1]
    bottom = round(UNIT * size.height / size.width)
    if isinstance(mark, Stroke):
        points = [(*_on_page((x, y), bottom), _within(pressure, FULL_PRESSURE)) for x, y, pressure in mark.points]
        return msgspec.structs.replace(mark, points=points)
    if isinstance(mark, Shape):
        return msgspec.structs.replace(mark, start=_on_page(mark.start, bottom), end=_on_page(mark.end, bottom))
    return _written(mark, bottom)


def _written(mark: Note | Comment, bottom: int) -> Note | Comment:
    if not (text := clean(mark.text)):
        raise Refused("mark.empty")
    x, y = _on_page(mark.spot, bottom)
    if isinstance(mark, Comment):
        return msgspec.structs.replace(mark, spot=(x, y), text=text)
    # The first line stays on the page, and no line leaves it at the right.
    spot = (min(x, UNIT - mark.width), min(y, max(0, bottom - mark.size)))
    return msgspec.structs.replace(mark, spot=spot, text=text)


def _on_page(spot: Spot, bottom: int) -> Spot:
    return _within(spot[0], UNIT), _within(spot[1], bottom)


def _within(value: int, most: int) -> int:
    return min(max(value, 0), most)


def box_of(mark: Mark) -> tuple[int, int, int, int]:
    """The smallest upright box around it: left, top, right, bottom. Of a note its first line, of a comment its spot; of
    a bookmark as much of its page as is a square, by whose words the page is found again."""
    if isinstance(mark, Bookmark):
        return 0, 0, UNIT, UNIT
    if isinstance(mark, Note):
        x, y = mark.spot
        return x, y, x + mark.width, y + mark.size
    spots: list[Spot] = [mark.spot] if isinstance(mark, Comment) else _spots(mark)
    xs, ys = zip(*spots, strict=True)
    return min(xs), min(ys), max(xs), max(ys)


def _spots(mark: Stroke | Shape) -> list[Spot]:
    return [(x, y) for x, y, _ in mark.points] if isinstance(mark, Stroke) else [mark.start, mark.end]


def put(mark: Mark, page: int, dx: int, dy: int, scale: float) -> Mark:
    """The same mark elsewhere: every spot at `x * scale + dx`, `y * scale + dy`; `fitted` then keeps it on the page."""

    def there(spot: Spot) -> Spot:
        return round(spot[0] * scale) + dx, round(spot[1] * scale) + dy

    def wide(width: int, least: int, most: int) -> int:
        return min(most, max(least, round(width * scale)))

    change = msgspec.structs.replace
    if isinstance(mark, Bookmark):
        return change(mark, page=page)
    if isinstance(mark, Stroke):
        points = [(*there((x, y)), pressure) for x, y, pressure in mark.points]
        return change(mark, page=page, points=points, width=wide(mark.width, 1, 1000))
    if isinstance(mark, Shape):
        return change(mark, page=page, start=there(mark.start), end=there(mark.end), width=wide(mark.width, 1, 1000))
    if isinstance(mark, Note):
        size, width = wide(mark.size, 80, 800), wide(mark.width, 500, UNIT)
        return change(mark, page=page, spot=there(mark.spot), size=size, width=width)
    return change(mark, page=page, spot=there(mark.spot))


def may_erase(drawn_by: str, person: str, tidies: bool) -> bool:
    """One's own marks always; anybody's for who tidies up (chair and secretary)."""
    return tidies or drawn_by == person
