"""Repeating, asking again, and asking for key frames."""

from __future__ import annotations

from server.media.repair import KeyRequests, Missing, Retransmission, Ring
from server.media.rtp import Packet


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
    requests.arrived(1)
    assert requests.due(0) == []


def test_a_packet_is_not_repeated_twice_within_a_round_trip() -> None:
    repeats = Retransmission(65_534)
    assert repeats.allow(7, 0)
    assert not repeats.allow(7, 10)
    assert repeats.allow(8, 10)
    assert repeats.allow(7, 30)
    assert [repeats.next(), repeats.next()] == [65_535, 0]
