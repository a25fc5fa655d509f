"""Arriving packets: what receivers report lies aside, everything else wakes the process; a taken port stays refused."""

from __future__ import annotations

import asyncio
import socket

import pytest

from server.errors import Unavailable
from server.media.dtls import Scratch
from server.media.ingress import Intake, Port, open_sockets

MEDIA = (b"\x00\x01", b"\x16\xfe", b"\x80\x60", b"\x90\xef", b"\x80\xbf", b"\x80\xe0", b"\xc0\xc8", b"x")
REPORTS = (b"\x80\xc8", b"\x81\xc9", b"\x8f\xcd", b"\xbf\xdf", b"\x80\xc0")


class Got:
    """Collects what a port reads."""

    def __init__(self) -> None:
        (sock,) = open_sockets("127.0.0.1", 0)
        self.scratch = Scratch()
        self.data: list[bytes] = []
        self.port = Port(sock, self.scratch, self.received)

    def received(self, port: Port, size: int, address: tuple[str, int]) -> None:
        assert port is self.port
        self.data.append(bytes(self.scratch.view[:size]))


def send(port: Port, *packets: bytes) -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        for one in packets:
            sender.sendto(one, port.address)


def test_only_reports_lie_aside() -> None:
    got = Got()
    aside = got.port.aside
    assert aside is not None
    send(got.port, *MEDIA, *REPORTS)
    assert [aside.recv(64) for _ in REPORTS] == list(REPORTS)
    assert [got.port.socket.recv(64) for _ in MEDIA] == list(MEDIA)
    got.port.close()


def test_everything_that_has_arrived_is_read() -> None:
    got = Got()
    send(got.port, *MEDIA, *REPORTS)
    got.port.drain()
    assert sorted(got.data) == sorted(MEDIA + REPORTS)
    got.port.close()


async def test_the_first_packet_wakes_and_reads_the_reports_too() -> None:
    got = Got()
    looked = asyncio.Event()
    intake = Intake([got.port], lambda: None, looked.set)
    send(got.port, REPORTS[0], MEDIA[0])
    await asyncio.wait_for(looked.wait(), 5)
    assert sorted(got.data) == sorted((REPORTS[0], MEDIA[0]))
    intake.close()


def test_a_port_that_another_process_has_is_refused() -> None:
    got = Got()
    with pytest.raises(Unavailable):
        open_sockets(*got.port.address)
    got.port.close()
