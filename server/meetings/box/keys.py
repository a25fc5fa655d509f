"""The box of a secret ballot: choices are sealed to the ballot's own public key, and read once, when it closes.

Each choice is sealed alone (X25519, HKDF-SHA-256, ChaCha20-Poly1305, built like the base mode of RFC 9180) and padded,
so that all are equally long. The private key is wrapped by a key that lies in a file of its own, outside the database
and its backups; the ballot's end destroys that file, and what copies of the database still hold opens nothing any more.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Sequence
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from server.clock import Millis
from server.errors import Conflict

KEY_OCTETS = 32
TAG_OCTETS = 16
ONCE = bytes(12)
"""Each key seals one thing only, so that its nonce need not differ."""
ENDING = ".key"


class BoxKeys:
    """The keys of the boxes that are open now, a file each, readable by their owner only."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def make(self, ballot: str) -> tuple[bytes, bytes]:
        """A new key for this ballot: the public half, and the private one wrapped for the database. What a failed
        attempt has left is replaced: nothing was sealed to it."""
        private, wrapping = X25519PrivateKey.generate(), os.urandom(KEY_OCTETS)
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        draft = self._file(ballot).with_suffix(f".{os.getpid()}")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as stream:
            _write(stream.fileno(), wrapping)
        draft.replace(self._file(ballot))
        self._settle()
        wrapped = ChaCha20Poly1305(wrapping).encrypt(ONCE, private.private_bytes_raw(), ballot.encode())
        return private.public_key().public_bytes_raw(), wrapped

    def read(self, ballot: str, wrapped: bytes, sealed: Sequence[bytes]) -> list[str]:
        """What lay in the box, sorted: in no order of voting. `Conflict("ballot.key_lost")` when the key is gone or
        does not fit; then nobody can read it, and the ballot has to be taken again."""
        try:
            wrapping = ChaCha20Poly1305(self._file(ballot).read_bytes())
            private = X25519PrivateKey.from_private_bytes(wrapping.decrypt(ONCE, wrapped, ballot.encode()))
            return sorted(_open(private, one, ballot) for one in sealed)
        except (OSError, ValueError, InvalidTag) as error:
            raise Conflict("ballot.key_lost") from error

    def destroy(self, ballot: str) -> None:
        """Nobody reads this box again. The file is written over first; nothing happens when it is gone already."""
        with contextlib.suppress(FileNotFoundError):
            handle = os.open(self._file(ballot), os.O_WRONLY)
            try:
                _write(handle, os.urandom(KEY_OCTETS))
            finally:
                os.close(handle)
            self._file(ballot).unlink()
            self._settle()

    def left(self, before: Millis) -> list[str]:
        """The ballots whose keys were made before this moment and are still here."""
        found = []
        for file in self._folder.glob(f"*{ENDING}"):
            with contextlib.suppress(FileNotFoundError):
                if file.stat().st_mtime * 1000 < before:
                    found.append(file.name.removesuffix(ENDING))
        return found

    def _file(self, ballot: str) -> Path:
        return self._folder / f"{ballot}{ENDING}"

    def _settle(self) -> None:
        """The folder itself is on the disk: a key that was made is there after a power cut, one destroyed is not."""
        handle = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def seal(public: bytes, choice: str, ballot: str, width: int) -> bytes:
    """The choice as only this ballot's key reads it; `width` octets of room, however short the choice is."""
    once = X25519PrivateKey.generate()
    theirs = X25519PublicKey.from_public_bytes(public)
    fresh = once.public_key().public_bytes_raw()
    plain = choice.encode().ljust(width, b"\0")
    return fresh + ChaCha20Poly1305(_shared(once.exchange(theirs), fresh, public)).encrypt(ONCE, plain, ballot.encode())


def empty(width: int) -> bytes:
    """What lies in a place that nobody has used: noise as long as a sealed choice."""
    return os.urandom(KEY_OCTETS + width + TAG_OCTETS)


def _open(private: X25519PrivateKey, sealed: bytes, ballot: str) -> str:
    fresh = sealed[:KEY_OCTETS]
    shared = private.exchange(X25519PublicKey.from_public_bytes(fresh))
    key = _shared(shared, fresh, private.public_key().public_bytes_raw())
    plain = ChaCha20Poly1305(key).decrypt(ONCE, sealed[KEY_OCTETS:], ballot.encode())
    return plain.rstrip(b"\0").decode()


def _shared(exchanged: bytes, fresh: bytes, public: bytes) -> bytes:
    return HKDF(SHA256(), KEY_OCTETS, salt=None, info=b"hopso secret ballot" + fresh + public).derive(exchanged)


def _write(handle: int, content: bytes) -> None:
    os.write(handle, content)
    os.fsync(handle)
