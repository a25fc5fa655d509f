"""From one stream to many receivers: everybody gets their own numbering, nobody what came before their key frame."""

from __future__ import annotations

import socket
from types import SimpleNamespace
from typing import Any

from pylibsrtp import Policy, Session

from server.media import red
from server.media.burst import PACKET_LIMIT, Burst, Group, Image, Route, forward, grouped
from server.media.dtls import GCM_TAG, Keys
from server.media.egress import Destination, Egress
from server.media.estimate import Departures
from server.media.red import Redundancy
from server.media.rtp import Codec, Packet
from server.media.sdp import Agreed, SlotNames
from server.media.slot import Slot
from server.media.stream import Stream
from tests.media.test_egress import receiver

KEY = bytes(range(44))
EXTENSIONS = {"urn:ietf:params:rtp-hdrext:sdes:mid": 4}


def packet(number: int, key: bool = False, size: int = 900) -> Packet:
    return Packet(number, number * 3_000, 0, bytes((number & 0xFF,)) * size, key, number * 33)


class Receiver:
    """A slot with a real socket and real keys at the other end."""

    def __init__(self, egress: Egress, ssrc: int) -> None:
        self.socket = receiver()
        policy = {"key": KEY, "srtp_profile": Policy.SRTP_PROFILE_AEAD_AES_256_GCM}
        self.session = Session(Policy(ssrc_type=Policy.SSRC_ANY_INBOUND, **policy))
        keys = Keys(Session(Policy(ssrc_type=Policy.SSRC_ANY_OUTBOUND, **policy)), GCM_TAG)
        place = SimpleNamespace(
            port=SimpleNamespace(egress=egress), destination=Destination(self.socket.getsockname(), socket.AF_INET)
        )
        subscriber: Any = SimpleNamespace(
            keys=keys,
            redundancy=Redundancy(),
            connection=SimpleNamespace(place=place),
            estimator=SimpleNamespace(departures=Departures()),
        )
        formats = {Codec.VP8: Agreed(96, 97, "")}
        section: Any = SimpleNamespace(
            audio=False, formats=formats, line=SimpleNamespace(mid="3"), extension=lambda uri: EXTENSIONS.get(uri, 0)
        )
        self.slot = Slot(subscriber, section, SlotNames("g", "t", ssrc, ssrc + 1), (100 * ssrc, 7))

    def read(self, count: int) -> list[tuple[int, int]]:
        """(sequence, first octet of the payload) of so many packets."""
        plain = [self.session.unprotect(self.socket.recv(2_048)) for _ in range(count)]
        return [(int.from_bytes(one[2:4]), one[12 + 4 + 4 * one[15]]) for one in plain]

    def nothing_left(self) -> bool:
        self.socket.setblocking(False)
        try:
            self.socket.recv(2_048)
        except BlockingIOError:
            return True
        return False


def house() -> tuple[Egress, Stream]:
    sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    sock.bind(("127.0.0.1", 0))
    return Egress(sock), Stream("a", 5, Codec.VP8, "", 96)


def send(egress: Egress, stream: Stream, *packets: Packet) -> None:
    stream.waiting = list(packets)
    forward(stream)
    egress.flush()


def test_everybody_gets_the_same_pictures_in_a_numbering_of_their_own() -> None:
    egress, stream = house()
    some = [Receiver(egress, ssrc) for ssrc in (1, 2, 3)]
    for one in some:
        one.slot.want(stream)
    send(egress, stream, packet(50, key=True), packet(51), packet(52, size=100))
    send(egress, stream, packet(53))
    for ssrc, one in enumerate(some, 1):
        assert one.read(4) == [(100 * ssrc + index, 49 + index) for index in (1, 2, 3, 4)]


def test_whoever_comes_later_begins_at_a_key_frame_and_takes_nothing_from_the_others() -> None:
    egress, stream = house()
    first, later = Receiver(egress, 1), Receiver(egress, 2)
    first.slot.want(stream)
    send(egress, stream, packet(50, key=True))
    later.slot.want(stream)
    send(egress, stream, packet(51))
    send(egress, stream, packet(52), packet(53, key=True), packet(54))
    assert first.read(5) == [(100 + index, 49 + index) for index in range(1, 6)]
    assert later.read(2) == [(201, 53), (202, 54)]
    # Overtaken by the key frame: only whoever saw the picture before needs it.
    send(egress, stream, packet(56))
    send(egress, stream, packet(55))
    assert first.read(2) == [(107, 56), (106, 55)]
    assert later.read(2) == [(204, 56), (203, 55)]


