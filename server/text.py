"""Human text on its way in: one normal form, and nothing that only confuses the eye."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

CONFUSING = re.compile("[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u0000-\u0008\u000b-\u001f\u007f-\u009f]")
"""Bidirectional, zero-width and control characters; tab and line feed stay. A joiner inside an emoji goes
too: the emoji falls into its parts, which is harmless, while a name that reads backwards is not."""


def clean(text: str) -> str:
    """The text in NFC, without confusing characters, trimmed."""
    return CONFUSING.sub("", unicodedata.normalize("NFC", text)).strip()


def cleaned(value: Any) -> Any:
    """The same for every string inside plain data; keys stay as they are."""
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [cleaned(part) for part in value]
    if isinstance(value, dict):
        return {key: cleaned(part) for key, part in value.items()}
    return value


def folded(text: str) -> str:
    """The text for searching: lower case, without diacritics, đ as d ("Đồng Nai" → "dong nai")."""
    lower = unicodedata.normalize("NFC", text).lower().replace("đ", "d")
    return "".join(c for c in unicodedata.normalize("NFD", lower) if not unicodedata.combining(c))
