"""The scripts behind `make`: what they notice, and how they sum up."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from scripts import bootstrap
from server.config import Section, Settings

HOUSE = Path(__file__).parents[2]


def test_a_changed_added_or_removed_source_is_noticed(tmp_path: Path) -> None:
    (tmp_path / "src").mkdir()
    (tmp_path / "src/a.ts").write_text("1")
    digests = [bootstrap.tree_digest(tmp_path)]
    for change in (
        lambda: (tmp_path / "src/a.ts").write_text("2"),
        lambda: (tmp_path / "src/b.ts").write_text(""),
        lambda: (tmp_path / "src/b.ts").rename(tmp_path / "src/c.ts"),
        (tmp_path / "src/c.ts").unlink,
    ):
        change()
        digests.append(bootstrap.tree_digest(tmp_path))
    assert len(set(digests)) == 4
    assert digests[1] == digests[-1]


def test_what_was_built_is_not_a_source(tmp_path: Path) -> None:
    before = bootstrap.tree_digest(tmp_path)
    for name in ("node_modules", "dist"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x").write_text("x")
    assert bootstrap.tree_digest(tmp_path) == before


@pytest.mark.parametrize(("answer", "version"), [("v24.19.0", (24, 19, 0)), ("v18.20.4", (18, 20, 4))])
def test_the_version_of_node_is_read(tmp_path: Path, answer: str, version: tuple[int, ...]) -> None:
    node = tmp_path / "node"
    node.write_text(f"#!/bin/sh\necho {answer}\n")
    node.chmod(0o755)
    assert bootstrap.version_of(str(node)) == version
    assert (version >= bootstrap.NODE_TO_BUILD) == (version[0] == 24)


def test_a_node_that_does_not_run_is_too_old(tmp_path: Path) -> None:
    assert bootstrap.version_of(str(tmp_path / "node")) < bootstrap.NODE_TO_BUILD


@pytest.mark.parametrize("npm", ["echo 11.6.0", "exit 1"])
def test_a_node_whose_npm_is_broken_is_not_taken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, npm: str) -> None:
    for program, does in (("node", "echo v24.19.0"), ("npm", npm)):
        (tmp_path / program).write_text(f"#!/bin/sh\n{does}\n")
        (tmp_path / program).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    assert (bootstrap.node_of_the_machine(bootstrap.NODE_TO_BUILD) == tmp_path / "node") == (npm != "exit 1")


@pytest.mark.parametrize("lock", [bootstrap.RUN_LOCK, bootstrap.DEVELOP_LOCK, bootstrap.NODE_LOCK])
def test_every_package_of_a_lock_has_a_hash(lock: Path) -> None:
    blocks = [block for block in lock.read_text("utf-8").replace("\\\n", "").splitlines() if block[:1].isalnum()]
    assert blocks
    assert [block.split()[0] for block in blocks if "--hash=sha256:" not in block] == []


def test_the_lock_for_tests_contains_the_one_for_running() -> None:
    pins = [
        {line.split()[0] for line in lock.read_text("utf-8").splitlines() if line[:1].isalnum()}
        for lock in (bootstrap.RUN_LOCK, bootstrap.DEVELOP_LOCK)
    ]
    assert pins[0] <= pins[1]


def test_sources_are_compiled_even_where_python_may_keep_no_bytecode(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setattr(bootstrap, "PYTHON", sys.executable)
    (tmp_path / "room.py").write_text("chairs = 12\n")
    (tmp_path / "broken.py").write_text("chairs = = 12\n")
    bootstrap.compile_files(tmp_path)
    assert [file.name.partition(".")[0] for file in tmp_path.rglob("*.pyc")] == ["room"]


def test_a_source_that_was_written_again_is_compiled_again(tmp_path: Path) -> None:
    source = tmp_path / "room.py"
    source.write_text("chairs = 12\n")
    before = bootstrap.times_digest([tmp_path])
    assert bootstrap.times_digest([tmp_path]) == before
    os.utime(source, ns=(1, 1))
    assert bootstrap.times_digest([tmp_path]) != before


CASE = '<testcase classname="a" name="{name}" time="0.5">{inside}</testcase>'


def summary(folder: Path, *failed_steps: str, strict: str = "0") -> tuple[int, list[str]]:
    command = [sys.executable, HOUSE / "scripts/summary.py", folder, *failed_steps]
    environment = {**os.environ, "HOPSO_STRICT": strict}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    return done.returncode, done.stdout.splitlines()


def report(folder: Path, name: str, **cases: str) -> None:
    inside = "".join(CASE.format(name=case, inside=inside) for case, inside in cases.items())
    (folder / name).write_text(f"<testsuites><testsuite>{inside}</testsuite></testsuites>")


def test_the_summary_adds_up_all_reports(tmp_path: Path) -> None:
    report(tmp_path, "pytest.xml", one="", two="")
    report(tmp_path, "vitest.xml", three="")
    status, lines = summary(tmp_path)
    assert (status, lines[-1].strip("= ")) == (0, "3 passed in 1.50s")


def test_a_skipped_test_fails_the_strict_summary_only(tmp_path: Path) -> None:
    report(tmp_path, "pytest.xml", one="", two="<skipped/>")
    report(tmp_path, "vitest.xml", three="")
    assert summary(tmp_path)[0] == 0
    status, lines = summary(tmp_path, strict="1")
    assert (status, lines[-1].strip("= ")) == (1, "2 passed, 1 skipped in 1.50s")


def test_failures_missing_reports_and_failed_steps_are_named(tmp_path: Path) -> None:
    report(tmp_path, "pytest.xml", one="<failure/>", two="")
    status, lines = summary(tmp_path, "make check")
    assert status == 1
    assert lines[0] == "FAILED a::one"
    assert lines[1].startswith("ERROR vitest.xml")
    assert lines[2] == "ERROR make check"
    assert lines[-1].strip("= ") == "1 failed, 1 passed, 2 errors in 1.00s"


def test_the_installed_command_runs_in_the_datas_folder_with_what_lies_beside_the_program(tmp_path: Path) -> None:
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HOPSO_", "PYTHON"))}
    (tmp_path / "etc").mkdir()
    (tmp_path / "hopso").symlink_to(HOUSE / "scripts/hopso")
    folders = {"STATE_DIRECTORY": str(tmp_path), "CONFIGURATION_DIRECTORY": str(tmp_path / "etc")}
    command = [str(tmp_path / "hopso"), "--english", "verify-log"]
    said = []
    for settings in ("[web]\nprot = 1\n", ""):
        (tmp_path / "etc/hopso.toml").write_text(settings)
        done = subprocess.run(command, env=kept | folders, cwd="/", capture_output=True, text=True, check=False)
        said.append(done.stderr)
    assert "The settings are wrong: web.prot" in said[0]
    assert f"at {tmp_path}/var/hopso.db" in said[1]


def test_the_installed_command_names_everything_that_is_not_in_the_datas_folder() -> None:
    script = (HOUSE / "scripts/hopso").read_text()
    for table, section in Settings():
        for key, value in section if isinstance(section, Section) else ():
            if isinstance(value, Path) and value.parts[0] != "var":
                assert f'HOPSO_{table.upper()}__{key.upper()}="$house/{value}"' in script