def test_an_overtaken_packet_goes_only_to_those_who_saw_the_picture_before() -> None:
    egress, stream = house()
    first, later = Receiver(egress, 1), Receiver(egress, 2)
    first.slot.want(stream)
    send(egress, stream, packet(50, key=True))
    later.slot.want(stream)
    send(egress, stream, packet(52, key=True))
    send(egress, stream, packet(51))
    send(egress, stream, packet(53))
    assert first.read(4) == [(101, 50), (103, 52), (102, 51), (104, 53)]
    assert later.read(2) == [(201, 52), (202, 53)]
    assert later.nothing_left()


def test_a_moment_is_noted_once_however_much_is_repeated_at_it() -> None:
    """Or a receiver that loses much would have forgotten when most of what it reports had left."""
    egress, stream = house()
    one = Receiver(egress, 1)
    one.slot.want(stream)
    some = [packet(50, key=True), packet(51), packet(52)]
    for each in some:
        stream.ring.put(each)
    send(egress, stream, *some)
    moments = one.slot.subscriber.estimator.departures.moments
    for now, noted in ((52 * 33, 3), (53 * 33, 4)):
        for sequence in (101, 102, 103):
            one.slot.repeat(sequence, now)
        assert len(moments) == noted


def test_what_was_said_before_the_change_of_voice_is_not_brought_along() -> None:
    """Whoever loses packets gets predecessors with each one, but none that they were not to hear."""
    egress, stream = house()
    for number in range(48, 54):
        stream.ring.put(packet(number, size=8))
    plan: Any = SimpleNamespace(destination=None)

    def brought(first: int, number: int) -> list[int]:
        (group,) = grouped([Route(plan, egress, 0, 0, lambda *_: None, first, (2, 111))])
        burst = Burst([packet(number, size=8)], stream)
        return [content[0] for _, content in red.split(burst.image(group).data)]

    assert [brought(50, number) for number in (50, 51, 52)] == [[50], [50, 51], [50, 51, 52]]
    assert brought(49, 50) == [49, 50] and brought(1, 50) == [48, 49, 50]


def test_a_receiver_that_has_left_gets_nothing_and_goes_on_where_it_was() -> None:
    egress, stream = house()
    one = Receiver(egress, 1)
    other = Stream("b", 6, Codec.VP8, "", 96)
    one.slot.want(stream)
    send(egress, stream, packet(50, key=True), packet(51))
    one.slot.want(None)
    send(egress, stream, packet(52))
    one.slot.want(other)
    send(egress, other, packet(900, key=True))
    assert one.read(3) == [(101, 50), (102, 51), (103, 900 & 0xFF)]
    assert one.slot.rewriter.trace(102) == (stream, 51)
    one.slot.catch_up()
    assert one.slot.rewriter.trace(103) == (other, 900)
    assert one.slot.packets == 3


def test_what_cannot_be_protected_costs_only_itself() -> None:
    egress, stream = house()
    one = Receiver(egress, 1)
    one.slot.want(stream)
    send(egress, stream, packet(50, key=True))
    assert one.read(1) == [(101, 50)]
    # The same number again: libsrtp refuses to use it twice.
    send(egress, stream, packet(51), packet(50), packet(52))
    assert one.read(2) == [(102, 51), (103, 52)]
    assert one.nothing_left()


def test_an_arena_too_small_for_everybody_is_used_again() -> None:
    egress, stream = house()
    some = [Receiver(egress, ssrc) for ssrc in range(1, 25)]
    for one in some:
        one.slot.want(stream)
    burst = [packet(50, key=True), *(packet(number, size=1_300) for number in range(51, 130))]
    send(egress, stream, *burst)
    assert all(
        one.read(80) == [(100 * ssrc + index + 1, 50 + index) for index in range(80)]
        for ssrc, one in enumerate(some, 1)
    )


def test_every_packet_keeps_its_own_time() -> None:
    egress, stream = house()
    one = Receiver(egress, 1)
    one.slot.want(stream)
    send(egress, stream, packet(50, key=True), packet(52), packet(51), packet(52 + 8))
    times = [int.from_bytes(one.session.unprotect(one.socket.recv(2_048))[4:8]) for _ in range(4)]
    assert [(time - times[0]) & 0xFFFFFFFF for time in times] == [0, 6_000, 3_000, 30_000]


def test_a_packet_that_would_not_fit_the_network_is_left_out() -> None:
    image = Image([packet(1), packet(2, size=PACKET_LIMIT), packet(3)], 25, 16)
    assert [row[0] for row in image.rows] == [1, 3]
    assert image.octets == 1_800
    assert image.runs == ((0, image.size, 941),)


def test_receivers_with_equal_headers_are_served_together() -> None:
    def route(overhead: int, first: int) -> Route:
        plan: Any = SimpleNamespace(destination=object())
        egress: Any = None
        return Route(plan, egress, overhead, 16, lambda: None, first)

    groups: list[Group] = grouped([route(24, 5), route(28, 1), route(24, 9)])
    assert [(len(one.plans), one.overhead, one.first) for one in groups] == [(2, 24, 9), (1, 28, 1)]
