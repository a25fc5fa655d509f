"""What strangers and misbehaving guests may send without harm (security nos. 1 to 4)."""

from __future__ import annotations

import asyncio
import contextlib
import random
import socket
import sys
from collections.abc import Callable, Iterator, Sequence

import pytest

from bench.media.client import Peer, build, offer_up, vp8
from server.errors import Problem
from server.media import hub, rtcp
from server.media.conference import Grants
from server.media.connection import Connection
from server.media.control import Gone, Joined
from server.media.dtls import Handshake
from server.media.ingress import Port
from server.media.publisher import STREAMS_LIMIT, Heard, Publisher
from server.media.repair import REPEAT_PAUSE_MS
from server.media.sdp import Section
from server.media.slot import Slot
from tests.media.conftest import ALL, House, Screen, Site, until
from tests.media.processes import REPOSITORY

FLOOD = 50_000
"""Junk packets a second; as many are sent."""


class Stranger:
    """A socket that nobody knows."""

    def __init__(self, target: tuple[str, int]) -> None:
        self.target = target
        self.socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.setblocking(False)

    def send(self, data: bytes) -> None:
        self.socket.sendto(data, self.target)

    def heard(self) -> list[bytes]:
        found: list[bytes] = []
        while True:
            try:
                found.append(self.socket.recv(2048))
            except BlockingIOError:
                return found


async def client_hello(peer: Peer) -> bytes:
    """The first flight of a real handshake."""
    flights: list[bytes] = []
    handshake = Handshake(peer.peers.certificate, [("sha-256", "AA")], flights.append, client=True)
    task = asyncio.create_task(handshake.run())
    await until(lambda: flights)
    task.cancel()
    return flights[0]


async def pair(house: House) -> tuple[Site, Screen, Stranger]:
    house.admit("a", "b", stage="a")
    a, b = await house.publish("a"), await house.watch("b")
    await until(lambda: b.saw(b"A"), lambda: a.picture(True, b"A"))
    assert a.peer.remote is not None
    return a, b, Stranger(a.peer.remote.address)


@contextlib.contextmanager
def sending(peer: Peer, instead: Callable[[bytes], object]) -> Iterator[None]:
    """What this peer sends goes there meanwhile."""
    send = peer._send
    peer._send = instead  # type: ignore[assignment]
    try:
        yield
    finally:
        peer._send = send  # type: ignore[method-assign]


async def still_fine(a: Site, b: Screen) -> None:
    b.clear()
    await until(lambda: b.saw(b"fine"), lambda: a.picture(False, b"fine"))


async def test_empty_datagrams_and_junk_from_strangers_change_nothing(house: House) -> None:
    a, b, stranger = await pair(house)
    generator = random.Random(5)
    for index in range(3_000):
        size = 0 if index % 10 == 0 else generator.randrange(1, 1_400)
        data = bytearray(generator.randbytes(size))
        if size and index % 3 == 0:
            data[0] = generator.choice((0, 1, 20, 22, 63, 128, 144, 191))
        stranger.send(bytes(data))
        if index % 100 == 0:
            await asyncio.sleep(0)
    await still_fine(a, b)
    assert stranger.heard() == []


async def test_empty_datagrams_and_junk_from_a_known_address_change_nothing(house: House) -> None:
    a, b, _ = await pair(house)
    generator = random.Random(6)
    for index in range(2_000):
        data = bytearray(generator.randbytes(generator.randrange(0, 1_400)))
        if data:
            data[0] = (0, 1, 128, 144, 191)[index % 5]
        a.peer.send_raw(bytes(data))
        if index % 100 == 0:
            await asyncio.sleep(0)
    await still_fine(a, b)


async def test_a_client_hello_from_a_third_address_is_not_answered_and_disturbs_nobody(house: House) -> None:
    house.admit("a", "b", stage="a")
    peer = house.peers.add()
    answer = await house.web.open("k", "a", ("up", "camera"), ALL, offer_up(peer, (99, 100, 101)))
    from bench.media.client import Remote

    stranger = Stranger(Remote(answer.body).address)
    hello = await client_hello(house.peers.add())
    for _ in range(20):
        stranger.send(hello)
    joining = asyncio.create_task(peer.connect(answer.body))
    for _ in range(50):
        stranger.send(hello)
        await asyncio.sleep(0.005)
    await joining
    await until(lambda: house.of(Joined))
    assert stranger.heard() == []


