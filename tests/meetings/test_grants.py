"""The grants of the conference after every golden event; vitest holds the web client to the same file.

`python -m tests.meetings.test_grants` adds what is missing to the file and never changes what stands there.
"""

from __future__ import annotations

import json
from typing import Any

import msgspec
import pytest

from server.meetings.conference import grants
from server.meetings.meeting import Meeting
from tests.meetings.golden import FOLDER

FILE = FOLDER.parent / "grants.json"
NAMES = sorted(file.stem for file in FOLDER.glob("*.json"))


def granted_after(name: str) -> dict[str, Any]:
    """The grants of the meeting after a golden event."""
    after = json.loads((FOLDER / f"{name}.json").read_text("utf-8"))["after"]
    found = grants(msgspec.convert(after, type=Meeting))
    return {
        "audible": sorted(found.audible),
        "floor": found.floor,
        "stage": found.stage,
        "screen": found.screen,
    }


@pytest.mark.parametrize("name", NAMES)
def test_the_grants_after_an_event_are_as_they_always_were(name: str) -> None:
    assert granted_after(name) == json.loads(FILE.read_text("utf-8"))[name]


def main() -> None:
    """Add what is missing."""
    known = json.loads(FILE.read_text("utf-8")) if FILE.exists() else {}
    known = {name: known.get(name) or granted_after(name) for name in NAMES}
    FILE.write_text(json.dumps(known, ensure_ascii=False, indent=1) + "\n", "utf-8")


if __name__ == "__main__":
    main()
