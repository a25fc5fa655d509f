"""The whole house under its supervisor: opened, shaken, ended – with real processes, TLS and a database."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import ssl
import sys
import urllib.request
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from server import serving
from server.clock import SystemClock
from server.config import Settings, WebSettings
from server.errors import Invalid
from tests.components import free_port

HOUSE = Path(__file__).parents[2]


class Running:
    """A served house in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port, self.guide_port = free_port(), free_port()
        self.lines: list[str] = []

    def environment(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith("HOPSO_")}
        ours = {
            "PYTHONPATH": str(HOUSE),
            "PYTHONUNBUFFERED": "1",
            "HOPSO_WEB__HOST": "127.0.0.1",
            "HOPSO_WEB__PORT": str(self.port),
            "HOPSO_WEB__GUIDE_PORT": str(self.guide_port),
            "HOPSO_MEDIA__HOST": "127.0.0.1",
            "HOPSO_MEDIA__PORT": "0",
        }
        return {**kept, **ours}

    async def start(self) -> asyncio.subprocess.Process:
        """Starts it; returns when the banner is there."""
        self.process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "server", "--english", "serve"),
            cwd=self.folder,
            env=self.environment(),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
        )
        self.reading = asyncio.create_task(self._read())
        await become(lambda: self.said("Stop: Ctrl+C") or self.said("starting again") or self.process.returncode)
        assert self.said("Stop: Ctrl+C"), "\n".join(self.lines)
        return self.process

    async def _read(self) -> None:
        assert self.process.stdout
        async for line in self.process.stdout:
            self.lines.append(line.decode().rstrip())

    def said(self, words: str) -> bool:
        return any(words in line for line in self.lines)

    def pid_of(self, name: str) -> int:
        """The process id that the supervisor told last."""
        started = [line for line in self.lines if line.startswith(f"{name}: started")]
        return int(started[-1].rsplit(" ", 1)[1])

    async def ask(self, path: str, port: int = 0, trust: bool = True) -> bytes:
        """The answer over TLS, the local authority trusted; over plain HTTP for another port."""
        context = ssl.create_default_context(cafile=str(self.folder / "var/tls/hopso-ca.pem") if trust else None)
        address = f"http://127.0.0.1:{port}{path}" if port else f"https://127.0.0.1:{self.port}{path}"
        plain = None if port else context
        return await asyncio.to_thread(lambda: urllib.request.urlopen(address, timeout=10, context=plain).read())


async def become(true: Callable[[], object], patience_s: float = 60) -> None:
    async with asyncio.timeout(patience_s):
        while not true():
            await asyncio.sleep(0.05)


@pytest.fixture
async def running(tmp_path: Path) -> AsyncIterator[Running]:
    house = Running(tmp_path)
    try:
        await house.start()
        yield house
    finally:
        if house.process.returncode is None:
            house.process.send_signal(signal.SIGTERM)
        await house.process.wait()
        await house.reading


@pytest.mark.slow
async def test_the_house_opens_comes_back_lets_no_second_one_in_and_ends(running: Running) -> None:
    """One house for all of it: opening costs more than everything that is tried here."""
    assert json.loads(await running.ask("/api/about"))["demo"] is False
    assert b"<svg" in await running.ask("/cai-dat")
    assert b"<svg" in await running.ask("/cai-dat", running.guide_port)
    assert running.said("/cai-dat")
    await only_one_opens_in_a_folder(running)
    await a_killed_web_process_comes_back_while_media_goes_on(running)
    children = [running.pid_of(name) for name in ("web", "media", "recorder")]
    running.process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(running.process.wait(), 60) == 0
    assert not any(Path(f"/proc/{pid}").exists() for pid in children)
    assert not running.said("Traceback")


async def a_killed_web_process_comes_back_while_media_goes_on(running: Running) -> None:
    web, media = running.pid_of("web"), running.pid_of("media")
    os.kill(web, signal.SIGKILL)
    await become(lambda: running.pid_of("web") != web)
    for _attempt in range(200):
        with contextlib.suppress(OSError):
            assert b"demo" in await running.ask("/api/about")
            break
        await asyncio.sleep(0.1)
    else:
        pytest.fail("the web process did not answer again")
    assert running.pid_of("media") == media
    found = json.loads(await running.ask("/health"))
    assert (found["ok"], found["restarts"]) == (True, {"web": 1, "media": 0, "recorder": 0})


