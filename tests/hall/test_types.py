"""Both sides speak of the same things: the client's types are those of the server's structs."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

from server.meetings import views
from server.meetings.acts import all_commands, all_events, tag_of
from server.meetings.roles import Role

ROOT = Path(__file__).resolve().parents[2]
TYPES = ROOT / "web/src/wire/types.ts"
GOLDEN = ROOT / "tests/golden/events"


def test_the_generated_types_are_current() -> None:
    command = [sys.executable, "scripts/generate_types.py", "--check"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_every_event_has_a_golden_file_and_a_type_and_a_case_in_the_client() -> None:
    assert views.SUBJECTS
    events = {tag_of(event) for event in all_events()}
    assert {file.stem for file in GOLDEN.glob("*.json")} == events
    listed = re.search(r"EVENT_TYPES = (\[.*?\])", TYPES.read_text("utf-8"), re.DOTALL)
    assert listed is not None and set(json.loads(listed[1])) == events
    reducer = (ROOT / "web/src/core/meeting.ts").read_text("utf-8")
    assert {tag for tag in events if f'"{tag}"' not in reducer} == set()


def test_every_command_has_a_type_in_the_client() -> None:
    text = TYPES.read_text("utf-8")
    assert [tag_of(command) for command in all_commands() if f'"{tag_of(command)}"' not in text] == []


def test_the_client_knows_every_role_that_a_meeting_gives() -> None:
    offices_and_house = {Role.SYSTEM, Role.SYSTEM_ADMIN, Role.UNIT_ADMIN}
    state = (ROOT / "web/src/state/meeting.svelte.ts").read_text("utf-8")
    assert [role for role in Role if role not in offices_and_house and f'"{role}"' not in state] == []


def test_golden_events_of_different_kinds_are_not_the_same_story() -> None:
    for file in sorted(GOLDEN.glob("*.json")):
        golden = json.loads(file.read_text("utf-8"))
        assert golden["event"]["type"] == file.stem
        assert golden["before"] != golden["after"], f"{file.stem} shows no change"
