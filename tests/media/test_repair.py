"""Repeating, asking again, and asking for key frames."""

from __future__ import annotations

from typing import Any

from bench.media.client import vp8
from server.media import rtcp
from server.media.asking import ask_again
from server.media.connection import Connection
from server.media.receiver import Receiver
from server.media.repair import KeyRequests, Missing, Retransmission, Ring
from server.media.rtp import Codec, Header, Packet
from server.media.sdp import Agreed, SlotNames
from server.media.slot import Slot
from server.media.stream import ALIVE_MS, Stream
from server.media.trunk import SECTIONS


def packet(number: int) -> Packet:
    return Packet(number, 0, 0, b"x", False, 0)


def test_the_ring_keeps_the_newest_and_knows_what_it_has_lost() -> None:
    ring = Ring(8)
    for number in range(20):
        assert ring.put(packet(number))
    assert ring.get(11) is None
    found = ring.get(12)
    assert found is not None
    assert found.number == 12


def test_a_packet_comes_only_once() -> None:
    ring = Ring(8)
    assert ring.put(packet(5))
    assert not ring.put(packet(5))
    assert ring.put(packet(13))
    assert not ring.put(packet(5))


def test_what_nobody_asks_for_any_more_is_let_go_and_does_not_come_again() -> None:
    ring = Ring(64)
    for number in (70_000, 70_001, 70_004, 70_005):
        ring.put(Packet(number, 0, 0, b"x", False, number))
    ring.forget(70_004)
    assert [one.number for one in ring.cells if one is not None] == [70_004, 70_005]
    assert ring.get(70_001) is None and ring.get(70_004) is not None
    assert not ring.put(packet(70_001)), "it was here, and is too old to be of use"
    assert not ring.put(packet(70_003)), "so is what was missing then"
    ring.forget(80_000)
    assert not any(ring.cells) and ring.put(packet(70_006)) and not ring.put(packet(70_006))
    ring.forget(0)
    assert ring.get(70_006) is not None


def test_a_stream_lets_go_of_the_old_as_often_as_it_measures() -> None:
    stream = Stream("a", 5, Codec.VP8, "", 96)
    stream.outputs.append(object())  # type: ignore[arg-type]
    for number in range(300):
        stream.take(number, 90 * 33 * number, 128, vp8(number == 0, True, b"x"), 33 * number)
    stream.measure(33 * 300)
    kept = [one.arrival for one in stream.ring.cells if one is not None]
    assert (min(kept), max(kept)) == (33 * 225, 33 * 299)


def test_what_nobody_receives_is_measured_but_not_kept() -> None:
    stream = Stream("a", 5, Codec.VP8, "", 96)
    stream.measure(1_000)
    assert not stream.take(1, 0, 128, vp8(True, True, bytes(998)), 1_000)
    stream.measure(2_000)
    assert (stream.bits_per_second, stream.counters.received) == (8_000, 1)
    assert stream.alive(2_000) and not any(stream.ring.cells)
    stream.outputs.append(object())  # type: ignore[arg-type]
    assert stream.take(2, 3_000, 128, vp8(True, True, b"x"), 2_033)
    assert [one.number for one in stream.ring.cells if one is not None] == [one.number for one in stream.waiting]
    stream.outputs.clear()
    stream.measure(10_000)
    assert not any(stream.ring.cells)


def test_a_picture_that_nobody_received_does_not_begin_when_a_part_of_it_comes_again() -> None:
    stream = Stream("a", 5, Codec.VP8, "", 96)
    stream.take(1, 0, 0, vp8(True, True, bytes(98)), 1_000)
    stream.take(2, 0, 128, vp8(True, False, bytes(98)), 1_000)
    octets = stream.octets
    again = Header(97, 0, 7, 0, 6, 12, 112, 0, 0, 0), (1).to_bytes(2) + vp8(True, True, bytes(98))
    assert not stream.take_repeated(*again, 1_020) and stream.octets == octets, "it was counted"
    stream.outputs.append(object())  # type: ignore[arg-type]
    assert not stream.take_repeated(*again, 1_040), "the rest of that picture is gone"
    assert stream.take(3, 3_000, 128, vp8(True, True, b"x"), 1_060)


