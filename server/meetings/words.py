"""The kinds of words and numbers a meeting's state is made of, with their limits."""

from __future__ import annotations

from typing import Annotated, dataclass_transform

import msgspec
from msgspec import Meta

Id = Annotated[str, Meta(pattern=r"^[0-9a-zA-Z:_.-]{1,64}$")]
Title = Annotated[str, Meta(min_length=1, max_length=600)]
Short = Annotated[str, Meta(min_length=1, max_length=45)]
Text = Annotated[str, Meta(max_length=20_000)]
Line = Annotated[str, Meta(max_length=600)]
Minutes = Annotated[int, Meta(ge=1, le=600)]
PageNumber = Annotated[int, Meta(ge=1, le=100_000)]
Time = Annotated[int, Meta(ge=0, le=10_000_000_000_000)]
"""A moment that somebody enters, in milliseconds since 1970: up to the year 2286."""
Share = Annotated[int, Meta(ge=0, le=10_000)]
"""A part of the page's width or height, in 1/10000."""


@dataclass_transform(frozen_default=True, field_specifiers=(msgspec.field,))
class State(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A part of the meeting's state."""
