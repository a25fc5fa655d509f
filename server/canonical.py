"""One way to write a value down, the same in Python and JavaScript, so that hashes and digests agree.

Keys sorted, no spaces, UTF-8, integers and strings only: floats print differently in the two languages
and are refused. `web/src/core/canonical.ts` is the other half.
"""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec


def canonical(value: Any) -> bytes:
    """The canonical JSON of a struct or of plain data; `TypeError` when a float is in it."""
    plain = msgspec.to_builtins(value)
    _refuse_floats(plain)
    return msgspec.json.encode(plain, order="deterministic")


def digest(value: Any) -> str:
    """SHA-256 of the canonical form, in hexadecimal."""
    return hashlib.sha256(canonical(value)).hexdigest()


def _refuse_floats(value: Any) -> None:
    if isinstance(value, float):
        raise TypeError("floats have no canonical form")
    if isinstance(value, dict):
        for part in value.values():
            _refuse_floats(part)
    elif isinstance(value, list):
        for part in value:
            _refuse_floats(part)
