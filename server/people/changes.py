"""What differs between a thing as it was and as it is now, for the record. Pure."""

from __future__ import annotations

from typing import Any


def differences(before: Any, after: Any, *fields: str) -> dict[str, list[Any]]:
    """The fields that changed, each with what stood there and what stands there now; of nothing, all that is there."""
    found = {name: [getattr(before, name, None), getattr(after, name)] for name in fields}
    return {name: pair for name, pair in found.items() if pair[0] != pair[1]}