def test_what_was_kept_is_let_go_also_when_nobody_receives_what_comes_after_it() -> None:
    stream = Stream("a", 5, Codec.VP8, "", 96)
    stream.outputs.append(object())  # type: ignore[arg-type]
    stream.take(1, 0, 128, vp8(True, True, b"x"), 1_000)
    stream.outputs.clear()
    stream.take(2, 3_000, 128, vp8(True, True, b"x"), 1_033)
    stream.measure(10_000)
    assert not any(stream.ring.cells)


def test_whoever_comes_after_packets_that_were_passed_by_misses_none_of_them() -> None:
    stream = Stream("a", 5, Codec.OPUS, "", 111)
    stream.take(65_530, 0, 0, b"x", 0)
    for number in (65_531, 65_534, 1):
        stream.pass_by(number & 0xFFFF, 0, 100, 20)
    assert stream.alive(ALIVE_MS) and stream.octets == 301 and stream.counters.received == 4
    output: Any = object()
    stream.enter(output)
    assert not stream.take(65_533, 0, 0, b"late", 40), "it is older than whoever asks"
    assert stream.take(2, 0, 0, b"x", 40) and not stream.missing.holes
    assert [one.payload for one in stream.waiting] == [b"x"]
    stream.enter(object())  # type: ignore[arg-type]
    assert stream.take(4, 0, 0, b"x", 60) and list(stream.missing.holes) == [stream.unwrapper.highest - 1]
    stream.leave(output)
    assert stream.outputs


def test_whoever_comes_asks_for_nothing_that_was_missing_before() -> None:
    stream = Stream("a", 5, Codec.VP8, "", 96)
    before: Any = object()
    stream.enter(before)
    stream.take(1, 0, 128, vp8(True, True, b"x"), 1_000)
    stream.take(3, 0, 128, vp8(True, True, b"x"), 1_000)
    stream.leave(before)
    stream.enter(object())  # type: ignore[arg-type]
    assert ask_again([stream], 1_020) == []


def test_of_a_stream_that_is_over_nothing_is_kept_once_nobody_shows_it_any_more() -> None:
    receiver = Receiver(Connection("s", "k", "b", "down", "camera"), 0)
    slot, stream = Slot(receiver, SECTIONS["video"], SlotNames("", "", 7, 8), (5, 6)), Stream("a", 5, Codec.VP8, "", 96)
    stream.permitted = True
    slot.want(stream)
    stream.take(1, 0, 128, vp8(True, True, b"x"), 1_000)
    assert slot.begins(stream, stream.waiting)
    after = stream.recoded(Codec.H264, Agreed(102, 103, ""), 1_100)
    assert any(stream.ring.cells), "it is shown until the next key frame"
    assert slot.begins(after, [Packet(2, 3_000, 128, b"", True, 1_200)])
    assert not any(stream.ring.cells)


def test_a_cleared_ring_repeats_nothing() -> None:
    ring = Ring(8)
    ring.put(packet(5))
    ring.clear()
    assert ring.get(5) is None


def test_every_hole_is_asked_for_and_again_after_a_round_trip() -> None:
    missing = Missing()
    missing.arrived(10, 0)
    missing.arrived(13, 0)
    assert missing.due(0, 50) == [11, 12]
    assert missing.due(20, 50) == []
    missing.arrived(11, 30)
    assert missing.due(50, 50) == [12]


def test_a_hole_that_stays_is_given_up_and_a_key_frame_is_needed() -> None:
    missing = Missing()
    missing.arrived(1, 0)
    missing.arrived(3, 0)
    asked = [missing.due(now, 20) for now in range(0, 3_000, 100)]
    assert sum(map(len, asked)) == Missing.TRIES
    assert missing.lost_for_good()
    assert not missing.lost_for_good()


def test_too_large_a_gap_is_not_asked_for_piece_by_piece() -> None:
    missing = Missing()
    missing.arrived(1, 0)
    missing.arrived(10_000, 0)
    assert missing.due(0, 50) == []
    assert missing.lost_for_good()


def holed(received: bool) -> Stream:
    """A camera's layer of which a packet is missing."""
    stream = Stream("a", 5, Codec.VP8, "h", 96)
    stream.requests = KeyRequests()
    if received:
        stream.outputs.append(object())  # type: ignore[arg-type]
    for number in (1, 3):
        stream.take(number, 3_000 * number, 128, vp8(number == 1, True, b"x"), 1_000)
    return stream


