"""A shared tablet on a seat ("máy tính bảng dùng chung"). Pure."""

from __future__ import annotations

import msgspec

from server.clock import Millis

KIND = "seat"
"""What whoever sits at a shared tablet came in as: somebody in one meeting, with no office outside it."""


class Tablet(msgspec.Struct, frozen=True):
    """One device. Its secret is in its own cookie only; the database knows the hash."""

    id: str
    room: str
    seat: str
    bound_at: Millis
    bound_by: str
    agent: str = ""
    used_at: Millis = 0
    used_by: str = ""
    holds: str = ""
    """By what the person who sits there now came in; empty for nobody."""
