"""How the house speaks to its operator: one line an event, for people on a terminal or as JSON for a collector.

Rooms use `logging.getLogger("hopso.…")` or structlog; both come out here. What looks like a secret never does.
"""

from __future__ import annotations

import logging
import re
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

QUIET = ("engineio", "socketio", "aiohttp.access", "aioice", "aiortc", "aiosqlite", "asyncio", "sqlalchemy")
"""Libraries that would print payloads or rows (ballots among them) or one line per packet: only their warnings."""

SECRET_KEYS = frozenset({"password", "token", "ticket", "secret", "cookie", "authorization", "otp", "sdp", "choice"})
SECRET_IN_TEXT = re.compile(r"(?i)\b(password|token|ticket|secret|cookie|authorization|otp)(=|: ?)[^\s&,;]+")
HIDDEN = "[hidden]"


def configure(level: str = "info", json_lines: bool = False, process: str = "") -> None:
    """Sets up logging for this process; `process` ("web", "media") stands on each line.

    `level` is debug, info, warning or error. Lines go to standard output, where systemd and syslog pick them up.
    """
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _named(process),
        hide_secrets,
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=False,
    )
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(_formatter(shared, json_lines))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level.upper())
    for name in QUIET:
        logging.getLogger(name).setLevel(logging.WARNING)


def hide_secrets(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Replaces values under secret names, and `token=…` inside the words, by `[hidden]`."""
    for key, value in event.items():
        if key.lower() in SECRET_KEYS:
            event[key] = HIDDEN
        elif isinstance(value, str):
            event[key] = SECRET_IN_TEXT.sub(rf"\1\2{HIDDEN}", value)
    return event


def _named(process: str) -> Any:
    def add(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        if process:
            event["process"] = process
        return event

    return add


def _formatter(shared: list[Any], json_lines: bool) -> logging.Formatter:
    last: list[Any] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if json_lines:
        last += [structlog.processors.format_exc_info, structlog.processors.JSONRenderer(ensure_ascii=False)]
    else:
        plain = structlog.dev.plain_traceback
        last.append(structlog.dev.ConsoleRenderer(colors=sys.stdout.isatty(), exception_formatter=plain))
    return structlog.stdlib.ProcessorFormatter(foreign_pre_chain=shared, processors=last)