async def test_a_wrong_fingerprint_ends_the_transport(house: House) -> None:
    house.admit("a")
    peer = house.peers.add()
    offer = offer_up(peer, (99, 100, 101)).replace(peer.fingerprint, "AA:" * 31 + "AA")
    answer = await house.web.open("k", "a", ("up", "camera"), ALL, offer)
    with contextlib.suppress(ConnectionError, TimeoutError):
        await peer.connect(answer.body, limit_s=2)
    await until(lambda: [one for one in house.of(Gone) if one.reason == "failed"])
    assert not house.of(Joined)


async def test_the_server_s_own_fingerprint_is_what_the_answer_says(house: House) -> None:
    house.admit("a")
    peer = house.peers.add()
    answer = await house.web.open("k", "a", ("up", "camera"), ALL, offer_up(peer, (99, 100, 101)))
    with pytest.raises(ConnectionError):
        await peer.connect(answer.body, fingerprint="BB:" * 31 + "BB")


async def test_packets_recorded_by_a_stranger_cannot_be_played_again(house: House) -> None:
    a, b, stranger = await pair(house)
    recorded: list[bytes] = []
    send = a.peer._send
    with sending(a.peer, lambda data: (recorded.append(data), send(data))):
        await until(lambda: b.saw(b"once"), lambda: a.picture(False, b"once"))
    for data in recorded:
        # Media only: a connectivity check may be among them, and says nothing of who sent it.
        if 128 <= data[0] <= 191:
            stranger.send(data)
    await asyncio.sleep(0.05)
    await still_fine(a, b)
    stranger.socket.setblocking(False)
    assert stranger.heard() == [], "media must not follow a stranger"


async def test_what_is_cut_short_is_dropped_moves_nobody_and_spoils_nothing_of_the_whole(house: House) -> None:
    a, b, stranger = await pair(house)
    await until(lambda: b.saw(b"said"), lambda: a.voice(b"said"))
    whole: list[bytes] = []
    with sending(a.peer, whole.append):
        a.picture(False, b"whole")
        a.voice(b"whole")
        a.peer.send_rtcp(rtcp.receiver_report(1, []))
    for data in whole:
        for size in range(len(data)):
            a.peer.send_raw(data[:size])
            stranger.send(data[:size])
        await asyncio.sleep(0)
    await still_fine(a, b)
    assert not b.saw(b"whole") and stranger.heard() == []
    for data in whole:
        a.peer.send_raw(data)
    await until(lambda: sum(b"whole" in one for one in b.payloads()) == 4)


async def test_a_flood_of_fifty_thousand_junk_packets_a_second_silences_nobody(house: House) -> None:
    a, b, _ = await pair(house)
    assert a.peer.remote is not None
    host, port = a.peer.remote.address
    words = [sys.executable, "-m", "bench.media.flood", host, str(port), str(FLOOD), str(FLOOD)]
    await until(lambda: b.saw(b"said"), lambda: a.voice(b"said"))
    flooding = await asyncio.create_subprocess_exec(*words, cwd=REPOSITORY, stdout=asyncio.subprocess.PIPE)
    ending, spoken = asyncio.create_task(flooding.communicate()), 0
    while not ending.done():
        spoken += 1
        a.voice(b"word %05d" % spoken)
        await asyncio.sleep(0.02)
    assert int((await ending)[0]) == FLOOD
    await until(lambda: b.saw(b"after"), lambda: (a.voice(b"after"), a.picture(True, b"after")))
    heard = {one for one in b.payloads() if one.startswith(b"word ")}
    # Where a machine lets a socket keep little, the kernel may throw away some of everything.
    assert len(heard) >= 0.8 * spoken
    assert not house.of(Gone)


