"""The catalogue of meeting types, read from `config/meeting_types.toml`."""

from __future__ import annotations

import tomllib
from pathlib import Path

import msgspec

from server.errors import Invalid
from server.meetings.rules import Rules

FILE = Path(__file__).resolve().parent.parent / "config/meeting_types.toml"


def meeting_kinds() -> list[Rules]:
    """All kinds of meetings; `Invalid("config.invalid")` names what is wrong in the file."""
    try:
        return msgspec.convert(tomllib.loads(FILE.read_text("utf-8"))["kind"], list[Rules])
    except (msgspec.ValidationError, tomllib.TOMLDecodeError, KeyError) as error:
        raise Invalid("config.invalid", keys=[f"{FILE}: {error}"]) from error
