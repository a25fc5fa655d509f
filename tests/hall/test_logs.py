"""What the operator reads, and what never stands in a log."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator

import pytest
import structlog

from server import logs


@pytest.fixture(autouse=True)
def keep_logging() -> Iterator[None]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def test_both_kinds_of_loggers_come_out_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info", json_lines=True, process="web")
    logging.getLogger("hopso.http").warning("incident %s", "a1")
    structlog.get_logger("hopso.live").info("joined", sockets=3)
    first, second = (json.loads(line) for line in capsys.readouterr().out.splitlines())
    assert (first["event"], first["level"], first["process"]) == ("incident a1", "warning", "web")
    assert (second["event"], second["sockets"], second["logger"]) == ("joined", 3, "hopso.live")


@pytest.mark.parametrize("json_lines", [True, False])
def test_a_failure_brings_its_traceback(capsys: pytest.CaptureFixture[str], json_lines: bool) -> None:
    logs.configure("info", json_lines=json_lines)
    try:
        raise RuntimeError("đứt dây")
    except RuntimeError:
        logging.getLogger("hopso").exception("incident")
    shown = capsys.readouterr().out
    assert "RuntimeError: đứt dây" in shown


def test_secrets_do_not_come_out(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("info", json_lines=True)
    structlog.get_logger("hopso").info("signed in", password="hunter2", Token="t0k3n")
    logging.getLogger("hopso").info("GET /live?ticket=%s&v=4", "s3cr3t")
    shown = capsys.readouterr().out
    for secret in ("hunter2", "t0k3n", "s3cr3t"):
        assert secret not in shown
    assert "v=4" in shown


@pytest.mark.parametrize("name", ["engineio.server", "socketio.server", "aiosqlite", "sqlalchemy.engine.Engine"])
def test_payloads_of_libraries_do_not_come_out(capsys: pytest.CaptureFixture[str], name: str) -> None:
    logs.configure("debug")
    logging.getLogger(name).info("received event ballot.cast [secret choice]")
    assert capsys.readouterr().out == ""


def test_the_level_is_kept(capsys: pytest.CaptureFixture[str]) -> None:
    logs.configure("error")
    logging.getLogger("hopso").warning("small")
    assert capsys.readouterr().out == ""