@pytest.mark.parametrize("grants", [Grants(audio=True), Grants(video=True)], ids=["sound", "pictures"])
async def test_a_packet_that_names_a_line_it_does_not_belong_to_goes_nowhere(house: House, grants: Grants) -> None:
    house.admit("a", "b", stage="a", a=grants)
    a, b = await house.publish("a"), await house.watch("b")
    own = a.voice if grants.audio else lambda text: a.picture(True, text)
    await until(lambda: b.saw(b"own"), lambda: own(b"own"))
    sound, picture = (111, b"0"), (96, b"1")
    forbidden = picture if grants.audio else sound
    crossed = [(sound[0], picture[1]), (picture[0], sound[1])]
    unknown = [(kind, mid) for kind in (sound[0], picture[0]) for mid in (b"3", b"9", b"01")]
    for number in range(1, 20):
        for index, (kind, mid) in enumerate([forbidden, *crossed, *unknown]):
            content = vp8(True, True, b"lie")
            a.peer.send_rtp(build((kind, 128, number, 3_000 * number, 5_000 + index), {4: mid}, content))
        own(b"still own")
        await asyncio.sleep(0.01)
    await until(lambda: b.saw(b"still own"), lambda: own(b"still own"))
    assert not b.saw(b"lie")


@pytest.fixture
def publishers(monkeypatch: pytest.MonkeyPatch) -> list[Publisher]:
    """All connections up, as the server has them."""
    known, honest = list[Publisher](), Publisher.__init__

    def noted(self: Publisher, connection: Connection, sections: Sequence[Section], heard: Heard) -> None:
        honest(self, connection, sections, heard)
        known.append(self)

    monkeypatch.setattr(Publisher, "__init__", noted)
    return known


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """When somebody asked that a packet of one of their slots be repeated, in milliseconds."""
    times, honest = list[int](), Slot.repeat

    def noted(self: Slot, sequence: int, now: int) -> None:
        times.append(now)
        honest(self, sequence, now)

    monkeypatch.setattr(Slot, "repeat", noted)
    return times


def ask_again(screen: Screen, packet: bytes) -> None:
    """The screen says that it misses this packet."""
    wanted = rtcp.nack(1, int.from_bytes(packet[8:12]), [int.from_bytes(packet[2:4])])
    screen.peer.send_rtcp(rtcp.receiver_report(1, []) + wanted)


async def test_nobody_gets_a_stream_by_asking_for_it(house: House, publishers: list[Publisher]) -> None:
    """Repeats and key frames of somebody else's slots, of the sender's own stream, and a place on a wall."""
    house.admit("a", "b", "c", stage="a", c=Grants(receive=False))
    a, b, c = await house.publish("a"), await house.watch("b"), await house.watch("c")
    (of_a,) = publishers
    # What was wished for while all came is settled by a key frame.
    await until(lambda: b.saw(b"A") and not of_a.key_requests.wanted, lambda: a.picture(True, b"A"))
    house.web.view("k", "c", ("a", "a"))
    a.keys.clear()
    last = b.packets[-1]
    for ssrc in (int.from_bytes(last[8:12]), *a.ssrcs.values(), 99):
        c.peer.send_rtcp(rtcp.receiver_report(1, []) + rtcp.nack(1, ssrc, [int.from_bytes(last[2:4])]))
        c.peer.send_rtcp(rtcp.receiver_report(1, []) + rtcp.key_frame_request(1, ssrc))
    # Reports are read in the order in which they come: b's, which is answered, comes after c's.
    await until(lambda: b.repeated, lambda: ask_again(b, last))
    assert not of_a.key_requests.wanted
    await still_fine(a, b)
    assert not c.packets and not c.repeated and not a.keys


async def test_a_guest_who_invents_ssrcs_gets_no_more_than_a_dozen_streams(
    house: House, publishers: list[Publisher]
) -> None:
    a, b, _ = await pair(house)
    (of_a,) = publishers
    for ssrc in range(1_000, 1_400):
        # A repeat of packet 7, in the name of a stream that repeats the camera's packets.
        a.peer.send_rtp(build((97, 128, 1, 1, ssrc), {4: b"1"}, b"\x00\x07" + vp8(True, True, b"fake")))
        if ssrc % 50 == 0:
            await asyncio.sleep(0.005)
    await still_fine(a, b)
    assert len(of_a.repairs) > 1 and len(of_a.by_ssrc) + len(of_a.repairs) == STREAMS_LIMIT


