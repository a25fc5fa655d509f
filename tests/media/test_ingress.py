"""Arriving packets: what receivers report lies aside, everything else wakes the process; a taken port stays refused."""

from __future__ import annotations

import asyncio
import socket

import pytest

from server.errors import Unavailable
from server.media import ingress
from server.media.dtls import Scratch
from server.media.egress import Destination, key_address
from server.media.ingress import Intake, Port, open_sockets

MEDIA = (
    b"\x00\x01",
    b"\x16\xfe",
    b"\x80\x60",
    b"\x90\xef",
    b"\x80\xbf",
    b"\x80\xe0",
    b"\xc0\xc8",
    b"x",
)
REQUESTS = (b"\x81\xcd", b"\x81\xce", b"\x84\xce")
REPORTS = (b"\x80\xc8", b"\x81\xc9", b"\x8f\xcd", b"\x8f\xce", b"\xbf\xdf", b"\x80\xc0")


class Got:
    """Collects what a port reads."""

    def __init__(self) -> None:
        (sock,) = open_sockets("127.0.0.1", 0)
        self.data: list[bytes] = []
        self.port = Port(sock, self.received)

    def received(self, port: Port, scratch: Scratch, size: int, key: bytes) -> None:
        assert port is self.port
        self.data.append(bytes(scratch.view[:size]))


def send(port: Port, *packets: bytes) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for one in packets:
            sender.sendto(one, port.address)


def test_only_reports_lie_aside() -> None:
    got = Got()
    aside = got.port.aside
    assert aside is not None
    send(got.port, *MEDIA, *REPORTS, *REQUESTS)
    assert [aside.recv(64) for _ in REPORTS] == list(REPORTS)
    assert [got.port.socket.recv(64) for _ in MEDIA + REQUESTS] == list(MEDIA + REQUESTS)
    got.port.close()


def test_everything_that_has_arrived_is_read() -> None:
    got = Got()
    send(got.port, *MEDIA, *REPORTS)
    got.port.drain()
    assert got.data == list(MEDIA)
    got.port.drain_aside()
    assert sorted(got.data) == sorted(MEDIA + REPORTS)
    got.port.close()


async def test_a_request_to_repeat_wakes_and_reports_wait_for_the_beat() -> None:
    got = Got()
    looked = asyncio.Event()
    intake = Intake([got.port], lambda: None, looked.set)
    send(got.port, REPORTS[0], REQUESTS[0])
    await asyncio.wait_for(looked.wait(), 5)
    assert got.data == [REQUESTS[0]]
    intake.close()


@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
@pytest.mark.parametrize("kind", [ingress._Many, ingress.Single])
def test_packets_come_with_the_addresses_they_came_from(host: str, kind: type[ingress.Inbox]) -> None:
    (sock,) = open_sockets(host, 0)
    senders = [socket.socket(sock.family, socket.SOCK_DGRAM) for _ in range(3)]
    packets = [bytes((index,)) * (1 + index % 1_400) for index in range(100)]
    for index, one in enumerate(packets):
        senders[index % 3].sendto(one, sock.getsockname())
    inbox = kind(sock.family)
    got = [
        (bytes(scratch.view[:size]), key_address(key)[1]) for _ in range(3) for scratch, size, key in inbox.take(sock)
    ]
    assert got == [(one, senders[index % 3].getsockname()[1]) for index, one in enumerate(packets)]
    where = Destination((host, 9), sock.family).key
    senders[0].sendto(b"x", sock.getsockname())
    ((_, _, key),) = inbox.take(sock)
    assert (key_address(key)[0], where[4:]) == (host, key[4:])
    for one in (sock, *senders):
        one.close()


def test_a_port_that_another_process_has_is_refused() -> None:
    got = Got()
    with pytest.raises(Unavailable):
        open_sockets(*got.port.address)
    got.port.close()
