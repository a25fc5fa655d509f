"""Telling whoever listens. Nobody who fails to take something in may keep it from the others, or from its teller."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable

log = logging.getLogger("hopso.listeners")


def tell_all(told: Iterable[Callable[[], None]], what: str) -> None:
    """Call each of these; what one of them raises is a bug, and logged."""
    for tell in told:
        try:
            tell()
        except Exception:
            log.exception("%s was not taken in", what)
