"""What all tests share: the real components, and the rule that nothing is skipped quietly."""

from __future__ import annotations

import os
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import hypothesis
import psycopg
import pytest

from tests import components

# Dozens of servers are started, and each would compile all of its modules again.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False

# The same examples on every machine, however slow it is.
hypothesis.settings.load_profile("ci")

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
def firefox_path() -> Path:
    """The other browser."""
    return _component("firefox-esr")


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
def sipp_path() -> Path:
    """A program that speaks SIP as a room codec does."""
    return _component("sipp")


@pytest.fixture(scope="session")
def turnserver_path() -> Path:
    """The relay (coturn)."""
    return _component("turnserver")


@pytest.fixture(scope="session")
def nft_path() -> Path:
    """The program that sets rules for packets."""
    return _component("nft")


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
    "tests/media/recorder/test_film.py",
    "tests/media/recorder/test_recording.py",
    "tests/media/test_edges.py",
    "tests/media/test_forwarding.py",
    "tests/media/test_frozen.py",
    "tests/media/test_hostile.py",
    "tests/media/test_links.py",
    "tests/media/test_process.py",
    "tests/media/test_quiet.py",
    "tests/media/test_redundancy.py",
    "tests/media/test_relay.py",
    "tests/media/test_roaming.py",
    "tests/media/test_trial.py",
    "tests/media/test_wall.py",
    "tests/people/administration/",
    "tests/people/tablets/",
    "tests/people/test_",
    "tests/records/test_service.py",
    "tests/records/test_routes.py",
)
"""Tests that start workers, servers, databases or builds: not pure, and left out of `make quick`."""


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Where only what is pure is asked for, nothing else is even read."""
    if "not house" not in str(config.option.markexpr) or collection_path.is_dir():
        return None
    return str(collection_path.relative_to(config.rootpath)).startswith(STARTS_THINGS) or None


DRIVE_BROWSERS = (
    "tests/e2e/test_conference.py",
    "tests/e2e/test_guide.py",
    "tests/e2e/test_lines.py",
    "tests/e2e/test_marks.py",
    "tests/e2e/test_offline.py",
    "tests/e2e/test_opinions.py",
    "tests/e2e/test_pages.py",
    "tests/e2e/test_policy.py",
    "tests/e2e/test_presenting.py",
    "tests/e2e/test_recording.py",
    "tests/e2e/test_room.py",
    "tests/e2e/test_screens.py",
    "tests/e2e/test_seats.py",
    "tests/e2e/test_services.py",
    "tests/e2e/test_sites.py",
    "tests/e2e/test_technician.py",
    "tests/e2e/test_votes.py",
    "tests/e2e/test_whole_meeting.py",
    "tests/hall/test_certificates.py",
    "tests/media/test_chromium.py",
    "tests/media/test_firefox.py",
    "tests/media/test_wall.py",
)
"""Several browsers at work at once are too much for two cores: where tests run in parallel, these follow each other."""


def _drives_a_browser(item: pytest.Item) -> bool:
    return item.nodeid.startswith(DRIVE_BROWSERS)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark what is not pure by where it lies, so that nobody has to remember it; see that no browser is forgotten."""
    for item in items:
        if item.nodeid.startswith(STARTS_THINGS):
            item.add_marker("house")
        if "chromium_path" in getattr(item, "fixturenames", ()) and not _drives_a_browser(item):
            raise pytest.UsageError(f"{item.nodeid} drives a browser: name its file in tests/conftest.py")
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)  # where the one browser lives
    if hasattr(config, "workerinput"):
        items.sort(key=_how_late)


LONGEST = (
    "tests/documents/test_hostile_input.py",
    "tests/documents/test_office.py",
    "tests/e2e/test_convergence.py",
    "tests/e2e/test_crash.py",
    "tests/hall/test_serving.py",
    "tests/joints/test_processes.py",
)


def _how_late(item: pytest.Item) -> int:
    """In parallel what takes longest comes first, so that no worker is left with it at the end."""
    return 0 if _drives_a_browser(item) else 1 if item.nodeid.startswith(LONGEST) else 2


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """`-n 2`: the browser tests one after the other in one worker, all others file by file wherever there is time."""
    from xdist.scheduler import LoadScopeScheduling

    class OneForTheBrowsers(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return "browsers" if nodeid.startswith(DRIVE_BROWSERS) else nodeid.partition("::")[0]

    config.option.loadscopereorder = False
    return OneForTheBrowsers(config, log)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Any:
    report = yield
    if report.skipped and not hasattr(report, "wasxfail"):
        _judge(report, item.nodeid)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report(collector: pytest.Collector) -> Any:
    report = yield
    if report.skipped:
        _judge(report, collector.nodeid)
    return report


def _judge(report: Any, nodeid: str) -> None:
    reason = str(report.longrepr[2]) if isinstance(report.longrepr, tuple) else str(report.longrepr)
    report.wanting = reason.removeprefix("Skipped: ")
    if STRICT:
        report.outcome = "failed"
        report.longrepr = f"{nodeid} did not run: {report.wanting}. With HOPSO_STRICT=1 every test runs."


def pytest_runtest_logreport(report: Any) -> None:
    """Also where the test ran in a worker of xdist: the report is what comes from there."""
    _note(report)


def pytest_collectreport(report: Any) -> None:
    """The same for a whole file."""
    _note(report)


def _note(report: Any) -> None:
    if hasattr(report, "wanting"):
        missing.setdefault(report.wanting, []).append(report.nodeid)


def pytest_terminal_summary(terminalreporter: Any) -> None:
    if not missing:
        return
    terminalreporter.section("tests that did not run")
    for reason, tests in sorted(missing.items()):
        terminalreporter.write_line(reason)
        for nodeid in tests:
            terminalreporter.write_line(f"  {nodeid}")
    terminalreporter.write_line("As root, `make deps` installs what is missing.")
