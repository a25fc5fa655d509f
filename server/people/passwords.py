"""Passwords at rest: argon2id, off the event loop, never more at once than the machine can bear."""

from __future__ import annotations

import asyncio

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import Type

from server.people.accounts import password_of

AT_ONCE = 2
"""Each computation takes its memory (64 MiB by default) and one core: sixty people at nine o'clock wait in line."""


class Passwords:
    """Hashes and verifies (RFC 9106; the defaults are its second recommended setting)."""

    def __init__(self, memory_kib: int = 65_536, passes: int = 3) -> None:
        self._hasher = PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=4, type=Type.ID)
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._nobody = ""

    async def hash(self, password: str) -> str:
        """The encoded hash of a password, with a salt of its own."""
        async with self._slots:
            return await asyncio.to_thread(self._hasher.hash, password_of(password))

    async def verify(self, encoded: str, password: str) -> bool:
        """Whether this is the password. An empty hash takes the same time and is never right."""
        if not encoded:
            await self._verify(await self._nobodys_hash(), password)
            return False
        return await self._verify(encoded, password)

    def is_outdated(self, encoded: str) -> bool:
        """Whether the hash was made with other settings and is worth making again."""
        return self._hasher.check_needs_rehash(encoded)

    async def _verify(self, encoded: str, password: str) -> bool:
        async with self._slots:
            return await asyncio.to_thread(self._matches, encoded, password_of(password))

    def _matches(self, encoded: str, password: str) -> bool:
        try:
            return self._hasher.verify(encoded, password)
        except (VerificationError, InvalidHashError):
            return False

    async def _nobodys_hash(self) -> str:
        if not self._nobody:
            self._nobody = await self.hash("nobody has this password")
        return self._nobody
