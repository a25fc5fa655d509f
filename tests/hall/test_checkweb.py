"""The house as tablets meet it, against a real server with a real certificate."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from aiohttp import web

from server import certificates, checkweb
from server.clock import SystemClock
from server.config import WebSettings
from server.machine import Names
from tests.components import free_port


async def socket_door(request: web.Request) -> web.WebSocketResponse:
    answer = web.WebSocketResponse()
    await answer.prepare(request)
    return answer


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[tuple[int, Path]]:
    """A server that lets sockets in at /live/, and closes them at once; its port and its authority."""
    leaf, key = tmp_path / "leaf.pem", tmp_path / "leaf.key"
    issued = certificates.ensure(tmp_path, leaf, key, Names(("localhost",), ("127.0.0.1",)), SystemClock().now())
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(leaf, key)
    app = web.Application()
    app.add_routes([web.get("/live/", socket_door)])
    runner = web.AppRunner(app)
    await runner.setup()
    port = free_port()
    await web.TCPSite(runner, "0.0.0.0", port, ssl_context=context).start()
    yield port, issued.ca
    await runner.cleanup()


async def look(url: str, authority: Path | None = None, running: bool = True) -> list[tuple[str, str]]:
    found = await asyncio.to_thread(checkweb.look, WebSettings(public_url=url), running, authority)
    return [(one.level, one.words.en) for one in found]


async def test_a_public_address_that_opens_and_lets_sockets_through(house: tuple[int, Path]) -> None:
    port, authority = house
    assert [level for level, _ in await look(f"https://localhost:{port}", authority)] == ["ok"]


async def test_a_certificate_that_nobody_trusts_or_that_is_for_another_name(house: tuple[int, Path]) -> None:
    port, authority = house
    for url, trusted in ((f"https://localhost:{port}", None), (f"https://127.0.0.2:{port}", authority)):
        ((level, words),) = await look(url, trusted)
        assert (level, "not trust the certificate" in words) == ("bad", True), words


async def test_an_address_where_nothing_opens(house: tuple[int, Path]) -> None:
    ((level, words),) = await look(f"https://localhost:{free_port()}", house[1])
    assert (level, "cannot be opened" in words) == ("bad", True)


async def test_a_proxy_that_stops_sockets_is_found(house: tuple[int, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    port, authority = house
    monkeypatch.setattr(checkweb, "LIVE", "/elsewhere/")
    found = await look(f"https://localhost:{port}", authority)
    assert [level for level, _ in found] == ["ok", "bad"]
    assert "WebSockets" in found[1][1]


@pytest.mark.parametrize(
    ("url", "running", "levels"),
    [("", True, []), ("http://hop.example", True, ["bad"]), ("https://hop.example", False, ["warn"])],
)
async def test_what_is_said_without_trying(url: str, running: bool, levels: list[str]) -> None:
    assert [level for level, _ in await look(url, running=running)] == levels
