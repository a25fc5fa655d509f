"""The private seams of aiortc and pylibsrtp that the forwarder stands on: this fails first when one moves."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable
from functools import partial

import pytest
from pylibsrtp._binding import lib

from bench.media import heldtime
from server.media import rtp
from server.media.dtls import (
    AGAIN_LIMIT_S,
    AGAIN_S,
    HANDSHAKE_LIMIT_S,
    NO_SESSIONS,
    RELEASE_BUFFERS,
    WAITING_LIMIT,
    Certificate,
    Handshake,
    Scratch,
)


def linked(
    fingerprint: str = "", certificates: tuple[Certificate, Certificate] | None = None
) -> tuple[Handshake, Handshake]:
    """A server and a client, each other's wire."""
    ours, theirs = certificates or (Certificate(), Certificate())
    both: list[Handshake] = []

    def to_client(data: bytes) -> None:
        both[1].received(data)

    def to_server(data: bytes) -> None:
        both[0].received(data)

    server = Handshake(ours, [("sha-256", fingerprint or theirs.fingerprint)], to_client)
    client = Handshake(theirs, [("sha-256", ours.fingerprint)], to_server, client=True)
    both += [server, client]
    return server, client


async def test_two_sides_agree_on_keys_that_protect_and_verify() -> None:
    server, client = linked()
    ours, theirs = await asyncio.gather(server.run(), client.run())
    assert ours is not None
    assert theirs is not None
    packet = b"\x80\x60" + bytes(10) + b"a picture"
    scratch = Scratch()
    scratch.memory[: len(packet)] = packet
    scratch.length[0] = len(packet)
    assert lib.srtp_protect(theirs[1].pointer, scratch.pointer, scratch.length) == 0
    protected = bytes(scratch.view[: scratch.length[0]])
    assert b"a picture" not in protected
    size = scratch.unprotect(ours[0], len(protected))
    assert bytes(scratch.view[:size]) == packet
    scratch.memory[: len(protected)] = protected
    assert scratch.unprotect(ours[0], len(protected)) == 0, "the same packet twice"
    report = scratch.protect_rtcp(ours[1], bytes.fromhex("81ce000200000001") + bytes(4))
    scratch.memory[: len(report)] = report
    assert rtp.is_rtcp(scratch.view[:2])
    assert scratch.unprotect_rtcp(theirs[0], len(report)) == 12


async def test_connections_share_what_they_are_made_of_and_no_keys() -> None:
    certificates = Certificate(), Certificate()
    lines = []
    for _ in range(2):
        server, client = linked(certificates=certificates)
        assert all(await asyncio.gather(server.run(), client.run()))
        lines.append(server.transport._ssl)
    assert lines[0].get_context() is lines[1].get_context()
    secrets = [one.export_keying_material(b"EXTRACTOR-dtls_srtp", 60) for one in lines]
    assert secrets[0] != secrets[1]
    assert lines[0].get_context().get_session_cache_mode() == NO_SESSIONS, "nobody resumes"


async def test_no_memory_is_held_for_records_that_do_not_come() -> None:
    server, _ = linked()
    context = Certificate().value._create_ssl_context(server.transport._srtp_profiles)
    assert context.set_mode(0) & RELEASE_BUFFERS


class Lossy:
    """A wire of 20 ms each way that loses the datagrams with these numbers, and counts what leaves either side."""

    def __init__(self, *lost: int) -> None:
        self.left = 0
        self.lost = lost
        self.server, self.client = linked()
        for one in (self.server, self.client):
            one.wire.send = partial(self._carry, one.wire.send)

    def _carry(self, to: Callable[[bytes], None], data: bytes) -> None:
        number, self.left = self.left, self.left + 1
        if number not in self.lost:
            asyncio.get_running_loop().call_later(0.02, to, data)

    async def shake(self) -> float:
        """Seconds until both have their keys."""
        both = await asyncio.gather(self.server.run(), self.client.run())
        assert all(both)
        return asyncio.get_running_loop().time()


@pytest.mark.parametrize("lost", [(), (0,), (1,), (2,), (3,), (0, 1), (1, 2, 3), (3, 4, 5)], ids=str)
def test_whatever_flight_is_lost_the_next_try_is_not_a_second_away(lost: tuple[int, ...]) -> None:
    async def shaking() -> float:
        return await Lossy(*lost).shake()

    took = heldtime.run(shaking)
    waited = sum(min(AGAIN_S * 2**count, AGAIN_LIMIT_S) for count in range(len(lost)))
    assert took <= 0.081 + waited


def test_whoever_repeats_what_was_answered_is_answered_at_once_though_not_without_end() -> None:
    """As a browser does, whose own timer is shorter: the last flight was lost, and for us all is done."""

    async def shaking() -> list[int]:
        lossy, first = Lossy(), b""
        received = lossy.server.wire.received

        def remember(data: bytes) -> None:
            nonlocal first
            first = first or data
            received(data)

        lossy.server.wire.received = remember  # type: ignore[method-assign]
        await lossy.shake()
        counts = [lossy.left]
        for _ in range(2):
            await asyncio.sleep(1)
            counts.append(lossy.left)
            for _ in range(50):
                received(first)
        return [*counts, lossy.left]

    quiet, still, once, twice = heldtime.run(shaking)
    assert still == quiet, "nothing is repeated once all is done"
    assert (once - still, twice - once) == (1, 1)


def test_what_openssl_says_once_more_after_the_end_is_not_repeated_for_ever() -> None:
    """It does where the peer did not hear how it ended and says its own last word again, numbered anew."""

    async def shaking() -> int:
        lossy = Lossy()
        await lossy.shake()
        before = lossy.left
        await lossy.server.wire._send(lossy.server.wire.flight)
        await asyncio.sleep(10)
        return lossy.left - before

    assert heldtime.run(shaking) == 1


async def test_a_certificate_other_than_the_signalled_one_yields_no_keys() -> None:
    server, client = linked(fingerprint="AA:" * 31 + "AA")
    ours, _ = await asyncio.gather(server.run(), client.run())
    assert ours is None


async def test_a_goodbye_is_noticed() -> None:
    server, client = linked()
    await asyncio.gather(server.run(), client.run())
    closed = asyncio.Event()
    server.when_closed(closed.set)
    await client.stop()
    await asyncio.wait_for(closed.wait(), 60)


async def test_a_flood_of_flights_waits_in_a_bounded_queue() -> None:
    server, _ = linked()
    for _ in range(1_000):
        server.received(b"\x16")
    server.received(b"")
    assert server.wire.waiting.qsize() == WAITING_LIMIT


async def test_a_handshake_that_is_given_up_ends_without_waiting_for_its_peer() -> None:
    server = Handshake(Certificate(), [("sha-256", "AA:" * 31 + "AA")], lambda _: None)
    shaking = asyncio.create_task(server.run())
    await asyncio.sleep(0)
    await server.stop()
    # Left alone it would wait for its peer until its time is over.
    assert await asyncio.wait_for(shaking, HANDSHAKE_LIMIT_S / 3) is None


def test_forgotten_memory_is_collected_whatever_it_hangs_on() -> None:
    """In a process of its own: a crash of the collector would take all other tests along."""
    program = (
        "import gc\nfrom server.media.dtls import Scratch\nfrom server.media.ingress import _slots\n"
        "for _ in range(50):\n    held = [Scratch(), *_slots()[1]]\n    held.append(held)\n    del held\n"
        "    gc.collect()"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, check=False, timeout=60)
    assert (done.returncode, done.stderr) == (0, b"")
