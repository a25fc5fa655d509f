"""How a film is laid out: page or shared screen at the left, who speaks at the right; alone, they fill it."""

from __future__ import annotations

import msgspec

MARGIN = 16


class Box(msgspec.Struct, frozen=True):
    """A part of the picture, in pixels."""

    x: int
    y: int
    width: int
    height: int


class Layout(msgspec.Struct, frozen=True):
    """Where things are; `paper` is None when neither a page nor a screen is shown."""

    paper: Box | None
    stage: Box
    words: Box


def layout(height: int, paper: bool) -> Layout:
    """The layout of a film of this height, 16:9."""
    width = height * 16 // 9
    words = height // 6
    if not paper:
        return Layout(None, Box(0, 0, width, height - words), Box(MARGIN, height - words, width - 2 * MARGIN, words))
    side = width * 3 // 10
    stage = Box(width - side, 0, side, side * 9 // 16)
    below = stage.height + MARGIN
    return Layout(
        Box(0, 0, width - side, height), stage, Box(stage.x + MARGIN, below, side - 2 * MARGIN, height - below)
    )


def fitted(size: tuple[int, int], box: Box) -> Box:
    """The largest place of that shape in the middle of the box; sides are even, as coders want them."""
    width, height = max(size[0], 1), max(size[1], 1)
    scale = min(box.width / width, box.height / height)
    across, down = max(2, int(width * scale) & ~1), max(2, int(height * scale) & ~1)
    return Box(box.x + (box.width - across) // 2, box.y + (box.height - down) // 2, across, down)
