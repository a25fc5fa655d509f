"""Sockets that belong to this account only."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def private_socket(path: Path) -> Iterator[None]:
    """While inside, a socket may be made at `path`, and only this account will reach it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    before = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(before)
