"""The documentation is true: tables are current, doors and settings exist, links lead somewhere, pictures are there."""

from __future__ import annotations

import re
from pathlib import Path

import msgspec
import pytest

from scripts import protocol_tables, screens
from server.app import House
from server.catalogue import FILE, meeting_kinds
from server.config import Section, Settings
from server.meetings.rules import Rules
from server.web import application
from tests.e2e.small import settings_in

HOUSE = Path(__file__).parents[2]
PAGES = sorted([HOUSE / "README.md", HOUSE / "CHANGELOG.md", *(HOUSE / "docs").glob("*.md")])
PICTURES = HOUSE / "docs/screens"
MOST_OCTETS = 4 << 20

every_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)


def test_the_tables_of_commands_and_events_are_current() -> None:
    text = protocol_tables.TARGET.read_text("utf-8")
    assert protocol_tables.filled(text) == text, "run scripts/protocol_tables.py"


def test_an_old_table_is_noticed() -> None:
    text = protocol_tables.TARGET.read_text("utf-8")
    assert protocol_tables.filled(text.replace("`page.turn`", "`page.flip`")) == text


def test_the_tables_name_what_a_helper_yields_and_who_sees_a_count() -> None:
    rows = {line.split("|")[1].strip(): line for line in protocol_tables.commands().splitlines() if "|" in line}
    assert "`floor.ended`" in rows["`item.start`"]
    assert "a vote" in rows["`ballot.cast`"]
    counted = next(line for line in protocol_tables.events().splitlines() if line.startswith("| `ballot.counted`"))
    assert "the desk and the secretary" in counted


async def test_every_door_is_described(tmp_path: Path) -> None:
    house = House(settings_in(tmp_path, 8443))
    text = protocol_tables.TARGET.read_text("utf-8")
    try:
        doors = {
            f"{route.method} {re.sub(r':[^{}]*', '', route.resource.canonical)}"
            for route in application(house).router.routes()
            if route.resource is not None and route.method != "HEAD"
        }
    finally:
        await house.close()
    undescribed = [door for door in doors if f"`{door}`" not in text and not door.endswith(("/live/", "/{path}"))]
    assert undescribed == []


@every_page
def test_links_and_pictures_lead_somewhere(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text("utf-8"), flags=re.DOTALL)
    targets = re.findall(r"\]\(([^)#\s]+)[^)]*\)", text) + re.findall(r'src="([^"]+)"', text)
    lost = [link for link in targets if not re.match(r"https?:|mailto:", link) and not (page.parent / link).exists()]
    assert lost == []


@every_page
def test_what_make_is_asked_for_is_there(page: Path) -> None:
    there = set(re.findall(r"^([a-z]+):", (HOUSE / "Makefile").read_text("utf-8"), re.MULTILINE))
    asked = set(re.findall(r"(?:^|`)(?:\w+=\S+ )*make ([a-z]+)", page.read_text("utf-8"), re.MULTILINE))
    assert asked - there == set()


@every_page
def test_files_of_ours_that_are_named_exist(page: Path) -> None:
    ours = r"`((?:server|web|demo|tests|config|scripts|docs|bench)/[\w./-]+\.\w+)`"
    named = re.findall(ours, page.read_text("utf-8"))
    made_by_the_operator = {"config/local.toml"}
    assert [file for file in named if not (HOUSE / file).exists() and file not in made_by_the_operator] == []


@pytest.mark.parametrize("name", ["operate.md", "legal.md", "security.md"])
def test_settings_that_are_named_exist(name: str) -> None:
    sections = {key: type(value).model_fields for key, value in Settings() if isinstance(value, Section)}
    named = re.findall(r"`([a-z]+)\.([a-z0-9_]+)(?: = [^`]*)?`", (HOUSE / "docs" / name).read_text("utf-8"))
    assert [f"{table}.{key}" for table, key in named if table in sections and key not in sections[table]] == []


def test_every_kind_of_meeting_stands_in_the_table_of_legal_sources() -> None:
    text = (HOUSE / "docs/legal.md").read_text("utf-8")
    assert [kind.kind for kind in meeting_kinds() if f"`{kind.kind}`" not in text] == []


def test_every_screen_has_its_picture_and_the_folder_is_small() -> None:
    wanted = {f"{p.name}.png" for group in screens.GROUPS for p in group}
    kept = list(PICTURES.glob("*.png"))
    assert {file.name for file in kept} == wanted
    assert sum(file.stat().st_size for file in kept) < MOST_OCTETS


def test_the_head_of_the_catalogue_of_meetings_explains_every_rule() -> None:
    head = FILE.read_text("utf-8").partition("[[kind]]")[0]
    rules = [field.name for field in msgspec.structs.fields(Rules)]
    assert [rule for rule in rules if not re.search(rf"\b{rule}\b", head)] == []


def test_every_file_of_the_conference_is_told_of() -> None:
    text = (HOUSE / "docs/media.md").read_text("utf-8")
    files = {path.name for path in (HOUSE / "server/media").glob("*.py")} - {"__init__.py"}
    assert sorted(name for name in files if f"`{name}`" not in text) == []
