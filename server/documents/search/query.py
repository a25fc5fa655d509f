"""What somebody looks for, and where it stands in the words of a page.

Words are compared in two forms. `bare`: small letters without marks, đ as d. `spelled`: small letters with marks, the
tone as a figure at the end, so that "hoà" and "hòa" are one word (the two ways of placing it are both in use). Whoever
types marks means them; whoever types none gets words with any.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import lru_cache

import msgspec

from server.errors import Refused
from server.text import folded

WORD = re.compile(r"[^\W_]+")
QUOTED = re.compile('["“”„«»]([^"“”„«»]*)["“”„«»]')
TONES = {"\u0300": "1", "\u0301": "2", "\u0303": "3", "\u0309": "4", "\u0323": "5"}
LONGEST_WORD = 60
"""Letters by which longer words are told apart; databases take no endless ones."""
MOST_SOUGHT = 16
AROUND = 8
"""Words of an excerpt before the first that was looked for."""
EXCERPT = 34
"""Words of an excerpt."""


class Sought(msgspec.Struct, frozen=True):
    """A word, or words that follow each other; `exact` compares them as `spelled`, else as `bare`."""

    words: tuple[str, ...]
    exact: bool = False


Query = tuple[Sought, ...]
"""All of them must stand on the page."""


class Piece(msgspec.Struct, frozen=True):
    """A stretch of an excerpt."""

    text: str
    hit: bool = False


@lru_cache(maxsize=1 << 15)
def bare(word: str) -> str:
    """The word without marks: `đồng` → `dong`."""
    return folded(word)[:LONGEST_WORD]


@lru_cache(maxsize=1 << 15)
def spelled(word: str) -> str:
    """The word with its marks, wherever its tone is written: `hoà`, `hòa` → `hoa1`."""
    letters = unicodedata.normalize("NFD", unicodedata.normalize("NFC", word).lower())
    tone = "".join(TONES.get(letter, "") for letter in letters)
    plain = "".join(letter for letter in letters if letter not in TONES)
    return (unicodedata.normalize("NFC", plain) + tone)[:LONGEST_WORD]


def words(text: str) -> list[str]:
    """The words of a text as they stand there, without what is between them: `15/QĐ-UBND` → `15`, `QĐ`, `UBND`."""
    return WORD.findall(unicodedata.normalize("NFC", text))


def read(text: str) -> Query:
    """What these words ask for: quoted ones must follow each other, and so must the parts of `15/QĐ-UBND`.

    `Refused("search.no_words")` where there is no word.
    """
    phrases = [found[1] for found in QUOTED.finditer(text)]
    groups = [words(each) for each in (*phrases, *QUOTED.sub(" ", text).split())]
    query = tuple(dict.fromkeys(_sought(group) for group in groups if group))
    if not query:
        raise Refused("search.no_words")
    return query[:MOST_SOUGHT]


def _sought(group: Sequence[str]) -> Sought:
    exact = any(unicodedata.normalize("NFC", word).lower() != bare(word) for word in group if len(word) <= LONGEST_WORD)
    return Sought(tuple((spelled if exact else bare)(word) for word in group), exact)


def excerpt(text: str, query: Query) -> tuple[Piece, ...]:
    """A stretch of the text where most of what was looked for stands, all of it marked."""
    text = unicodedata.normalize("NFC", text)
    spots = [found.span() for found in WORD.finditer(text)]
    if not spots:
        return ()
    hits = _hits([text[start:end] for start, end in spots], query)
    first = max(0, _best(hits) - AROUND)
    last = min(len(spots), first + EXCERPT) - 1
    marked = {word for at, length, _ in hits for word in range(at, at + length)}
    begin = 0 if first == 0 else spots[first][0]
    end = len(text) if last == len(spots) - 1 else spots[last][1]
    pieces = list(
        _pieces(
            text[begin:end], [(spots[w][0] - begin, spots[w][1] - begin) for w in sorted(marked) if first <= w <= last]
        )
    )
    before, after = (["…"] if begin else []), (["…"] if end < len(text) else [])
    return (*map(Piece, before), *pieces, *map(Piece, after))


def _hits(given: Sequence[str], query: Query) -> list[tuple[int, int, int]]:
    """Where something sought stands: its first word, how many words, which of the sought."""
    forms = {True: [spelled(word) for word in given], False: [bare(word) for word in given]}
    found = []
    for which, sought in enumerate(query):
        there, length = forms[sought.exact], len(sought.words)
        starts = (at for at, word in enumerate(there) if word == sought.words[0])
        found += [(at, length, which) for at in starts if tuple(there[at : at + length]) == sought.words]
    return sorted(found)


def _best(hits: Sequence[tuple[int, int, int]]) -> int:
    """The first word of the hit after which, within an excerpt, most different things stand."""
    within = EXCERPT - AROUND

    def different(start: int) -> int:
        return len({which for at, length, which in hits if start <= at and at + length <= start + within})

    return max((at for at, _, _ in hits), key=lambda at: (different(at), -at), default=0)


def _pieces(text: str, spans: Iterable[tuple[int, int]]) -> Iterable[Piece]:
    at = 0
    joined: list[list[int]] = []
    for start, end in spans:
        # Words of a phrase are marked together with what is between them.
        if joined and not words(text[joined[-1][1] : start]) and len(text[joined[-1][1] : start]) <= 1:
            joined[-1][1] = end
        else:
            joined.append([start, end])
    for start, end in joined:
        if start > at:
            yield Piece(text[at:start])
        yield Piece(text[start:end], hit=True)
        at = end
    if at < len(text):
        yield Piece(text[at:])
