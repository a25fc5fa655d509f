"""Batches of packets through the kernel: nothing is lost, mixed up, or held back by others."""

from __future__ import annotations

import random
import socket

import pytest

from server.media import egress
from server.media.egress import Destination, Egress


def receiver() -> socket.socket:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4 << 20)
    sock.bind(("127.0.0.1", 0))
    sock.settimeout(2)
    return sock


@pytest.fixture(params=["batched", "plain"])
def leaving(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Egress:
    """Both ways out: the kernel's batches, and one call a packet."""
    if request.param == "plain":
        monkeypatch.setattr(egress, "_batch", egress.Plain)
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4 << 20)
    sock.bind(("127.0.0.1", 0))
    return Egress(sock)


def put(leaving: Egress, where: Destination, data: bytes, urgent: bool = False) -> None:
    position = leaving.room(len(data))
    leaving.arena[position : position + len(data)] = data
    leaving.put(where, position, [len(data)], urgent)


def put_burst(leaving: Egress, where: Destination, burst: list[bytes]) -> None:
    data = b"".join(burst)
    position = leaving.room(len(data))
    leaving.arena[position : position + len(data)] = data
    leaving.put(where, position, [len(one) for one in burst], False)


def test_packets_of_all_sizes_arrive_whole_and_in_order(leaving: Egress) -> None:
    generator = random.Random(2)
    sockets = [receiver() for _ in range(3)]
    places = [Destination(one.getsockname(), socket.AF_INET) for one in sockets]
    sent: list[list[bytes]] = [[], [], []]
    for round_ in range(20):
        # In another order each time, some alone and some in bursts: what stands in a header must be the right one.
        for index in generator.sample(range(3), 3):
            place, size = places[index], generator.choice((40, 900, 1_200, 1_200, 1_200))
            burst = [
                bytes((round_, count)) + generator.randbytes(size - generator.choice((0, 0, 0, 3)))
                for count in range(generator.randrange(1, 8))
            ]
            put_burst(leaving, place, burst)
            sent[index] += burst
        leaving.flush()
    assert [[one.recv(2_048) for _ in sent[index]] for index, one in enumerate(sockets)] == sent
    assert leaving.dropped == 0


def test_a_run_is_never_longer_than_the_kernel_takes(leaving: Egress) -> None:
    target = receiver()
    place = Destination(target.getsockname(), socket.AF_INET)
    put_burst(leaving, place, [number.to_bytes(2) + bytes(1_198) for number in range(200)])
    leaving.flush()
    assert [int.from_bytes(target.recv(2_048)[:2]) for _ in range(200)] == list(range(200))


def test_sound_leaves_before_pictures(leaving: Egress) -> None:
    target = receiver()
    place = Destination(target.getsockname(), socket.AF_INET)
    put(leaving, place, b"picture")
    put(leaving, place, b"sound", urgent=True)
    leaving.flush()
    assert [target.recv(64), target.recv(64)] == [b"sound", b"picture"]


def test_a_destination_that_cannot_be_reached_costs_only_its_own_packets(leaving: Egress) -> None:
    target = receiver()
    good, bad = Destination(target.getsockname(), socket.AF_INET), Destination(("127.0.0.1", 0), socket.AF_INET)
    for number in range(5):
        put(leaving, bad, b"nobody")
        put(leaving, good, bytes((number,)))
    leaving.flush()
    assert [target.recv(64)[0] for _ in range(5)] == [0, 1, 2, 3, 4]
    assert leaving.dropped == 5


def test_a_full_arena_is_sent_before_it_is_written_over(leaving: Egress) -> None:
    target = receiver()
    place = Destination(target.getsockname(), socket.AF_INET)
    count = egress.ARENA // 1_400 + 10
    for number in range(count):
        put(leaving, place, number.to_bytes(4) + bytes(1_396))
        if number % 256 == 0:
            leaving.flush()
            while target.recv(2_048)[:4] != number.to_bytes(4):
                pass
    assert leaving.dropped == 0


def test_what_the_socket_does_not_take_is_dropped_not_queued(leaving: Egress) -> None:
    leaving.socket.setblocking(False)
    leaving.socket.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, 4_096)
    target = receiver()
    place = Destination(target.getsockname(), socket.AF_INET)
    for _ in range(500):
        put(leaving, place, bytes(1_300))
    leaving.flush()
    assert leaving.position == 0
    assert leaving.urgent.send() == leaving.bulk.send() == 0
