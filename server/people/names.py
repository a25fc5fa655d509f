"""Vietnamese names: cleaned, folded for search, and put in the order Vietnamese lists use."""

from __future__ import annotations

import unicodedata
from functools import lru_cache

from server.text import clean as text_clean
from server.text import folded

LETTERS = "aăâbcdđeêfghijklmnoôơpqrstuưvwxyz"
"""The alphabet in dictionary order (with f, j, w, z, which foreign names bring along)."""

TONES = ("", "\u0300", "\u0309", "\u0303", "\u0301", "\u0323")
"""Level, huyền, hỏi, ngã, sắc, nặng: the order of Vietnamese dictionaries."""

SyllableKey = tuple[tuple[int, ...], int]

_LETTER_RANK = {letter: rank for rank, letter in enumerate(LETTERS)}
_TONE_RANK = {tone: rank for rank, tone in enumerate(TONES)}
_TONE_MARKS = frozenset(TONES[1:])


def clean(text: str) -> str:
    """One line in NFC with single spaces and no control, direction or zero-width characters: what is stored."""
    return " ".join(text_clean(text).split())


def fold(text: str) -> str:
    """Lower case without marks and with single spaces: "Đồng Nai" becomes "dong nai"."""
    return " ".join(folded(text).split())


def matches(query: str, text: str) -> bool:
    """Whether every word of the query occurs in the text.

    A word typed without marks finds every spelling ("hoa" finds Hoa, Hòa, Hoá); a word typed with marks
    finds only that spelling, because who takes the trouble to type them means them.
    """
    exact, folded = unicodedata.normalize("NFC", text).lower(), fold(text)
    words = unicodedata.normalize("NFC", query).lower().split()
    return all(word in (folded if word == fold(word) else exact) for word in words)


def given_name_first(name: str) -> tuple[SyllableKey, ...]:
    """The sorting key of a person's name: given name, then family name, then the names between.

    Vietnamese lists are ordered by the given name, which stands last: Lê Văn An comes before Cao Thị Bình.
    """
    syllables = clean(name).lower().split()
    return tuple(_syllable_key(syllable) for syllable in [*syllables[-1:], *syllables[:-1]])


def alphabetical(text: str) -> tuple[SyllableKey, ...]:
    """The sorting key of a title or a unit's name, read from left to right."""
    return tuple(_syllable_key(syllable) for syllable in clean(text).lower().split())


@lru_cache(4096)  # a province has a few hundred, in thousands of names
def _syllable_key(syllable: str) -> SyllableKey:
    """Letters first, and only between equal letters the tone."""
    tone = 0
    letters: list[int] = []
    for character in syllable:
        bare, mark = _without_tone(character)
        tone = tone or _TONE_RANK[mark]
        letters.append(_LETTER_RANK.get(bare, len(LETTERS) + ord(bare)))
    return tuple(letters), tone


def _without_tone(character: str) -> tuple[str, str]:
    parts = unicodedata.normalize("NFD", character)
    mark = next((part for part in parts if part in _TONE_MARKS), "")
    bare = unicodedata.normalize("NFC", "".join(part for part in parts if part not in _TONE_MARKS))
    return bare[:1] or character, mark
