"""Drawings of settings screens as inline SVG: a frame, rows, a dialog, and a ring around what is tapped.

Drawn by us from data (`steps.py`); the words in the pictures are those of the tablet's own screens.
"""

from __future__ import annotations

from html import escape
from typing import Literal

import msgspec

INK, INK_DEEP, INK_TINT, BRASS = "#0F4457", "#0A3342", "#DCEAEE", "#B77900"
PAPER, SHEET, LINE, FRAME = "#FFFFFF", "#F3F6F5", "#C7D1CF", "#7C8B88"
TEXT, TEXT_2, GREEN, BLUE = "#13201F", "#43524F", "#17713A", "#0B57A4"
FONT = "'Be Vietnam Pro', system-ui, sans-serif"

WIDTH, HEIGHT, MARGIN = 520, 280, 10
BAR, ROW = 40, 42

Area = tuple[float, float, float, float]
"""Left, top, width, height."""


class Row(msgspec.Struct, frozen=True):
    """A line of a settings list; `mark` stands at its right end."""

    text: str
    mark: Literal["", "chevron", "off", "on"] = "chevron"
    tapped: bool = False


class Listing(msgspec.Struct, frozen=True):
    """A settings screen: its title, its rows, on an iPad also the column at its left (`chosen` is lit)."""

    title: str
    rows: tuple[Row, ...]
    side: tuple[str, ...] = ()
    chosen: str = ""
    action: str = ""
    """A button at the right of the title; it is the one to tap."""


class Dialog(msgspec.Struct, frozen=True):
    """A question over a page: the words, and the buttons, the last of which is tapped."""

    address: str
    words: tuple[str, ...]
    buttons: tuple[str, ...]


Screen = Listing | Dialog


def draw(screen: Screen, spoken: str) -> str:
    """The screen as an `<svg>`; `spoken` is read aloud in its place."""
    inside = _listing(screen) if isinstance(screen, Listing) else _dialog(screen)
    return (
        f'<svg class="shot" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(spoken)}" '
        f'font-family="{FONT}" font-size="15">'
        f"{_box((1, 1, WIDTH - 2, HEIGHT - 2), INK_DEEP, radius=18)}"
        f"{_box((MARGIN, MARGIN, WIDTH - 2 * MARGIN, HEIGHT - 2 * MARGIN), SHEET, radius=9)}{inside}</svg>"
    )


def _listing(screen: Listing) -> str:
    left = MARGIN + (176 if screen.side else 0)
    width = WIDTH - MARGIN - left
    parts = [_side(screen)] if screen.side else []
    middle = left + width / 2
    parts.append(_text((middle, MARGIN + 26), screen.title, weight=600, anchor="middle"))
    if screen.action:
        right = WIDTH - MARGIN - 14
        parts.append(_text((right, MARGIN + 26), screen.action, weight=600, anchor="end", fill=BLUE))
        wide = 9.2 * len(screen.action) + 20
        parts.append(_ring((right - wide + 8, MARGIN + 5, wide, 31)))
    parts += [_row(row, left + 12, MARGIN + BAR + 6 + n * ROW, width - 24) for n, row in enumerate(screen.rows)]
    return "".join(parts)


def _side(screen: Listing) -> str:
    parts = [_line(MARGIN + 176, MARGIN, MARGIN + 176, HEIGHT - MARGIN)]
    for number, name in enumerate(screen.side):
        top = MARGIN + 10 + number * 38
        if name == screen.chosen:
            parts.append(_box((MARGIN + 8, top, 160, 32), INK_TINT, radius=7))
        parts.append(_box((MARGIN + 16, top + 7, 18, 18), INK if name == screen.chosen else FRAME, radius=5))
        parts.append(_text((MARGIN + 42, top + 21), name, weight=600 if name == screen.chosen else 400))
    return "".join(parts)


def _row(row: Row, left: float, top: float, width: float) -> str:
    parts = [_box((left, top, width, ROW - 4), PAPER, radius=7, stroke=LINE), _text((left + 12, top + 24), row.text)]
    right = left + width
    if row.mark == "chevron":
        corner = f"M{right - 18} {top + 13} l6 6 l-6 6"
        parts.append(f'<path d="{corner}" fill="none" stroke="{FRAME}" stroke-width="2"/>')
    elif row.mark:
        parts.append(_switch(right - 56, top + 6, row.mark == "on"))
    if row.tapped:
        parts.append(_ring((left - 3, top - 3, width + 6, ROW + 2)))
    return "".join(parts)


def _switch(left: float, top: float, on: bool) -> str:
    knob = left + (31 if on else 13)
    return (
        _box((left, top, 44, 26), GREEN if on else FRAME, radius=13)
        + f'<circle cx="{knob}" cy="{top + 13}" r="11" fill="{PAPER}"/>'
    )


def _dialog(screen: Dialog) -> str:
    parts = [_box((MARGIN + 70, MARGIN + 8, WIDTH - 2 * MARGIN - 140, 26), PAPER, radius=8, stroke=LINE)]
    parts.append(_text((WIDTH / 2, MARGIN + 26), screen.address, anchor="middle", fill=TEXT_2))
    tall = 40 + 24 * len(screen.words) + 48
    left, width, top = 80, WIDTH - 160, (HEIGHT - tall) / 2 + 14
    parts.append(_box((left, top, width, tall), PAPER, radius=14, stroke=FRAME))
    for number, words in enumerate(screen.words):
        weight = 600 if number == 0 else 400
        parts.append(_text((WIDTH / 2, top + 34 + 24 * number), words, weight=weight, anchor="middle"))
    each, under = width / len(screen.buttons), top + tall - 48
    parts.append(_line(left, under, left + width, under))
    for number, name in enumerate(screen.buttons):
        parts.append(_text((left + each * (number + 0.5), under + 30), name, weight=600, anchor="middle", fill=BLUE))
    parts.append(_ring((left + each * (len(screen.buttons) - 1) + 6, under + 4, each - 12, 40)))
    return "".join(parts)


def _box(area: Area, fill: str, radius: float = 0, stroke: str = "") -> str:
    edge = f' stroke="{stroke}"' if stroke else ""
    return f'<rect {_place(area)} rx="{radius}" fill="{fill}"{edge}/>'


def _ring(area: Area) -> str:
    return f'<rect {_place(area)} rx="10" fill="none" stroke="{BRASS}" stroke-width="4"/>'


def _place(area: Area) -> str:
    left, top, width, height = area
    return f'x="{left:g}" y="{top:g}" width="{width:g}" height="{height:g}"'


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<path d="M{x1:g} {y1:g} L{x2:g} {y2:g}" stroke="{LINE}"/>'


def _text(at: tuple[float, float], words: str, weight: int = 400, anchor: str = "start", fill: str = TEXT) -> str:
    look = f'font-weight="{weight}" text-anchor="{anchor}" fill="{fill}"'
    return f'<text x="{at[0]:g}" y="{at[1]:g}" {look}>{escape(words)}</text>'
