"""A running server takes a new certificate without a restart, and never loses the one that works."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from aiohttp import web
from cryptography import x509

from server import certificates, serving
from server.clock import HeldClock, SystemClock
from server.config import load
from server.machine import Names
from server.renewal import Renewal

NAMES = Names(("phonghop", "localhost"), ("127.0.0.1",))
DAY_MS = certificates.DAY_MS


class Room:
    """A server on loopback with a certificate of our own authority, and a clock that is held."""

    def __init__(self, folder: Path) -> None:
        self.clock = HeldClock(SystemClock().now())
        self.names = NAMES
        certificate, key = folder / "server.pem", folder / "server.key"
        self.issued = certificates.ensure(folder, certificate, key, self.names, self.clock.now())
        renew = partial(self._renew, folder, certificate, key)
        self.renewal = Renewal(certificate, key, self.clock, renew)
        self.port = 0

    def _renew(self, folder: Path, certificate: Path, key: Path, now: int) -> bool:
        return certificates.renew(folder, certificate, key, self.names, now)

    async def connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """A new connection of a client that trusts our authority alone."""
        context = ssl.create_default_context(cafile=str(self.issued.ca))
        return await asyncio.open_connection("127.0.0.1", self.port, ssl=context)

    async def leaf(self) -> x509.Certificate:
        """The certificate a new connection is shown."""
        _reader, writer = await self.connect()
        shown = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        writer.close()
        return x509.load_der_x509_certificate(shown)


@asynccontextmanager
async def serving_in(folder: Path) -> AsyncIterator[Room]:
    async def hello(_request: web.Request) -> web.StreamResponse:
        return web.Response(text="chào")

    room = Room(folder)
    app = web.Application()
    app.router.add_get("/", hello)
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0, ssl_context=room.renewal.context).start()
    room.port = runner.addresses[0][1]
    try:
        yield room
    finally:
        await runner.cleanup()


async def test_a_leaf_near_its_end_is_renewed_and_open_connections_go_on(tmp_path: Path) -> None:
    async with serving_in(tmp_path) as room:
        before = await room.leaf()
        reader, writer = await room.connect()
        assert not await room.renewal.look(), "nothing is due"
        room.clock.advance((certificates.LEAF_DAYS - certificates.RENEW_BEFORE_DAYS + 1) * DAY_MS)
        assert await room.renewal.look()
        assert not await room.renewal.look(), "once is enough"
        after = x509.load_pem_x509_certificate(room.issued.certificate.read_bytes())
        assert after.not_valid_after_utc - before.not_valid_after_utc > timedelta(days=300)
        writer.write(b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert (await reader.read()).decode().endswith("chào")
        writer.close()


async def test_new_connections_are_shown_the_new_leaf(tmp_path: Path) -> None:
    async with serving_in(tmp_path) as room:
        before = await room.leaf()
        room.names = Names(NAMES.hosts, ("10.1.2.3", *NAMES.addresses))
        assert await room.renewal.look()
        after = await room.leaf()
        assert after.serial_number != before.serial_number
        assert "10.1.2.3" in certificates.facts(room.issued.certificate).names


async def test_no_new_authority_is_made_while_people_meet(tmp_path: Path) -> None:
    async with serving_in(tmp_path) as room:
        authority, before = room.issued.ca.read_bytes(), await room.leaf()
        room.names = Names(("another-name", *NAMES.hosts), NAMES.addresses)
        assert not await room.renewal.look()
        assert room.issued.ca.read_bytes() == authority and await room.leaf() == before


async def test_the_operators_new_files_are_taken_and_half_of_them_are_not(tmp_path: Path) -> None:
    async with serving_in(tmp_path) as room:
        room.renewal.renew = None
        before = await room.leaf()
        other = certificates.ensure(
            tmp_path, tmp_path / "other.pem", tmp_path / "other.key", NAMES, room.clock.now() + DAY_MS // 48
        )
        other.key.replace(room.issued.key)
        assert not await room.renewal.look(), "the key does not fit the certificate yet"
        assert await room.leaf() == before
        other.certificate.replace(room.issued.certificate)
        assert await room.renewal.look()
        assert (await room.leaf()).serial_number != before.serial_number


@pytest.mark.parametrize("production", ["true", "false"])
def test_the_operators_own_certificate_is_never_renewed_by_us(tmp_path: Path, production: str) -> None:
    settings = load(
        environment={"HOPSO_PRODUCTION": production, "HOPSO_WEB__CERTIFICATE_FILE": str(tmp_path / "own.pem")}
    )
    assert serving.renewing(settings) is None


def shake_hands(server: ssl.SSLContext, client: ssl.SSLContext, known: ssl.SSLSession | None = None) -> ssl.SSLObject:
    """One TLS connection in memory, on which each side has said something; the client's end of it."""
    up, down = ssl.MemoryBIO(), ssl.MemoryBIO()
    asking = client.wrap_bio(down, up, server_hostname="localhost", session=known)
    answering = server.wrap_bio(up, down, server_side=True)
    for end in (asking, answering, asking, answering):
        with suppress(ssl.SSLWantReadError):
            end.do_handshake()
    asking.write(b"?")
    assert answering.read(1) == b"?"
    answering.write(b"!")
    assert asking.read(1) == b"!", "the tickets come before it"
    return asking


async def test_who_comes_back_resumes_the_session_of_tls_also_after_the_renewal(tmp_path: Path) -> None:
    """A thousand tablets that come back at once show no certificate and sign nothing (RFC 8446 §2.2)."""
    async with serving_in(tmp_path) as room:
        context = room.renewal.context
        client = ssl.create_default_context(cafile=str(room.issued.ca))
        first = shake_hands(context, client)
        assert not first.session_reused
        second = shake_hands(context, client, first.session)
        assert second.session_reused
        room.clock.advance((certificates.LEAF_DAYS - certificates.RENEW_BEFORE_DAYS + 1) * DAY_MS)
        assert await room.renewal.look()
        assert shake_hands(context, client, second.session).session_reused
