"""Invitations: how a guest or a site that has no account comes into one meeting, and into nothing else."""

from __future__ import annotations

import hashlib

import msgspec

from server.clock import ALPHABET, Millis
from server.errors import Invalid

KINDS = frozenset({"guest", "site"})
DEVICES = frozenset({"sender", "viewer", "codec", "call"})
"""What a site sends with, watches with, calls with, or is called at, instead of a browser; they open no session."""
NUMBER_DIGITS = 10
"""What is dialled with a remote control; the switchboard counts the tries."""
CODE_LETTERS = 16
"""80 bits: short enough to be typed from a paper invitation, and every try is counted."""

_LOOKALIKES = str.maketrans({"o": "0", "i": "1", "l": "1", "u": "v"})


class Invitation(msgspec.Struct, frozen=True):
    """A way into one meeting. The code itself is not here: only its SHA-256 is stored."""

    id: str
    meeting: str
    kind: str
    person: str
    """Who comes in by it, as the meeting knows them: a member's id, or the site's."""
    name: str
    unit: str
    created: Millis
    expires: Millis
    revoked: bool = False

    def is_open(self, now: Millis) -> bool:
        """Whether one may still come in, or stay, by it."""
        return not self.revoked and now < self.expires


def code_of(secret: str) -> str:
    """A fresh code made of an unguessable secret: letters and digits that nobody confuses."""
    bits = int.from_bytes(hashlib.sha256(secret.encode()).digest())
    return "".join(ALPHABET[bits >> 5 * place & 31] for place in range(CODE_LETTERS))


def number_of(secret: str) -> str:
    """A fresh number to dial made of an unguessable secret."""
    bits = int.from_bytes(hashlib.sha256(secret.encode()).digest())
    return f"{bits % 10**NUMBER_DIGITS:0{NUMBER_DIGITS}}"


def written(code: str) -> str:
    """As it is printed: "7K3F-9QXM-2HTA-P4VN"."""
    return "-".join(code[start : start + 4] for start in range(0, len(code), 4)).upper()


def typed(text: str) -> str:
    """The code somebody typed, forgiving dashes, spaces, capitals and the letters O, I, L and U.

    Raises `Invalid("invitation.form")` when it is not a code at all.
    """
    code = "".join(text.lower().replace("-", " ").split()).translate(_LOOKALIKES)
    if len(code) != CODE_LETTERS or any(letter not in ALPHABET for letter in code):
        raise Invalid("invitation.form", letters=CODE_LETTERS)
    return code
