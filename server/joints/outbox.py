"""The key that opens a person's outbox on a shared tablet; it is released only to that person, signed in."""

from __future__ import annotations

import hashlib
import hmac
import os
import secrets
from pathlib import Path

KEY_FILE = "outbox.key"
KEY_OCTETS = 32


class OutboxKeys:
    """Derives each person's key (256 bits, HMAC-SHA-256) from one secret that never leaves the house."""

    def __init__(self, keys_folder: Path) -> None:
        self._secret = _secret_in(keys_folder / KEY_FILE)

    def of(self, person: str) -> bytes:
        """The key of this person; the same at every sign-in."""
        return hmac.new(self._secret, person.encode(), hashlib.sha256).digest()


def _secret_in(path: Path) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_bytes()
    with os.fdopen(handle, "wb") as file:
        secret = secrets.token_bytes(KEY_OCTETS)
        file.write(secret)
    return secret
