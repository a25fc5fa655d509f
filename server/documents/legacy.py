"""Vietnamese set in fonts from before Unicode: what such a font shows for a letter, as Unicode.

TCVN3 ("ABC", TCVN 5712:1993, VN3) is the code of the fonts whose names begin with ".Vn"; those that end with "H" show
capitals for small letters. VNI for Windows, the code of the "VNI-" fonts, writes a vowel and its marks as two letters.
Both stand where Windows-1252 has other letters, and that is what a PDF says of them. Which it is tells the font's name.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import Any, Literal

Code = Literal["", "tcvn3", "tcvn3_capitals", "vni"]
"""How a font is coded; empty: as Unicode says."""
Box = tuple[float, float, float, float]
Boxed = tuple[float, float, float, float, str]

SUBSET = re.compile(r"^[A-Z]{6}\+")
"""What precedes the name of a font that is embedded in part (ISO 32000-1, 9.6.4)."""
STYLE = re.compile(r"[\s,_-]*(Regular|Normal|Roman|Bold|Italic|Oblique|BoldItalic|PSMT|MT)$", re.IGNORECASE)
OTHER_VNI = ("INTERNET", "DOS")
"""Fonts of VNI's makers that are coded otherwise."""

TCVN3 = dict(
    zip(
        "¡¢£¤¥¦§¨©ª«¬\xad®µ¶·¸¹»¼½¾ÆÇÈÉÊËÌÎÏÐÑÒÓÔÕÖ×ØÜÝÞßáâãäåæçèéêëìíîïñòóôõö÷øùúûüýþ",
        "ĂÂÊÔƠƯĐăâêôơưđàảãáạằẳẵắặầẩẫấậèẻẽéẹềểễếệìỉĩíịòỏõóọồổỗốộờởỡớợùủũúụừửữứựỳỷỹýỵ",
        strict=True,
    )
)
TCVN3["μ"] = "à"
"""Of the sign at B5 some programs say that it is the Greek letter."""

VNI_LETTERS = dict(zip("ñöôíìæóòîÑÖÔÍÌÆÓÒÎ", "đươíìỉĩịỵĐƯƠÍÌỈĨỊỴ", strict=True))
TONES = dict(zip("ùøûõï", "\u0301\u0300\u0309\u0303\u0323", strict=True))
CIRCUMFLEX = dict(zip("âáàåãä", ("\u0302" + tone for tone in ("", *TONES.values())), strict=True))
BREVE = dict(zip("êéèúüë", ("\u0306" + tone for tone in ("", *TONES.values())), strict=True))
VNI_MARKS = {
    **dict.fromkeys("uyơư", TONES),
    **dict.fromkeys("eo", TONES | CIRCUMFLEX),
    "a": TONES | CIRCUMFLEX | BREVE,
}
"""Which marks a vowel may have after it. Capitals have theirs as capitals; typists mix the two."""

PRIVATE = {0xF000 + octet: octet for octet in range(0x20, 0x100)}
"""Symbol fonts of Windows have their letters there."""
UNMISTAKABLE = re.compile("[ĂăĐđƠơƯưẠ-ỹ]")
"""No legacy font has these: whatever its name, a font that shows them is coded as Unicode."""
LOST_HORN = re.compile(
    r"(?<![\w-])(?i:(b|ch?|d|đ|gi?|h|kh?|l|m|ng?h?|ph?|r|s|th?|tr|v|x)?)-(?:(?<=\w-)|(?=\w))"
    r"(a|ng|u|[ơờởỡớợ](?:c|i|m|ng?|p|t|u))?(?![\w-])"
)


def code_of(font: str) -> Code:
    """How a font of this name is coded."""
    name = SUBSET.sub("", font.replace("#20", " ").strip())
    if name.startswith(".Vn"):
        while (shorter := STYLE.sub("", name)) != name:
            name = shorter
        return "tcvn3_capitals" if name.endswith("H") else "tcvn3"
    is_vni = re.match(r"VNI[\s_-]", name, re.IGNORECASE) or re.match(r"VNI[A-Z][a-z]", name)
    return "vni" if is_vni and not any(other in name.upper() for other in OTHER_VNI) else ""


def as_unicode(text: str, code: Code) -> str:
    """What a font of this code shows for this text, in NFC; what the code has no letter for stays."""
    if not code:
        return text
    plain = text.translate(PRIVATE)
    if code == "vni":
        return unicodedata.normalize("NFC", "".join(_vni(plain)))
    shown = _with_horns("".join(TCVN3.get(letter, letter) for letter in plain), plain)
    return shown.upper() if code == "tcvn3_capitals" else shown


def _vni(text: str) -> Iterator[str]:
    before = ""
    for letter in text:
        mark = VNI_MARKS.get(before, {}).get(letter.lower(), "")
        shown = VNI_LETTERS.get(letter, letter)
        before = "" if mark else shown.lower()
        yield mark or shown


def _with_horns(shown: str, written: str) -> str:
    """In WinAnsi, the code of simple fonts in PDF, ư is but another hyphen (ISO 32000-1, annex D.2, note 6): `tr-êng`.

    It is ư where a syllable is made of it that exists, and where the same text has no ư of its own.
    """
    if "\xad" in written:
        return shown
    return LOST_HORN.sub(lambda found: f"{found[1] or ''}ư{found[2] or ''}", shown)


def repaired(parts: Iterable[tuple[str, Code]]) -> str:
    """A word, its letters with the codes they are set in."""
    return "".join(as_unicode("".join(text for text, _ in run), code) for code, run in groupby(parts, lambda p: p[1]))


def boxed_words(page: dict[str, Any]) -> list[Boxed]:
    """The words of a page with their boxes; `page` holds every letter with its box and font (PyMuPDF's `rawdict`)."""
    lines = [line["spans"] for block in page["blocks"] for line in block.get("lines", ())]
    codes = _codes(lines)
    return [word for spans in lines for word in _line_words(spans, codes)]


def _codes(lines: Sequence[Sequence[dict[str, Any]]]) -> dict[str, Code]:
    """The code of each font of the page."""
    codes: dict[str, Code] = {}
    for span in (span for spans in lines for span in spans):
        code = codes.setdefault(span["font"], code_of(span["font"]))
        if code and UNMISTAKABLE.search("".join(letter["c"] for letter in span["chars"])):
            codes[span["font"]] = ""
    return codes


def _line_words(spans: Sequence[dict[str, Any]], codes: dict[str, Code]) -> Iterator[Boxed]:
    letters = [(letter["c"], letter["bbox"], codes[span["font"]]) for span in spans for letter in span["chars"]]
    for is_space, run in groupby(letters, lambda letter: letter[0] <= " " or letter[0] == "\xa0"):
        if is_space:
            continue
        word = list(run)
        text = repaired((letter, code) for letter, _, code in word)
        yield (*_around([box for _, box, _ in word]), text)


def _around(boxes: Sequence[Box]) -> Box:
    left, top, right, bottom = zip(*boxes, strict=True)
    return min(left), min(top), max(right), max(bottom)
