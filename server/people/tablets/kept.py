"""A PIN as it is kept, and what one must be. Pure."""

from __future__ import annotations

import itertools
import re

import msgspec

from server.clock import Millis
from server.errors import Invalid, Refused

DIGITS = 6
FORM = re.compile(rf"[0-9]{{{DIGITS}}}")


class Kept(msgspec.Struct, frozen=True):
    """That somebody has a PIN, never what it is."""

    person: str
    hashed: str
    set_at: Millis
    by: str
    """Who gave it: its owner, or an administrator."""


def check_pin(pin: str) -> None:
    """Six digits that are not the first anybody would try. `Invalid("pin.form")`, `Refused("pin.simple")`."""
    if not FORM.fullmatch(pin):
        raise Invalid("pin.form", digits=DIGITS)
    steps = {(int(b) - int(a)) % 10 for a, b in itertools.pairwise(pin)}
    in_a_row = len(steps) == 1 and steps <= {0, 1, 9}
    if in_a_row or len(set(pin)) < 3 or pin[:3] == pin[3:]:
        raise Refused("pin.simple")
