"""Which characters a TrueType font can draw, and what is printed for those it cannot.

PDF/A forbids characters without a glyph, so an emoji would cost the whole export; it is printed by its
code point instead, and stays in the DOCX as it was typed.
"""

from __future__ import annotations

import struct
from functools import cache
from pathlib import Path

IGNORED = frozenset((0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, *range(0xFE00, 0xFE10)))
"""Joiners and variation selectors: they draw nothing by themselves."""


def drawable(text: str, font: Path) -> str:
    """The text with every character the font lacks written as its code point: `[U+1F600]`."""
    known = characters(font)
    return "".join(_shown(letter, known) for letter in text)


def _shown(letter: str, known: frozenset[int]) -> str:
    code = ord(letter)
    if code in IGNORED:
        return ""
    return letter if code in known or letter.isspace() else f"[U+{code:04X}]"


@cache
def characters(font: Path) -> frozenset[int]:
    """The code points of the font's `cmap` table (OpenType 1.9, formats 4 and 12)."""
    data = font.read_bytes()
    (tables,) = struct.unpack_from(">H", data, 4)
    for index in range(tables):
        tag, _, offset, _ = struct.unpack_from(">4sLLL", data, 12 + 16 * index)
        if tag == b"cmap":
            return frozenset(_cmap(data, offset))
    return frozenset()


def _cmap(data: bytes, start: int) -> set[int]:
    (count,) = struct.unpack_from(">H", data, start + 2)
    found: set[int] = set()
    for index in range(count):
        _, _, offset = struct.unpack_from(">HHL", data, start + 4 + 8 * index)
        (kind,) = struct.unpack_from(">H", data, start + offset)
        if kind == 4:
            found |= _format_4(data, start + offset)
        elif kind == 12:
            found |= _format_12(data, start + offset)
    return found


def _format_4(data: bytes, at: int) -> set[int]:
    (double,) = struct.unpack_from(">H", data, at + 6)
    segments = double // 2
    ends = struct.unpack_from(f">{segments}H", data, at + 14)
    starts = struct.unpack_from(f">{segments}H", data, at + 16 + double)
    return {code for first, last in zip(starts, ends, strict=True) for code in range(first, last + 1) if code != 0xFFFF}


def _format_12(data: bytes, at: int) -> set[int]:
    (groups,) = struct.unpack_from(">L", data, at + 12)
    found: set[int] = set()
    for index in range(groups):
        first, last, _ = struct.unpack_from(">LLL", data, at + 16 + 12 * index)
        found.update(range(first, last + 1))
    return found
