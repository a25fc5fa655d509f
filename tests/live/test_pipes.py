"""The short way into a socket, on real connections: what uvloop hides is where it was, and order is never lost."""

from __future__ import annotations

import asyncio
import socket
import ssl
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import uvloop

from server import certificates
from server.clock import SystemClock
from server.line import BUSY, Line, write_to_all
from server.machine import Names
from server.pipes import ONE_RECORD, pipe_of

Connected = tuple[asyncio.Transport, asyncio.StreamReader, socket.socket]
HELD = 3000
"""Messages of a kilobyte, more than the queues of the kernel take."""


def contexts(folder: Path) -> tuple[ssl.SSLContext, ssl.SSLContext]:
    """The two sides of TLS."""
    file, key = folder / "cert.pem", folder / "key.pem"
    certificates.ensure(folder, file, key, Names(("localhost",), ("127.0.0.1",)), SystemClock().now())
    client = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.check_hostname, client.verify_mode = False, ssl.CERT_NONE
    return certificates.server_context(file, key), client


class Server(asyncio.Protocol):
    """The serving end of one connection."""

    def __init__(self) -> None:
        self.lost = asyncio.Event()
        self.transport: asyncio.Future[asyncio.Transport] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: Any) -> None:
        self.transport.set_result(transport)

    def connection_lost(self, _error: Exception | None) -> None:
        self.lost.set()


@asynccontextmanager
async def connection(folder: Path, secure: bool) -> AsyncIterator[tuple[Server, asyncio.StreamReader, Any]]:
    """A connection over loopback; the client's window is narrow."""
    sides = contexts(folder) if secure else (None, None)
    server = Server()
    listening = await asyncio.get_running_loop().create_server(lambda: server, "127.0.0.1", 0, ssl=sides[0])
    raw = socket.socket()
    raw.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 16384)
    raw.connect(listening.sockets[0].getsockname())
    name = "localhost" if secure else None
    reader, writer = await asyncio.open_connection(sock=raw, ssl=sides[1], server_hostname=name)
    try:
        yield server, reader, raw
    finally:
        writer.transport.abort()
        (await server.transport).abort()
        listening.close()


def on(loop: Callable[[], asyncio.AbstractEventLoop], work: Callable[[], Awaitable[None]]) -> None:
    """Run it on this kind of loop."""
    with asyncio.Runner(loop_factory=loop) as runner:
        runner.run(asyncio.wait_for(work(), 60))


LOOPS = pytest.mark.parametrize("loop", [uvloop.new_event_loop, asyncio.new_event_loop], ids=["uvloop", "asyncio"])
SECURE = pytest.mark.parametrize("secure", [False, True], ids=["plain", "tls"])


def test_uvloop_hides_its_tls_where_it_did(tmp_path: Path) -> None:
    async def work() -> None:
        async with connection(tmp_path, True) as (server, reader, _):
            pipe = pipe_of(await server.transport)
            assert pipe.send is not None, "read uvloop's sslproto.pyx again, then `sealing_of`"
            while pipe.waiting():
                await asyncio.sleep(0)
            assert pipe.send(b"under the seal") == 14
            assert pipe.waiting() == 0
            assert await reader.readexactly(14) == b"under the seal"
            pipe.close()

    on(uvloop.new_event_loop, work)


@LOOPS
def test_tcp_has_a_short_way_on_every_loop_and_an_unknown_tls_none(loop: Any, tmp_path: Path) -> None:
    async def work() -> None:
        async with connection(tmp_path, False) as (server, _, _):
            assert pipe_of(await server.transport).send is not None
        if loop is asyncio.new_event_loop:
            async with connection(tmp_path, True) as (server, _, _):
                assert pipe_of(await server.transport).send is None

    on(loop, work)


@LOOPS
@SECURE
def test_the_order_holds_whatever_waits_and_whoever_writes(loop: Any, secure: bool, tmp_path: Path) -> None:
    async def work() -> None:
        async with connection(tmp_path, secure) as (server, reader, _):
            transport = await server.transport
            line = Line(transport)
            waited = 0

            async def hear() -> None:
                for number in range(HELD):
                    assert await reader.readexactly(1000) == b"%1000d" % number

            hearing = asyncio.create_task(hear())
            for number in range(HELD):
                write = transport.write if number % 7 == 3 else line.write
                write(b"%1000d" % number)
                if line.waiting():
                    waited += 1
                    while line.waiting() > BUSY:
                        await asyncio.sleep(0)
            await hearing
            assert line.open and waited, "the reader was slow enough for the short way to be closed at times"
            line.close()

    on(loop, work)


