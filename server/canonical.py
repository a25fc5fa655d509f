"""One way to write a value down, the same in Python and JavaScript, so that hashes and digests agree.

Keys sorted, no spaces, UTF-8, integers and strings only: floats print differently in the two languages
and are refused. `web/src/core/canonical.ts` is the other half.
"""

from __future__ import annotations

import hashlib
from typing import Any

import msgspec

LARGEST_INTEGER = 2**53 - 1
"""`Number.MAX_SAFE_INTEGER`."""


def canonical(value: Any) -> bytes:
    """The canonical JSON of a struct or of plain data; `TypeError` when a float is in it."""
    plain = msgspec.to_builtins(value)
    _refuse_floats(plain)
    return msgspec.json.encode(plain, order="deterministic")


def digest(value: Any) -> str:
    """SHA-256 of the canonical form, in hexadecimal."""
    return hashlib.sha256(canonical(value)).hexdigest()


def _refuse_floats(value: Any) -> None:
    if isinstance(value, float) or (isinstance(value, int) and abs(value) > LARGEST_INTEGER):
        raise TypeError("floats and integers beyond 2^53 have no canonical form: JavaScript would change them")
    if isinstance(value, dict):
        for part in value.values():
            _refuse_floats(part)
    elif isinstance(value, list):
        for part in value:
            _refuse_floats(part)
