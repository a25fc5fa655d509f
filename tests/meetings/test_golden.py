"""Golden events, replayed here and by vitest: yesterday's log folds to the same meeting on both sides."""

from __future__ import annotations

import json
from pathlib import Path

import msgspec
import pytest

from server.canonical import canonical
from server.meetings.acts import all_events, read_event, tag_of
from server.meetings.meeting import Meeting
from tests.meetings.golden import FOLDER, LATER
from tests.meetings.scenario import whole

FILES = sorted(FOLDER.glob("*.json"))
BOTH = [*FILES, *sorted(LATER.glob("*.json"))]
ADDED = {
    ("attendance.substituted", "substitute.only_items"),
    ("attendance.substituted", "substitute.only_substitute"),
    ("ballot.announced", "by_chair"),
    ("ballot.announced", "chosen"),
    ("ballot.announced", "sheet"),
    ("ballot.closed", "entered"),
    ("ballot.counted", "by_chair"),
    ("ballot.counted", "chosen"),
    ("ballot.counted", "sealed"),
    ("ballot.counted", "sheet"),
    ("ballot.opened", "method"),
    ("ballot.opened", "needed"),
    ("ballot.planned", "ballot.against"),
    *(("ballot.planned", f"ballot.{name}") for name in ("called_at", "chosen", "kind", "needed", "places")),
    *(("ballot.planned", f"ballot.{name}") for name in ("by_chair", "repeats", "voided")),
    ("ballot.planned", "ballot.entered"),
    ("ballot.planned", "ballot.sheet"),
    *(("floor.ended", name) for name in ("answers", "to", "turn")),
    *(("floor.invited", f"speech.{name}") for name in ("answers", "opens_at", "to")),
    ("item.edited", "kind"),
    ("meeting.created", "internal"),
    ("meeting.described", "internal"),
    ("member.invited", "member.only_items"),
    ("microphones.locked", "everybody"),
    ("notice.posted", "until"),
    ("member.invited", "member.only_substitute"),
    ("paper.attached", "paper.screen_only"),
}
"""Fields that were added to events after rows without them had been written."""


def test_every_event_has_a_golden_file() -> None:
    assert {tag_of(event) for event in all_events()} == {file.stem for file in FILES}


@pytest.mark.parametrize(("tag", "field"), sorted(ADDED))
def test_a_row_from_before_a_field_was_added_is_kept_as_it_was(tag: str, field: str) -> None:
    part = json.loads((FOLDER / f"{tag}.json").read_text("utf-8"))["event"]
    *way, last = field.split(".")
    for name in way:
        part = part[name]
    assert last not in part, "this file must stay as it was written"


@pytest.mark.parametrize("file", BOTH, ids=lambda file: f"{file.parent.name}-{file.stem}")
def test_a_golden_event_folds_as_it_always_did(file: Path) -> None:
    golden = json.loads(file.read_text("utf-8"))
    before = msgspec.convert(golden["before"], type=Meeting)
    tag = golden["event"].pop("type")
    event = read_event(tag, msgspec.json.encode(golden["event"]))
    assert event.apply(before) == msgspec.convert(golden["after"], type=Meeting)


def test_the_whole_meeting_is_canonical_and_every_event_happens_in_it() -> None:
    play = whole()
    canonical(play.meeting)
    assert {tag_of(event) for _, event, _ in play.steps} == {tag_of(event) for event in all_events()}