@LOOPS
@SECURE
def test_the_order_holds_for_many_at_once_though_one_of_them_is_slow(loop: Any, secure: bool, tmp_path: Path) -> None:
    async def work() -> None:
        async with connection(tmp_path, secure) as quick, connection(tmp_path, secure) as slow:
            lines = [Line(await server.transport) for server, _, _ in (quick, slow)]
            waited = 0

            async def hear(reader: asyncio.StreamReader, hurry: bool) -> None:
                for number in range(HELD):
                    assert await reader.readexactly(1000) == b"%1000d" % number
                    await asyncio.sleep(0 if hurry or number % 100 else 0.001)

            hearing = [asyncio.create_task(hear(one[1], one is quick)) for one in (quick, slow)]
            for number in range(HELD):
                write_to_all(lines, b"%1000d" % number)
                if number % 5 == 0 and all(line.waiting() <= BUSY for line in lines):
                    await asyncio.sleep(0)
                while any(line.waiting() > BUSY for line in lines):
                    waited += 1
                    await asyncio.sleep(0)
            await asyncio.gather(*hearing)
            assert waited and all(line.open for line in lines)
            for line in lines:
                line.close()

    on(loop, work)


@SECURE
def test_who_is_gone_keeps_a_frame_from_nobody_else(secure: bool, tmp_path: Path) -> None:
    async def work() -> None:
        async with connection(tmp_path, secure) as gone, connection(tmp_path, secure) as here:
            lines = [Line(await server.transport) for server, _, _ in (gone, here)]
            gone[2].setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            socket.close(gone[2].detach())
            for size in (10, 20_000, 10):
                write_to_all(lines, b"x" * size)
                await asyncio.sleep(0)
            lines[0].abort()
            write_to_all(lines, b"y" * 10)
            assert await here[1].readexactly(20_030) == b"x" * 20_020 + b"y" * 10
            lines[1].close()

    on(uvloop.new_event_loop, work)


@SECURE
def test_a_frame_longer_than_a_record_arrives_whole(secure: bool, tmp_path: Path) -> None:
    async def work() -> None:
        async with connection(tmp_path, secure) as (server, reader, _):
            line = Line(await server.transport)
            for size in (1, 16_384, 16_385, 300_000, 2):
                line.write(b"x" * size)
            assert await reader.readexactly(1 + 16_384 + 16_385 + 300_000 + 2)
            line.close()

    on(uvloop.new_event_loop, work)


def test_no_more_than_a_record_is_sealed_at_once_so_that_no_memory_grows_with_the_longest_frame(tmp_path: Path) -> None:
    async def work() -> None:
        async with connection(tmp_path, True) as (server, reader, _):
            line, sealed = Line(await server.transport), list[bytes]()
            assert line.sealer is not None
            seal = line.sealer.seal
            line.sealer.seal = lambda piece: (sealed.append(piece), seal(piece))[1]
            long = bytes(range(256)) * 1500
            line.write(b"first")
            line.write(long)
            assert await reader.readexactly(5 + len(long)) == b"first" + long
            assert len(sealed) > 1, "the long one went another way"
            assert max(map(len, sealed)) <= ONE_RECORD
            line.close()

    on(uvloop.new_event_loop, work)


@LOOPS
@SECURE
def test_writing_to_a_connection_that_was_reset_does_not_stop_the_writer(
    loop: Any, secure: bool, tmp_path: Path
) -> None:
    async def work() -> None:
        async with connection(tmp_path, secure) as (server, _, raw):
            line = Line(await server.transport)
            raw.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            fd = raw.detach()
            socket.close(fd)
            await server.lost.wait()
            for _ in range(3):
                line.write(b"x" * 100)
                await asyncio.sleep(0)
            line.close()

    on(loop, work)


@LOOPS
@SECURE
def test_a_closed_line_ends_the_connection_after_its_last_words(loop: Any, secure: bool, tmp_path: Path) -> None:
    async def work() -> None:
        async with connection(tmp_path, secure) as (server, reader, _):
            line = Line(await server.transport)
            line.write(b"one ")
            line.close(b"goodbye")
            assert await reader.read() == b"one goodbye\x88\x02\x03\xe8"
            line.write(b"never")

    on(loop, work)
