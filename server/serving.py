"""Opening the house: certificate, tables, demo, processes, banner – in this order, once for all processes."""

from __future__ import annotations

import asyncio
import contextlib
import fcntl
import os
import signal
import ssl
import sys
from collections.abc import Callable, Coroutine, Iterator, Sequence
from pathlib import Path

from server import banner, certificates, health, machine
from server.clock import Millis
from server.config import Settings, WebSettings
from server.errors import Conflict, Invalid
from server.supervisor import Supervisor, Tell, beat, until_signalled
from server.terminal import Language

LOCK = Path("var/hopso.lock")
PROCESSES = ("web", "media", "recorder")
OPEN_WITHIN_S = 60.0
LOOK_EVERY_S = 0.05
ANSWERS_WITHIN_S = 5.0


def refuse_unsafe(settings: Settings) -> None:
    """`Invalid("config.demo_in_production")`: accounts with known passwords never meet real papers."""
    if settings.production and settings.demo:
        raise Invalid("config.demo_in_production")


@contextlib.contextmanager
def alone(lock: Path = LOCK) -> Iterator[None]:
    """Holds the lock of this house; `Conflict("server.running")` when another process does."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict("server.running") from None
        yield
    finally:
        os.close(handle)


def is_running(lock: Path = LOCK) -> bool:
    """Whether a server holds the lock."""
    try:
        with alone(lock):
            return False
    except Conflict:
        return True


def prepare_certificate(settings: Settings, now: Millis) -> certificates.Issued | None:
    """The certificate of our own authority, made or renewed; None where the operator's own is used.

    Raises `Invalid("certificate.missing")` in production, where we never make one.
    """
    file, key = settings.web.certificate_file, settings.web.key_file
    if settings.production and not file.exists():
        raise Invalid("certificate.missing", file=str(file))
    if file.exists() and (settings.production or authority(settings) is None):
        certificates.server_context(file, key)  # says now, not in the browsers, that something is wrong
        return None
    return certificates.ensure(file.parent, file, key, machine.names(settings.web.public_url), now)


def renewing(settings: Settings) -> Callable[[Millis], bool] | None:
    """Renews the certificate of our own authority while the server runs; None where the operator's own is used."""
    ca = authority(settings)
    if ca is None:
        return None
    web = settings.web
    return lambda now: certificates.renew(
        ca.parent, web.certificate_file, web.key_file, machine.names(web.public_url), now
    )


def authority(settings: Settings) -> Path | None:
    """Our own authority's certificate, for the guide at `/cai-dat`; None where the operator's own is used."""
    ca = settings.web.certificate_file.parent / certificates.CA_FILE
    return ca if ca.exists() and not settings.production else None


def commands(options: Sequence[str], media: int = 1, sip: bool = False) -> dict[str, list[str]]:
    """The command line of each child, so many media processes among them, and the switchboard where it is wanted;
    `options` are those the supervisor itself was given."""
    start = [sys.executable, "-m", "server", *options, "serve", "--supervised-by", str(os.getpid()), "--only"]
    further = {f"media-{number}": [*start, "media", "--nth", str(number)] for number in range(2, media + 1)}
    return {name: [*start, name] for name in (*PROCESSES, *(["sip"] if sip else []))} | further


async def supervise(settings: Settings, options: Sequence[str], welcome: Callable[[], str], tell: Tell) -> None:
    """Runs web, media and the recorder until a signal comes; shows the banner as soon as the web process answers."""

    def told(line: str) -> None:
        tell(line)
        health.tell_systemd(f"STATUS={line}")

    supervisor = Supervisor(
        commands(options, settings.media.processes, settings.sip.enabled), told, note=health.keep_restarts
    )
    greeting = asyncio.create_task(_greet(settings, welcome, tell))
    try:
        await until_signalled(supervisor)
    finally:
        greeting.cancel()


async def until_told(work: Coroutine[None, None, None]) -> None:
    """Runs one process in place; SIGTERM and SIGINT cancel it, so that it can put things in order."""
    loop = asyncio.get_running_loop()
    task, pulse = asyncio.ensure_future(work), asyncio.ensure_future(beat())
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, task.cancel)
    with contextlib.suppress(asyncio.CancelledError):
        await task
    pulse.cancel()


def welcome(settings: Settings, accounts: Sequence[banner.Account], language: Language) -> str:
    """The banner for this machine."""
    host = next(iter(machine.lan_addresses()), "localhost")
    return banner.banner(settings, host, accounts, authority(settings) is not None, language)


async def _greet(settings: Settings, welcome: Callable[[], str], tell: Tell) -> None:
    await asyncio.sleep(0)  # the processes are started first: they take longest
    words = welcome()
    for _attempt in range(int(OPEN_WITHIN_S / LOOK_EVERY_S)):
        if await answers(settings.web):
            tell(words)
            health.tell_systemd("READY=1", "STATUS=open")
            return
        await asyncio.sleep(LOOK_EVERY_S)
    tell(f"web: does not answer on port {settings.web.port} after {OPEN_WITHIN_S:g} s")


async def answers(settings: WebSettings) -> bool:
    """Whether our own web process answers and can decide. Another server on its port shows another certificate."""
    host = "127.0.0.1" if settings.host in ("0.0.0.0", "::", "") else settings.host
    try:
        async with asyncio.timeout(ANSWERS_WITHIN_S):
            shown, status = await _health_of(host, settings.port)
    except (OSError, TimeoutError):
        return False
    return shown == certificates.der(settings.certificate_file) and b" 200 " in status


async def _health_of(host: str, port: int) -> tuple[bytes | None, bytes]:
    """The certificate that is shown there, in DER, and the status line of `/health`."""
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE  # it is compared with the file
    reader, writer = await asyncio.open_connection(host, port, ssl=context)
    try:
        shown = writer.get_extra_info("ssl_object").getpeercert(binary_form=True)
        writer.write(b"GET /health HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        return shown, await reader.readline()
    finally:
        writer.transport.abort()