async def only_one_opens_in_a_folder(running: Running) -> None:
    second = Running(running.folder)
    done = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "server", "--english", "serve"),
        cwd=second.folder,
        env=second.environment(),
        stderr=asyncio.subprocess.PIPE,
    )
    _, said = await done.communicate()
    assert (done.returncode, b"is running in this folder" in said) == (1, True)


def settings(folder: Path, production: bool = False) -> Settings:
    web = WebSettings(certificate_file=folder / "tls/server.pem", key_file=folder / "tls/server.key")
    return Settings(web=web, production=production)


def test_outside_production_a_certificate_is_made_and_offered(tmp_path: Path) -> None:
    here = settings(tmp_path)
    assert serving.authority(here) is None
    issued = serving.prepare_certificate(here, 1_760_486_400_000)
    assert issued is not None
    assert serving.authority(here) == issued.ca


def test_the_operators_certificate_is_taken_as_it_is(tmp_path: Path) -> None:
    here = settings(tmp_path)
    issued = serving.prepare_certificate(here, 1_760_486_400_000)
    assert issued is not None
    issued.ca.unlink()  # now nothing says that it was ours
    before = issued.certificate.read_bytes()
    assert serving.prepare_certificate(here, 1_960_486_400_000) is None
    assert issued.certificate.read_bytes() == before
    assert serving.authority(here) is None


def test_production_never_offers_nor_makes_an_authority(tmp_path: Path) -> None:
    with pytest.raises(Invalid) as caught:
        serving.prepare_certificate(settings(tmp_path, production=True), 1_760_486_400_000)
    assert caught.value.code == "certificate.missing"
    serving.prepare_certificate(settings(tmp_path), 1_760_486_400_000)
    assert serving.authority(settings(tmp_path, production=True)) is None


def test_a_broken_certificate_stops_the_start_with_a_sentence(tmp_path: Path) -> None:
    here = settings(tmp_path, production=True)
    here.web.certificate_file.parent.mkdir()
    here.web.certificate_file.write_text("not a certificate")
    here.web.key_file.write_text("not a key")
    with pytest.raises(Invalid) as caught:
        serving.prepare_certificate(here, 1_760_486_400_000)
    assert caught.value.code == "certificate.unusable"


@contextlib.asynccontextmanager
async def answering(here: Settings, status: str) -> AsyncIterator[WebSettings]:
    """A server that shows the certificate of these settings and answers everything with this status."""

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(f"HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n".encode())
        writer.close()

    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(here.web.certificate_file, here.web.key_file)
    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    async with server:
        yield here.web.model_copy(update={"host": "127.0.0.1", "port": server.sockets[0].getsockname()[1]})


@pytest.mark.parametrize(("status", "open_"), [("200 OK", True), ("503 Service Unavailable", False)])
async def test_the_address_is_shown_when_decisions_can_be_made(tmp_path: Path, status: str, open_: bool) -> None:
    here = settings(tmp_path)
    serving.prepare_certificate(here, SystemClock().now())
    async with answering(here, status) as web:
        assert await serving.answers(web) is open_


async def test_another_server_on_our_port_is_not_taken_for_ours(tmp_path: Path) -> None:
    ours, other = settings(tmp_path / "ours"), settings(tmp_path / "other")
    for here in (ours, other):
        serving.prepare_certificate(here, SystemClock().now())
    async with answering(other, "200 OK") as web:
        assert not await serving.answers(web.model_copy(update={"certificate_file": ours.web.certificate_file}))


async def test_a_port_where_nobody_speaks_tls_does_not_answer(tmp_path: Path) -> None:
    here = settings(tmp_path)
    serving.prepare_certificate(here, SystemClock().now())
    plain = await asyncio.start_server(lambda _reader, writer: writer.close(), "127.0.0.1", 0)
    async with plain:
        port = plain.sockets[0].getsockname()[1]
        assert not await serving.answers(here.web.model_copy(update={"host": "127.0.0.1", "port": port}))
    assert not await serving.answers(here.web.model_copy(update={"host": "127.0.0.1", "port": port}))


def test_so_many_media_processes_are_started_each_with_its_number() -> None:
    assert set(serving.commands(())) == {"web", "media", "recorder"}
    found = serving.commands(("--english",), media=3)
    assert set(found) == {"web", "media", "media-2", "media-3", "recorder"}
    assert found["media-3"][-4:] == ["--only", "media", "--nth", "3"] and "--english" in found["media-3"]
