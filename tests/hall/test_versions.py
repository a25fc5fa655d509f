"""Libraries below these versions have holes we know of: the floors stand in pyproject.toml, in the locks, and here."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

FLOORS = {
    "aiohttp": "3.14.3",
    "python-socketio": "5.16.4",
    "python-engineio": "4.13.2",
}
"""Of the list of threats, line 25."""
LOCKS = ("config/requirements.lock", "config/requirements-dev.lock")
DECLARED = [Requirement(each) for each in tomllib.loads(Path("pyproject.toml").read_text())["project"]["dependencies"]]


@pytest.mark.parametrize(("name", "floor"), FLOORS.items(), ids=FLOORS.keys())
def test_what_is_installed_declared_and_locked_is_not_below_the_floor(name: str, floor: str) -> None:
    assert Version(version(name)) >= Version(floor)
    declared = next(each for each in DECLARED if each.name == name)
    least = [Version(part.version) for part in declared.specifier if part.operator in {">=", "=="}]
    assert least and min(least) >= Version(floor)
    for lock in LOCKS:
        (locked,) = re.findall(rf"^{re.escape(name)}==([0-9.]+)", Path(lock).read_text(), re.MULTILINE)
        assert Version(locked) >= Version(floor), lock


def test_what_runs_here_is_what_the_lock_says_of_everything_we_name() -> None:
    locked = dict(re.findall(r"^([A-Za-z0-9_.-]+)==([^\s;\\]+)", Path(LOCKS[0]).read_text(), re.MULTILINE))
    for requirement in DECLARED:
        assert requirement.specifier.contains(locked[canonicalize_name(requirement.name)]), requirement
        assert requirement.specifier.contains(version(requirement.name)), requirement


def test_every_locked_file_is_named_by_its_hash() -> None:
    for lock in LOCKS:
        entries = re.split(r"\n(?=[A-Za-z0-9_.-]+==)", Path(lock).read_text().strip())
        assert len(entries) > 20
        assert [entry.split("==")[0] for entry in entries if "--hash=sha256:" not in entry] == [], lock
