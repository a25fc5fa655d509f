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


class Digests:
    """The digests of a struct that is replaced again and again: what stands in a field as before, and is the very same
    value, is not written down anew. Of a meeting of a thousand, a page turn changes a thousandth."""

    def __init__(self) -> None:
        self._parts: dict[str, tuple[Any, bytes]] = {}

    def of(self, value: msgspec.Struct) -> str:
        """The same as `digest`."""
        for field in value.__struct_fields__:
            part, known = getattr(value, field), self._parts.get(field)
            if known is None or known[0] is not part:
                self._parts[field] = part, msgspec.json.encode(field) + b":" + canonical(part)
        written = (self._parts[field][1] for field in sorted(value.__struct_fields__))
        return hashlib.sha256(b"{" + b",".join(written) + b"}").hexdigest()


def _refuse_floats(value: Any) -> None:
    # Of a meeting of a thousand these are ten thousands of parts: no call for each of them.
    waiting: list[Any] = [(value,)]
    while waiting:
        for part in waiting.pop():
            kind = type(part)
            if kind is str or kind is bool or part is None:
                continue
            if kind is dict:
                waiting.append(part.values())
            elif kind is list or kind is tuple:
                waiting.append(part)
            elif isinstance(part, float) or (isinstance(part, int) and abs(part) > LARGEST_INTEGER):
                raise TypeError("floats and integers beyond 2^53 have no canonical form: JavaScript would change them")