def test_a_sender_repeats_what_somebody_receives_and_nothing_else() -> None:
    assert [list(rtcp.parse(one)) for one in ask_again([holed(True)], 1_000)] == [[rtcp.Nack(5, [2])]]
    unseen = holed(False)
    assert ask_again([unseen], 1_000) == []
    unseen.outputs.append(object())  # type: ignore[arg-type]
    assert ask_again([unseen], 1_030) == [], "whoever has just come begins at a later picture"
    unseen.take(5, 15_000, 128, vp8(False, True, b"x"), 1_040)
    assert [list(rtcp.parse(one)) for one in ask_again([unseen], 1_060)] == [[rtcp.Nack(5, [4])]]


def test_a_layer_that_nobody_receives_is_not_asked_for_a_key_frame_when_much_of_it_is_lost() -> None:
    for received, asked in ((True, [5]), (False, [])):
        stream = holed(received)
        stream.take(9_000, 9_000, 128, vp8(False, True, b"x"), 1_010)
        ask_again([stream], 1_030)
        assert stream.requests is not None and stream.requests.due(1_030) == asked


def test_a_layer_that_rests_is_not_asked_for_key_frames_until_it_comes_again() -> None:
    stream = holed(True)
    assert stream.requests is not None
    stream.measure(1_000 + ALIVE_MS + 1)
    stream.ask_key()
    assert stream.requests.due(2_600) == [], "its sisters would make them instead"
    stream.take(4, 12_000, 128, vp8(False, True, b"x"), 2_700)
    stream.ask_key()
    assert stream.requests.due(2_700) == [5]


def test_the_wish_for_a_key_frame_goes_with_the_last_who_wished() -> None:
    receiver = Receiver(Connection("s", "k", "b", "down", "camera"), 0)
    first, second = (Slot(receiver, SECTIONS["video"], SlotNames("", "", n, n + 1), (0, 0)) for n in (20, 30))
    stream = holed(False)
    first.want(stream)
    second.want(stream)
    first.want(None)
    assert stream.requests is not None and stream.requests.wanted == {5}
    second.want(None)
    assert stream.requests.due(0) == []


def test_key_frames_are_asked_for_at_most_every_330_ms_and_no_wish_is_lost() -> None:
    requests = KeyRequests()
    requests.want(1)
    assert requests.due(0) == [1]
    requests.want(1)
    requests.want(2)
    assert requests.due(329) == []
    assert requests.due(330) == [1, 2]
    assert requests.due(1_000) == []


def test_a_key_frame_that_came_by_itself_is_not_asked_for() -> None:
    requests = KeyRequests()
    requests.want(1)
    requests.settled(1)
    assert requests.due(0) == []


def test_a_packet_is_not_repeated_twice_within_a_round_trip() -> None:
    repeats = Retransmission(65_534)
    assert repeats.allow(7, 0)
    assert not repeats.allow(7, 10)
    assert repeats.allow(8, 10)
    assert repeats.allow(7, 30)
    assert [repeats.next(), repeats.next()] == [65_535, 0]


def skipped(number: int, stream: Stream) -> None:
    stream.skip(Header(111, 0, number, 960 * number, stream.ssrc, 12, 13, 0, 0, 0))


def test_what_overtook_another_packet_while_it_might_not_pass_is_not_missed_later() -> None:
    stream = Stream("a", 5, Codec.VP8, "", 96)
    for number in (10, 12, 11):
        skipped(number, stream)
    stream.take(13, 0, 0, b"x", 0)
    assert not stream.missing.holes


def test_what_a_sender_may_not_send_has_arrived_all_the_same() -> None:
    stream = Stream("a", 5, Codec.OPUS, "", 111)

    def sends(first: int, count: int, may: bool) -> int:
        for number in range(first, first + count):
            if may:
                stream.take(number, 960 * number, 0, b"x", 20 * number)
            else:
                skipped(number, stream)
        stream.counters.block(stream.ssrc, stream.unwrapper.highest, 20 * (first + count))
        return stream.counters.recent_loss

    assert sends(100, 50, may=False) == 0, "a microphone that was never opened"
    assert sends(150, 50, may=True) == 0
    assert sends(200, 50, may=False) == 0, "and one that is closed again"
    assert sends(300, 50, may=False) >= 490, "but what did not come is missed"
    assert sends(350, 50, may=True) == 0
