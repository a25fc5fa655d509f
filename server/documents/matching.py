"""Where the content of an older version stands in a newer one: the same place, another place, or nowhere.

Words are matched by runs that both versions hold exactly once, longest runs first, and each match is grown to both
sides; what is left between two matches is compared word by word (Heckel, "A technique for isolating differences between
files", CACM 21/4, 1978, with runs of several words and moves between pages). Pages without words, such as scans, are
matched by their pictures.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, bisect_right
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from statistics import median
from typing import Literal

import msgspec

from server.documents.marks import UNIT

RUNS = (12, 6, 3)
"""Words that make a run, in the order in which they are tried."""
LONGEST_GAP = 400
"""Words between two matches that are still compared one by one."""
FEWEST_WORDS = 5
"""A page with fewer words is known by its picture."""
NEAREST = 8
"""Words that stand for a mark beside the text."""
SIDEWAYS = 0.25
"""A mark in the margin belongs to the line at its height, however far away the line begins."""
ENOUGH = 0.5
"""Of the words under a mark, so many must be found together again."""
STILL = 60
"""1/10000 of the page's width (about 1.3 mm on A4): a mark that moves less has not moved."""
ALIKE_BITS = 26
"""Of 256: pictures of pages that differ in no more show the same page."""

How = Literal["same", "moved", "vanished"]
Box = tuple[float, float, float, float]
"""Left, top, right, bottom, in 1/10000 of the page's width."""


class Sheet(msgspec.Struct, frozen=True):
    """One page: its size and its words with their boxes, all in points, as it is read."""

    width: float
    height: float
    words: list[tuple[float, float, float, float, str]] = []
    picture: int | None = None
    """A fingerprint of 256 bits of what the page looks like, for pages with hardly a word."""


class Place(msgspec.Struct, frozen=True):
    """Where a mark goes: `x * scale + dx` from the left, `y * scale + dy` from the top, in units of the new page."""

    page: int
    how: How
    dx: int = 0
    dy: int = 0
    scale: float = 1.0


class Matching:
    """Compares two versions once; then every mark of the older one can be asked for."""

    def __init__(self, old: Sequence[Sheet], new: Sequence[Sheet]) -> None:
        self.old = old
        self.new = new
        self._first, _ = _numbered(old)
        self._first_new, self._pages_new = _numbered(new)
        self.to = paired(_words(old), _words(new))

    def place(self, page: int, box: Box) -> Place:
        """Where the content under this box (of the old page, counted from 1) is now."""
        sheet = self.old[page - 1]
        if len(sheet.words) < FEWEST_WORDS:
            return self._by_picture(page)
        under = self._under(page, box)
        found = _together([self.to[word] for word in under])
        if len(found) < ENOUGH * len(under):
            return self._gone(page, under)
        return self._moved(page, [word for word in under if self.to[word] in found])

    def _under(self, page: int, box: Box) -> list[int]:
        """The numbers of the words that stand for the mark: those it touches, or else the nearest."""
        sheet, first = self.old[page - 1], self._first[page - 1]
        scale = sheet.width / UNIT
        left, top, right, bottom = (each * scale for each in box)
        away = [
            (SIDEWAYS * max(x0 - right, left - x1, 0.0) + max(y0 - bottom, top - y1, 0.0), first + at)
            for at, (x0, y0, x1, y1, _) in enumerate(sheet.words)
        ]
        return [word for far, word in away if far == 0] or [word for _, word in sorted(away)[:NEAREST]]

    def _moved(self, page: int, words: list[int]) -> Place:
        target = Counter(self._pages_new[self.to[word]] for word in words).most_common(1)[0][0]
        before, after = self.old[page - 1], self.new[target]
        shifts = [self._shift(word, page, target) for word in words if self._pages_new[self.to[word]] == target]
        dx, dy = (round(median(each) * UNIT / after.width) for each in zip(*shifts, strict=True))
        scale = before.width / after.width
        if target + 1 == page and abs(dx) <= STILL and abs(dy) <= STILL and abs(scale - 1) < 0.01:
            return Place(page, "same")
        return Place(target + 1, "moved", dx, dy, scale)

    def _shift(self, word: int, page: int, target: int) -> tuple[float, float]:
        before = self.old[page - 1].words[word - self._first[page - 1]]
        after = self.new[target].words[self.to[word] - self._first_new[target]]
        return after[0] - before[0], after[1] - before[1]

    def _gone(self, page: int, words: list[int]) -> Place:
        """Nothing of it is left: the page on which its neighbours stand, or the one of the same number."""
        low, high = min(words), max(words)
        for away in range(1, LONGEST_GAP):
            for near in (low - away, high + away):
                if 0 <= near < len(self.to) and self.to[near] >= 0:
                    return self._kept_on(page, self._pages_new[self.to[near]] + 1)
        return self._kept_on(page, page)

    def _kept_on(self, page: int, target: int) -> Place:
        there = min(max(target, 1), len(self.new))
        return Place(there, "vanished", 0, 0, self.old[page - 1].width / self.new[there - 1].width)

    def _by_picture(self, page: int) -> Place:
        picture = self.old[page - 1].picture
        if picture is None:
            return self._kept_on(page, page)
        unlike = [
            ((each.picture ^ picture).bit_count(), number != page, abs(number - page), number)
            for number, each in enumerate(self.new, start=1)
            if each.picture is not None
        ]
        alike = [each for each in unlike if each[0] <= ALIKE_BITS]
        if not alike:
            return self._kept_on(page, page)
        here = [each for each in alike if each[3] == page]
        number = (here or sorted(alike))[0][3]
        scale = self.old[page - 1].width / self.new[number - 1].width
        # The picture fills the page whatever its size: what was at the tenth of its width is there still.
        return Place(number, "same" if number == page and abs(scale - 1) < 0.01 else "moved")


