"""Trying from outside what clients will need: the media port at each address it is announced with, and the relays.

A session of a conference of its own is opened, and connectivity checks for it are sent: media answers nothing else.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import secrets
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
from aioice import stun, turn

from server.addresses import Relay
from server.media.conference import Grants
from server.media.service import Conferences
from server.media.turn import IceServer

CONFERENCE = "line-test.check.house"
"""A loop, as lines are tried in: nobody's board shows it."""
MINE = "check"
CONNECT_S = 5.0
TRIES, WAIT_S = 4, 0.4
ANSWERS = 100
"""More than are kept nobody reads: the first ones tell everything."""
FOREIGN = ("198.51.100.1", 9)
"""An address of nobody (TEST-NET-2, RFC 5737): no relay may agree to send there."""
OFFER = "\r\n".join((
    "v=0", "o=- 1 1 IN IP4 127.0.0.1", "s=-", "t=0 0", "a=group:BUNDLE 0", "m=audio 9 UDP/TLS/RTP/SAVPF 111",
    "c=IN IP4 0.0.0.0", "a=mid:0", "a=recvonly", "a=rtcp-mux", "a=setup:active", f"a=ice-ufrag:{MINE}",
    f"a=ice-pwd:{secrets.token_hex(16)}", f"a=fingerprint:sha-256 {':'.join(['00'] * 32)}", "a=rtpmap:111 opus/48000/2",
    "",
))  # fmt: skip

Fault = str
"""Empty: it works. Else unreachable, certificate, refused, denied, silent, open (to strangers), ports (to others)."""


class Session(msgspec.Struct, frozen=True):
    """A session that answers connectivity checks, and where it says it is."""

    ufrag: str
    password: str
    candidates: tuple[tuple[str, int], ...]


class _Heard(asyncio.DatagramProtocol):
    """Answers, and the refusals of a relay."""

    def __init__(self) -> None:
        self.answers: asyncio.Queue[bytes | Exception] = asyncio.Queue(ANSWERS)

    def datagram_received(self, data: bytes, addr: tuple[str | Any, int]) -> None:  # noqa: ARG002 - the protocol's
        self._keep(data)

    def error_received(self, exc: Exception) -> None:
        self._keep(exc)

    def _keep(self, answer: bytes | Exception) -> None:
        with contextlib.suppress(asyncio.QueueFull):
            self.answers.put_nowait(answer)


@asynccontextmanager
async def session(control_socket: Path) -> AsyncIterator[Session | None]:
    """A session of the running media process; None when it does not answer."""
    conferences = Conferences([control_socket], lambda _: None)
    running = asyncio.create_task(conferences.run())
    try:
        try:
            await asyncio.wait_for(conferences.up.wait(), CONNECT_S)
        except TimeoutError:
            yield None
            return
        answer = await conferences.open(CONFERENCE, MINE, ("down", "camera"), Grants(), OFFER)
        try:
            yield _read(answer.body)
        finally:
            await conferences.close(answer.session, MINE)
    finally:
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


def _read(body: str) -> Session:
    found = re.findall(r"^a=candidate:\S+ 1 udp \d+ (\S+) (\d+)", body, re.MULTILINE)
    ufrag, password = (re.findall(rf"^a=ice-{key}:(\S+)", body, re.MULTILINE)[0] for key in ("ufrag", "pwd"))
    return Session(ufrag, password, tuple(dict.fromkeys((host, int(port)) for host, port in found)))


async def directly(tried: Session, address: tuple[str, int]) -> bool:
    """Whether the media port answers at that address, asked from this machine."""
    loop = asyncio.get_running_loop()
    try:
        transport, heard = await loop.create_datagram_endpoint(_Heard, remote_addr=address)
    except OSError:
        return False
    try:
        return not await _checks(tried, heard, transport.sendto)
    finally:
        transport.close()


async def allocates(way: Relay, who: IceServer, trusted: ssl.SSLContext) -> Fault:
    """Whether the relay lets us in, and refuses to send to strangers."""
    try:
        async with _relayed(way, who, trusted) as (transport, heard):
            transport.sendto(b"", FOREIGN)
            with contextlib.suppress(TimeoutError):
                answer = await asyncio.wait_for(heard.answers.get(), WAIT_S * TRIES)
                return "" if isinstance(answer, stun.TransactionFailed) else "open"
            return "open"
    except ssl.SSLError:
        return "certificate"
    except stun.TransactionFailed:
        return "refused"
    except (OSError, TimeoutError, stun.TransactionError):
        return "unreachable"


async def reaches(
    tried: Session, address: tuple[str, int], relay: tuple[Relay, IceServer], trusted: ssl.SSLContext
) -> Fault:
    """Whether the relay carries packets to the media port at that address, and to no other port there."""
    try:
        async with _relayed(*relay, trusted) as (transport, heard):
            fault = await _checks(tried, heard, lambda data: transport.sendto(data, address))
        if fault or not await _reaches_another_port(address[0], relay, trusted):
            return fault
    except (OSError, TimeoutError, stun.TransactionError):  # it let us in a moment ago
        return "unreachable"
    return "ports"


async def _checks(tried: Session, heard: _Heard, send: Callable[[bytes], object]) -> Fault:
    """Connectivity checks until one is answered."""
    for _ in range(TRIES):
        message = stun.Message(stun.Method.BINDING, stun.Class.REQUEST, attributes={
            "USERNAME": f"{tried.ufrag}:{MINE}", "PRIORITY": 1, "ICE-CONTROLLING": 1,
        })  # fmt: skip
        message.add_message_integrity(tried.password.encode("ascii"))
        send(bytes(message))
        with contextlib.suppress(TimeoutError):
            answer = await asyncio.wait_for(heard.answers.get(), WAIT_S)
            if isinstance(answer, stun.TransactionFailed):
                return "denied"
            if isinstance(answer, bytes):
                return ""
    return "silent"


async def _reaches_another_port(host: str, relay: tuple[Relay, IceServer], trusted: ssl.SSLContext) -> bool:
    """Whether a port of ours, on the machine of the media process, hears the relay too."""
    loop = asyncio.get_running_loop()
    try:
        own, overheard = await loop.create_datagram_endpoint(_Heard, local_addr=(host, 0))
    except OSError:
        return False  # that address is another machine's, or the outer side of NAT
    try:
        async with _relayed(*relay, trusted) as (transport, _):
            transport.sendto(b"check", own.get_extra_info("sockname")[:2])
            with contextlib.suppress(TimeoutError):
                return bool(await asyncio.wait_for(overheard.answers.get(), WAIT_S * TRIES))
            return False
    finally:
        own.close()


@asynccontextmanager
async def _relayed(
    way: Relay, who: IceServer, trusted: ssl.SSLContext
) -> AsyncIterator[tuple[turn.TurnTransport, _Heard]]:
    connecting: Awaitable[tuple[turn.TurnTransport, _Heard]] = turn.create_turn_endpoint(
        _Heard, (way.host, way.port), who.username, who.credential, lifetime=600,
        ssl=trusted if way.way == "tls" else None, transport="udp" if way.way == "udp" else "tcp",
    )  # fmt: skip
    transport, heard = await asyncio.wait_for(connecting, CONNECT_S)
    try:
        yield transport, heard
    finally:
        transport.close()
        await asyncio.sleep(0)
