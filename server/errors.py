"""What may go wrong, in the words of the caller.

A *code* is dotted, stable and the translation key of the sentence a person reads; details fill its
blanks. Anything that is not one of these classes is a bug and is logged with an incident id.
"""

from __future__ import annotations

import errno
from typing import ClassVar

Detail = str | int | bool | list[str]


FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


def is_full(error: BaseException) -> bool:
    """Whether the system says that there is no room left on the disk."""
    return isinstance(error, OSError) and error.errno in FULL


class Problem(Exception):
    """A clear "no" that a person can understand."""

    status: ClassVar[int] = 400

    def __init__(self, code: str, **details: Detail) -> None:
        super().__init__(code)
        self.code = code
        self.details = details


class Refused(Problem):
    """The rules of the meeting, or of the data, do not allow it now."""

    status = 409


class Invalid(Problem):
    """What was sent cannot be understood."""

    status = 400


class Unauthorized(Problem):
    """Nobody is signed in, or not any more."""

    status = 401


class Forbidden(Problem):
    """Somebody is signed in, and may not do this."""

    status = 403


class NotFound(Problem):
    """There is no such thing, or the asker may not know of it."""

    status = 404


class Conflict(Problem):
    """Somebody else was first."""

    status = 409


class TooLarge(Problem):
    """More bytes, pages or words than the limits allow."""

    status = 413


class TooMany(Problem):
    """Asked too often; try again later."""

    status = 429


class Unavailable(Problem):
    """A part of the system that this needs is not there."""

    status = 503