async def test_a_camera_that_names_itself_anew_takes_the_place_of_what_it_was(
    house: House, publishers: list[Publisher]
) -> None:
    a, b, _ = await pair(house)
    (of_a,) = publishers
    for ssrc in range(1_000, 1_400):
        a.peer.send_rtp(build((96, 128, 1, 1, ssrc), {4: b"1"}, vp8(True, True, b"fake")))
        if ssrc % 50 == 0:
            await asyncio.sleep(0.005)
    a.ssrcs = {"": 5_000}
    await until(lambda: b.saw(b"anew"), lambda: a.picture(True, b"anew"))
    assert set(of_a.by_ssrc) == {5_000}
    assert len({one[8:12] for one in b.packets}) == 1


async def test_nobody_can_send_in_the_name_of_somebody_else(house: House) -> None:
    house.admit("a", "b", "c", "d", stage="a")
    a, thief, c = await house.publish("a"), await house.publish("b"), await house.watch("c", videos=1)
    wide = await house.watch("d", videos=3)
    await until(lambda: c.saw(b"A"), lambda: a.picture(True, b"A"))
    await until(lambda: wide.saw(b"stolen"), lambda: thief.picture(True, b"stolen"))
    for number in range(20):
        thief.picture(True, b"stolen")
        a.picture(False, b"A %02d" % number)
        await asyncio.sleep(0.01)
    await until(lambda: c.saw(b"after"), lambda: a.picture(False, b"after"))
    assert c.saw(b"A 19") and not c.saw(b"stolen")


async def test_whoever_may_not_send_pictures_goes_on_in_vain(house: House) -> None:
    house.admit("a", "b", "c", stage="a", a=Grants())
    a, b, c = await house.publish("a"), await house.watch("b"), await house.publish("c")
    for _ in range(30):
        a.picture(True, b"no")
        a.voice(b"no", 0)
        c.picture(True, b"yes")
        await asyncio.sleep(0.02)
    await until(lambda: b.saw(b"yes"), lambda: (a.picture(True, b"no"), c.picture(True, b"yes")))
    assert not b.saw(b"no")


async def test_a_muted_site_is_not_even_repeated(house: House, publishers: list[Publisher], asked: list[int]) -> None:
    a, b, _ = await pair(house)
    (of_a,) = publishers
    last = b.packets[-1]
    await until(lambda: b.repeated, lambda: ask_again(b, last))
    house.admit("a", "b", stage="a", a=Grants(audio=True))
    await until(lambda: not of_a.grants.video)
    await until(lambda: b.saw(b"muted"), lambda: a.voice(b"muted"))
    b.clear()
    before = len(asked)
    await until(lambda: len(asked) > before, lambda: ask_again(b, last))
    a.picture(True, b"A")
    await until(lambda: b.saw(b"after"), lambda: a.voice(b"after"))
    assert not b.sequences(), "sound alone"
    assert not b.repeated


async def test_whoever_may_not_receive_gets_nothing(house: House) -> None:
    house.admit("a", "b", "c", stage="a", b=Grants(receive=False))
    a, b, c = await house.publish("a"), await house.watch("b"), await house.watch("c")
    await until(lambda: c.saw(b"A"), lambda: a.picture(True, b"A"))
    for number in range(20):
        a.picture(True, b"A %02d" % number)
        await asyncio.sleep(0.02)
    await until(lambda: c.saw(b"after"), lambda: a.picture(True, b"after"))
    assert c.saw(b"A 19") and not b.packets