def paired(old: list[str], new: list[str]) -> array[int]:
    """For each word of `old` the number of the same word in `new`, −1 where it is gone."""
    to, taken = array("l", [-1] * len(old)), bytearray(len(new))
    _ends(old, new, to, taken)
    for length in RUNS:
        for i, j in _single_runs(old, new, to, taken, length):
            _grow(old, new, to, taken, (i, j))
    for gap_old, gap_new in list(_gaps(to, len(new))):
        if 0 < len(gap_old) <= LONGEST_GAP and 0 < len(gap_new) <= LONGEST_GAP:
            _compare(old, new, to, taken, (gap_old, gap_new))
    return to


def _ends(old: list[str], new: list[str], to: array[int], taken: bytearray) -> None:
    """What both begin and end with: most new versions differ in one place."""
    shorter = min(len(old), len(new))
    at = 0
    while at < shorter and old[at] == new[at]:
        to[at], taken[at] = at, 1
        at += 1
    back = 1
    while back <= shorter - at and old[-back] == new[-back]:
        to[len(old) - back], taken[len(new) - back] = len(new) - back, 1
        back += 1


def _single_runs(
    old: list[str], new: list[str], to: array[int], taken: bytearray, length: int
) -> Iterator[tuple[int, int]]:
    """Where runs of that many unmatched words begin that each side holds exactly once."""
    here = _once(old, bytearray(each >= 0 for each in to), length)
    there = _once(new, taken, length)
    yield from ((i, there[run]) for run, i in here.items() if run in there)


def _once(words: list[str], matched: bytearray, length: int) -> dict[tuple[str, ...], int]:
    """Every run of unmatched words that stands here once, and where."""
    found: dict[tuple[str, ...], int] = {}
    free = 0
    for end, is_matched in enumerate(matched):
        free = 0 if is_matched else free + 1
        if free >= length:
            run = tuple(words[end + 1 - length : end + 1])
            found[run] = -1 if run in found else end + 1 - length
    return {run: at for run, at in found.items() if at >= 0}


def _grow(old: list[str], new: list[str], to: array[int], taken: bytearray, at: tuple[int, int]) -> None:
    """Match what follows and what goes before, as long as it is the same and unmatched."""
    for step in (1, -1):
        i, j = at if step == 1 else (at[0] - 1, at[1] - 1)
        while 0 <= i < len(old) and 0 <= j < len(new) and to[i] < 0 and not taken[j] and old[i] == new[j]:
            to[i], taken[j] = j, 1
            i, j = i + step, j + step


def _gaps(to: array[int], ends: int) -> Iterator[tuple[range, range]]:
    """The unmatched words between two matches that follow each other on both sides."""
    last, target = -1, -1
    for at, j in enumerate([*to, ends]):
        if j < 0:
            continue
        if j > target:
            yield range(last + 1, at), range(target + 1, j)
        last, target = at, j


def _compare(old: list[str], new: list[str], to: array[int], taken: bytearray, gap: tuple[range, range]) -> None:
    """Match word by word what is the same between two matches."""
    here, there = ([words[at] for at in part] for words, part in zip((old, new), gap, strict=True))
    for block in SequenceMatcher(None, here, there, autojunk=False).get_matching_blocks():
        for step in range(block.size):
            i, j = gap[0].start + block.a + step, gap[1].start + block.b + step
            if not taken[j]:
                to[i], taken[j] = j, 1


def _together(places: list[int]) -> set[int]:
    """Of these places those that stand together; words scattered over the paper are other words."""
    found = sorted(place for place in places if place >= 0)
    if not found:
        return set()
    reach = 2 * len(places) + NEAREST
    windows = ((bisect_left(found, place - reach), bisect_right(found, place + reach)) for place in found)
    first, last = max(windows, key=lambda window: window[1] - window[0])
    return set(found[first:last])


def _words(sheets: Iterable[Sheet]) -> list[str]:
    return [word[4].casefold() for sheet in sheets for word in sheet.words]


def _numbered(sheets: Sequence[Sheet]) -> tuple[list[int], array[int]]:
    """The number of each page's first word, and the page (from 0) of each word."""
    first, pages = list[int](), array("l")
    for number, sheet in enumerate(sheets):
        first.append(len(pages))
        pages.extend([number] * len(sheet.words))
    return first, pages
