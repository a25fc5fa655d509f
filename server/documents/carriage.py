"""Marks on their way from an older version of a paper to the newer one that replaces it.

A mark goes with the words it stands on. Handwriting goes together: the strokes of a word must not be torn apart because
each of them is nearest to another line.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby

import msgspec

from server.documents.limits import PageSize
from server.documents.marks import Mark, Origin, Stroke, box_of, fitted, put
from server.documents.matching import Box, Matching

NEAR = 300
"""1/10000 of the page's width: strokes of one hand no further apart were written together."""


class Laden(msgspec.Struct, frozen=True):
    """A mark of an older version, and who made it."""

    mark: Mark
    by: str


class Unloaded(msgspec.Struct, frozen=True):
    """The same mark where it belongs in the newer version."""

    mark: Mark
    origin: Origin


def carried(
    laden: Sequence[Laden], version: str, matching: Matching, sizes: tuple[PageSize, ...]
) -> Iterator[Unloaded]:
    """Every mark of `version` in the newer one, whose pages have these sizes; none is left behind."""
    for group in _written_together(laden):
        page = group[0].page
        place = matching.place(page, _around(group))
        for mark in group:
            there = put(mark, place.page, place.dx, place.dy, place.scale)
            yield Unloaded(fitted(there, sizes), Origin(version, page, place.how))


def _written_together(laden: Sequence[Laden]) -> Iterator[list[Mark]]:
    """Strokes of a pen by one hand, one after the other and near each other, are one group; all else goes alone."""
    for _, of_page in groupby(laden, key=lambda each: (each.by, each.mark.page)):
        group = list[Mark]()
        for each in of_page:
            if group and not _goes_along(each.mark, group[-1]):
                yield group
                group = []
            group.append(each.mark)
        yield group


def _goes_along(mark: Mark, before: Mark) -> bool:
    if not (_is_handwriting(mark) and _is_handwriting(before)):
        return False
    left, top, right, bottom = box_of(mark)
    x0, y0, x1, y1 = box_of(before)
    return max(left - x1, x0 - right, top - y1, y0 - bottom) <= NEAR


def _is_handwriting(mark: Mark) -> bool:
    return isinstance(mark, Stroke) and mark.tool == "pen"


def _around(group: Iterable[Mark]) -> Box:
    lefts, tops, rights, bottoms = zip(*(box_of(mark) for mark in group), strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)
