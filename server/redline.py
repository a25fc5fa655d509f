"""What somebody changes in a text, word by word: the redline, whether two proposals meet, and the text with both.

The shortest script of words taken out and put in, by Myers, "An O(ND) Difference Algorithm and Its Variations",
Algorithmica 1 (1986). `web/src/core/redline.ts` is the other half: `tests/golden/redlines.json` holds both to the same.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Literal

import msgspec

LINE = "\n"
"""The word that stands for a new paragraph."""
MOST_EDITS = 200
"""Beyond so many words out and in, two texts have nothing to do with each other: one stands for the other."""


class Edit(msgspec.Struct, frozen=True, order=True):
    """The words from `start` to before `end` give way to others; none of either may be there."""

    start: int
    end: int
    words: tuple[str, ...]


class Piece(msgspec.Struct, frozen=True):
    """A stretch of a redline: words that stay, that go, or that come."""

    kind: Literal["same", "gone", "new"]
    text: str


def words(text: str) -> list[str]:
    """The words of a text; lines that hold any are divided by `LINE`."""
    lines = [line.split() for line in text.split("\n")]
    found: list[str] = []
    for line in filter(None, lines):
        found += [*([LINE] if found else []), *line]
    return found


def text_of(these: Sequence[str]) -> str:
    """The words as a text again."""
    return " ".join(these).replace(f" {LINE} ", LINE).strip(" ")


def edits(before: Sequence[str], after: Sequence[str]) -> list[Edit]:
    """What makes the one of the other, in order; two edits never touch."""
    found: list[Edit] = []
    old = new = 0
    for at_old, at_new in [*_matches(before, after), (len(before), len(after))]:
        if at_old > old or at_new > new:
            found.append(Edit(old, at_old, tuple(after[new:at_new])))
        old, new = at_old + 1, at_new + 1
    return found


def redline(before: str, after: str) -> list[Piece]:
    """The text with its changes: what goes stands before what comes."""
    old, at = words(before), 0
    pieces: list[Piece] = []
    for edit in edits(old, words(after)):
        stretches = (("same", old[at : edit.start]), ("gone", old[edit.start : edit.end]), ("new", edit.words))
        pieces += [Piece(kind, " ".join(some)) for kind, some in stretches if some]  # type: ignore[arg-type]
        at = edit.end
    return [*pieces, *([Piece("same", " ".join(old[at:]))] if old[at:] else [])]


def merged(before: str, proposals: Sequence[str]) -> str | None:
    """The text with all these proposals in it; None when two of them want different things of the same words."""
    old = words(before)
    wanted = sorted({edit for proposed in proposals for edit in edits(old, words(proposed))})
    if any(_meet(first, second) for first, second in pairwise(wanted)):
        return None
    made: list[str] = []
    at = 0
    for edit in wanted:
        made += [*old[at : edit.start], *edit.words]
        at = edit.end
    return text_of([*made, *old[at:]])


def _meet(first: Edit, second: Edit) -> bool:
    return first.start == second.start or (first.start < second.end and second.start < first.end)


def _matches(before: Sequence[str], after: Sequence[str]) -> Iterator[tuple[int, int]]:
    """Which words stay: their places in both texts."""
    head = 0
    while head < min(len(before), len(after)) and before[head] == after[head]:
        yield head, head
        head += 1
    tail = 0
    while tail < min(len(before), len(after)) - head and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    old, new = before[head : len(before) - tail], after[head : len(after) - tail]
    yield from ((head + x, head + y) for x, y in _traced(_furthest(old, new), len(old), len(new)))
    for back in range(tail, 0, -1):
        yield len(before) - back, len(after) - back


def _furthest(old: Sequence[str], new: Sequence[str]) -> list[dict[int, int]]:
    """How far each diagonal came before each step; empty when there are too many steps."""
    furthest, steps = {1: 0}, list[dict[int, int]]()
    for step in range(MOST_EDITS + 1):
        steps.append(dict(furthest))
        for diagonal in range(-step, step + 1, 2):
            x = _begun(furthest, diagonal, step)
            while x < len(old) and x - diagonal < len(new) and old[x] == new[x - diagonal]:
                x += 1
            furthest[diagonal] = x
            if x >= len(old) and x - diagonal >= len(new):
                return steps
    return []


def _goes_down(furthest: dict[int, int], diagonal: int, step: int) -> bool:
    return diagonal == -step or (diagonal != step and furthest[diagonal - 1] < furthest[diagonal + 1])


def _begun(furthest: dict[int, int], diagonal: int, step: int) -> int:
    down = _goes_down(furthest, diagonal, step)
    return furthest[diagonal + 1] if down else furthest[diagonal - 1] + 1


def _traced(steps: list[dict[int, int]], x: int, y: int) -> list[tuple[int, int]]:
    """The way back from the end: which words were met on it."""
    met: list[tuple[int, int]] = []
    for step in range(len(steps) - 1, -1, -1):
        diagonal = x - y
        before = diagonal + 1 if _goes_down(steps[step], diagonal, step) else diagonal - 1
        old = steps[step][before]
        while x > old and y > old - before:
            x, y = x - 1, y - 1
            met.append((x, y))
        x, y = old, old - before
    return met[::-1]
