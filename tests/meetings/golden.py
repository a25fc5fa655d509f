"""Adds golden files for events that have none yet: `python -m tests.meetings.golden`. Never edits one."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec

from server.meetings.acts import tag_of
from tests.meetings.scenario import whole

FOLDER = Path(__file__).resolve().parent.parent / "golden" / "events"


def main() -> None:
    """Write what is missing."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for before, event, after in whole().steps:
        file = FOLDER / f"{tag_of(event)}.json"
        if not file.exists():
            known = {"before": before, "event": event, "after": after}
            text = json.dumps(msgspec.to_builtins(known), ensure_ascii=False, indent=1, sort_keys=True)
            file.write_text(text + "\n", "utf-8")


if __name__ == "__main__":
    main()
