"""A control socket between two processes: JSON lines, whole states instead of calls. Either end may come and go.

A line that cannot be read ends the connection; the end that calls does so anew, and everything is said again.
"""

from __future__ import annotations

import asyncio
import contextlib
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Generic, TypeVar

import msgspec
import structlog

LINE_LIMIT = 4 * 1024 * 1024
OWED_LIMIT = 4 * 1024 * 1024
"""Whoever calls and does not read this many octets is cut off; it will call anew and hear everything."""
RETRY_S = 0.25

Heard = TypeVar("Heard")
encoder = msgspec.json.Encoder()


def encode(word: msgspec.Struct) -> bytes:
    """One line."""
    return encoder.encode(word) + b"\n"


class Caller(ABC, Generic[Heard]):
    """The end that calls, and calls again until it is cancelled. `decode` raises msgspec.DecodeError."""

    def __init__(self, path: Path, name: str, decode: Callable[[bytes], Heard]) -> None:
        self.path = path
        self.log = structlog.get_logger(name)
        self.decode = decode
        self.writer: asyncio.StreamWriter | None = None
        self.up = asyncio.Event()

    async def run(self) -> None:
        """Stay connected until cancelled."""
        while True:
            with contextlib.suppress(OSError):
                await self._session()
            await asyncio.sleep(RETRY_S)

    def say(self, word: msgspec.Struct) -> None:
        """Say it if anybody is there; what must hold is said again by `said_again`."""
        if self.writer is not None:
            self.writer.write(encode(word))

    @abstractmethod
    def said_again(self) -> Iterable[msgspec.Struct]:
        """All that must hold, said at the beginning of each connection."""

    def met(self) -> None:
        """The other end is there and has been told everything."""

    @abstractmethod
    def heed(self, word: Heard) -> None:
        """One thing heard, in order, on the event loop; it must not block."""

    def parted(self) -> None:
        """The other end is gone."""

    async def _session(self) -> None:
        reader, writer = await asyncio.open_unix_connection(self.path, limit=LINE_LIMIT)
        self.writer = writer
        try:
            for word in self.said_again():
                self.say(word)
            self.up.set()
            self.met()
            while line := await reader.readline():
                self.heed(self.decode(line))
        except (ValueError, msgspec.DecodeError) as error:
            self.log.error("control.unreadable", reason=str(error))
        finally:
            self.writer = None
            self.up.clear()
            writer.close()
            self.parted()


class Listener(ABC, Generic[Heard]):
    """The end that is called, by any number of processes. `decode` raises msgspec.DecodeError."""

    def __init__(self, name: str, decode: Callable[[bytes], Heard]) -> None:
        self.log = structlog.get_logger(name)
        self.decode = decode
        self.writers: set[asyncio.StreamWriter] = set()

    @abstractmethod
    def standing(self) -> Iterable[msgspec.Struct]:
        """What a caller hears first: how everything stands."""

    @abstractmethod
    def heed(self, word: Heard, writer: asyncio.StreamWriter) -> None:
        """One thing heard from one caller, in order, on the event loop; it must not block."""

    def tell(self, word: msgspec.Struct) -> None:
        """Say it to everybody who listens."""
        line = encode(word)
        for writer in tuple(self.writers):
            self.write(writer, line)

    def write(self, writer: asyncio.StreamWriter, line: bytes) -> None:
        """Say it to one caller, unless it has stopped reading."""
        if writer.transport.get_write_buffer_size() > OWED_LIMIT:
            self.writers.discard(writer)
            writer.transport.abort()
        elif not writer.is_closing():
            writer.write(line)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One caller, from its first line to its last."""
        self.writers.add(writer)
        try:
            for word in self.standing():
                self.write(writer, encode(word))
            while line := await reader.readline():
                self.heed(self.decode(line), writer)
                await writer.drain()
        except (ConnectionError, ValueError, msgspec.DecodeError) as error:
            # What was said stays as it is: the caller will be back.
            self.log.warning("control.lost", reason=str(error))
        finally:
            self.writers.discard(writer)
            writer.close()

    def hang_up(self) -> None:
        """End all calls."""
        for writer in tuple(self.writers):
            writer.close()
