"""Whose shelf it is: a meeting's has the meeting's id, and somebody's own begins as no id does."""

from __future__ import annotations

OWN = "own:"


def shelf_of(person: str) -> str:
    """The shelf of this person's own papers."""
    return OWN + person


def owner_of(shelf: str) -> str:
    """Whose own shelf this is; empty for a meeting's."""
    return shelf.removeprefix(OWN) if shelf.startswith(OWN) else ""