async def test_broken_rtcp_from_a_guest_changes_nothing(house: House) -> None:
    a, b, _ = await pair(house)
    generator = random.Random(9)
    for _ in range(500):
        body = generator.randbytes(4 * generator.randrange(1, 20))
        kind = generator.choice((200, 201, 205, 206))
        data = bytes((0x80 | generator.randrange(32), kind)) + (len(body) // 4).to_bytes(2) + body
        b.peer.send_rtcp(data)
        a.peer.send_rtcp(data)
    await still_fine(a, b)


async def test_a_flood_of_nacks_is_not_answered_in_kind(house: House, asked: list[int]) -> None:
    a, b, _ = await pair(house)
    last = b.packets[-1]
    for _ in range(200):
        ask_again(b, last)
    await until(lambda: len(asked) >= 200, lambda: ask_again(b, last))
    await until(lambda: b.saw(b"after"), lambda: a.picture(False, b"after"))
    assert 0 < len(b.repeated) <= (asked[-1] - asked[0]) // REPEAT_PAUSE_MS + 1


async def test_a_move_that_no_check_confirms_is_taken_back(house: House) -> None:
    a, b, _ = await pair(house)
    home = b.peer.socket
    assert b.peer.remote is not None
    away = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    away.bind(("127.0.0.1", 0))
    # The server knows whom to try by the SSRC of its reports.
    b.peer.send_rtcp(rtcp.receiver_report(1, []))
    await asyncio.sleep(0.05)
    b.peer.socket = away
    assert b.peer.keepalive is not None
    b.peer.keepalive.cancel()
    b.peer.send_rtcp(rtcp.receiver_report(1, []))
    b.peer.socket = home
    away.setblocking(False)
    followed: list[bytes] = []

    def look() -> None:
        a.picture(False, b"away")
        with contextlib.suppress(BlockingIOError):
            followed.append(away.recv(2_048))

    await until(lambda: followed, look)
    await still_fine_after(a, b)
    away.close()


async def still_fine_after(a: Site, b: Screen) -> None:
    b.clear()
    await until(lambda: b.saw(b"back"), lambda: a.picture(False, b"back"))


async def test_strangers_cannot_have_us_look_for_their_keys_without_end(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b, stranger = await pair(house)
    looks, honest = list[int](), hub.Hub._suspects

    def counted(self: hub.Hub, data: bytes) -> list[Connection]:
        looks.append(len(data))
        return honest(self, data)

    monkeypatch.setattr(hub.Hub, "_suspects", counted)
    monkeypatch.setattr(hub, "TAKEOVER_TRIES_A_SECOND", 5)
    for number in range(300):
        stranger.send(build((111, 0, number, 0, 4_000_000_000), {}, b"whose am I"))
    await still_fine(a, b)
    assert 0 < len(looks) <= 50, "a few a second"


async def test_a_peer_that_falls_silent_is_declared_lost(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    from server.media import connection

    monkeypatch.setattr(connection, "CONSENT_MS", 1_500)
    a, _, _ = await pair(house)
    assert a.peer.keepalive is not None
    a.peer.keepalive.cancel()
    await until(lambda: [one for one in house.of(Gone) if one.endpoint == "a" and one.reason == "lost"])


async def test_offers_without_end_are_refused(house: House) -> None:
    house.admit("a")
    refused: list[Problem] = []
    for _ in range(8):
        try:
            await house.web.open("k", "a", ("up", "camera"), ALL, offer_up(house.peers.add()))
        except Problem as problem:
            refused.append(problem)
    assert {one.code for one in refused} == {"media.too_many_sessions"}


async def test_a_line_that_is_no_word_ends_only_that_control_connection(house: House) -> None:
    a, b, _ = await pair(house)
    reader, writer = await asyncio.open_unix_connection(house.settings.control_socket)
    writer.write(b'{"type": "desired", "conference": NaN}\n')
    while await asyncio.wait_for(reader.readline(), 60):
        pass
    writer.close()
    assert house.web.up.is_set()
    await still_fine(a, b)


async def test_a_packet_that_breaks_our_own_code_does_not_stop_the_others(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    a, b, stranger = await pair(house)
    real = hub.Hub._check

    def broken(self: hub.Hub, port: Port, size: int, address: tuple[str, int]) -> None:
        if size == 33:
            raise RuntimeError("a mistake of ours")
        real(self, port, size, address)

    monkeypatch.setattr(hub.Hub, "_check", broken)
    asyncio.get_running_loop().set_exception_handler(lambda *_: None)
    stranger.send(bytes(33))
    await still_fine(a, b)
