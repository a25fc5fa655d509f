"""Where the paragraphs of a draft stand in its newer version: found by their words, as marks are (`matching.py`)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from server.documents.matching import ENOUGH, paired
from server.documents.passages import Passage


def followed(old: Sequence[Passage], new: Sequence[Passage]) -> dict[int, Passage]:
    """For the number of each paragraph of which half the words or more are found in one: that one."""
    before, after = ([passage.text.casefold().split() for passage in each] for each in (old, new))
    to = paired([word for some in before for word in some], [word for some in after for word in some])
    holds = [passage for passage, some in zip(new, after, strict=True) for _ in some]
    found: dict[int, Passage] = {}
    at = 0
    for passage, some in zip(old, before, strict=True):
        there = Counter(holds[word].number for word in to[at : at + len(some)] if word >= 0)
        at += len(some)
        number, count = max(there.items(), key=lambda each: (each[1], -each[0]), default=(0, 0))
        if count and count >= ENOUGH * len(some):
            found[passage.number] = new[number - 1]
    return found
