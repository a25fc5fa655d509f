"""What all tests share: the real components, and the rule that nothing is skipped quietly."""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests import components

STRICT = os.environ.get("HOPSO_STRICT") == "1"
"""With HOPSO_STRICT=1 a test that does not run is a failure."""

missing: dict[str, list[str]] = {}
"""Component -> the tests that did not run for want of it."""


def _component(name: str) -> Path:
    found = components.find(name)
    if found is None:
        pytest.skip(f"missing component: {name} (Debian: {components.PACKAGES[name]})")
    return found


@pytest.fixture(scope="session")
def chromium_path() -> Path:
    """Debian's browser."""
    return _component("chromium")


@pytest.fixture(scope="session")
def certutil_path() -> Path:
    """The program that fills Chromium's certificate store."""
    return _component("certutil")


@pytest.fixture(scope="session")
def soffice_path() -> Path:
    """LibreOffice, for office papers."""
    return _component("soffice")


@pytest.fixture(scope="session")
def janus_path() -> Path:
    """The Janus gateway."""
    return _component("janus")


@pytest.fixture(scope="session")
def redis_url() -> Iterator[str]:
    """A Redis of our own on a free port, shared by the whole run; `FLUSHALL` is allowed."""
    with components.redis_server(_component("redis-server")) as url:
        yield url


@pytest.fixture(scope="session")
def postgres_url() -> Iterator[str]:
    """A PostgreSQL cluster of our own, shared by the whole run: the URL of its maintenance database."""
    with components.postgres_server(_component("postgres")) as url:
        yield url


@pytest.fixture
def fresh_postgres_url(postgres_url: str) -> Iterator[str]:
    """The URL of an empty database that lives as long as the test."""
    name = f"test_{uuid.uuid4().hex}"
    maintenance = postgres_url.replace("+psycopg", "")
    with psycopg.connect(maintenance, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield postgres_url.rsplit("/", 1)[0] + "/" + name
    with psycopg.connect(maintenance, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


STARTS_THINGS = (
    "tests/documents/",
    "tests/demo/test_papers.py",
    "tests/e2e/",
    "tests/hall/",
    "tests/joints/",
    "tests/live/",
    "tests/media/test_forwarding.py",
    "tests/media/test_hostile.py",
    "tests/people/test_",
    "tests/records/test_service.py",
    "tests/records/test_routes.py",
)
"""Tests that start workers, servers, databases or builds: not pure, and left out of `make quick`."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what is not pure by where it lies, so that nobody has to remember it."""
    for item in items:
        if item.nodeid.startswith(STARTS_THINGS):
            item.add_marker("house")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    report = yield
    if report.skipped and not hasattr(report, "wasxfail"):
        _note(report, item.nodeid)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Any:
    report = yield
    if report.skipped:
        _note(report, collector.nodeid)
    return report


def _note(report: Any, nodeid: str) -> None:
    reason = str(report.longrepr[2]) if isinstance(report.longrepr, tuple) else str(report.longrepr)
    reason = reason.removeprefix("Skipped: ")
    missing.setdefault(reason, []).append(nodeid)
    if STRICT:
        report.outcome = "failed"
        report.longrepr = f"{nodeid} did not run: {reason}. With HOPSO_STRICT=1 every test runs."


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if not missing:
        return
    terminalreporter.section("tests that did not run")
    for reason, tests in sorted(missing.items()):
        terminalreporter.write_line(reason)
        for nodeid in tests:
            terminalreporter.write_line(f"  {nodeid}")
    terminalreporter.write_line("As root, `make deps` installs what is missing.")
