"""Which layer each slot gets, and how a receiver's budget moves."""

from __future__ import annotations

from server.media.estimate import FLOOR_BPS, START_BPS, Departures, Estimator
from server.media.layers import AUDIO_RESERVE_BPS, Wish, allocate, size_cap, wanted_layers

RATES = (("l", 150_000), ("m", 500_000), ("h", 1_500_000))


def wish(cap: str = "h", present: str | None = None, since: int = 0) -> Wish:
    return Wish(RATES, cap, present, since)


def test_with_plenty_everybody_gets_what_the_slot_deserves() -> None:
    assert allocate(10_000_000, [wish("h"), wish("m"), wish("l")], 0) == ["h", "m", "l"]


def test_everybody_gets_the_smallest_before_anybody_gets_more() -> None:
    assert allocate(AUDIO_RESERVE_BPS + 460_000, [wish(), wish(), wish()], 0) == ["l", "l", "l"]


def test_the_stage_rises_first() -> None:
    assert allocate(AUDIO_RESERVE_BPS + 800_000, [wish(), wish()], 0) == ["m", "l"]


def test_pictures_are_switched_off_before_sound_suffers() -> None:
    assert allocate(AUDIO_RESERVE_BPS + 160_000, [wish(), wish()], 0) == ["l", None]
    assert allocate(AUDIO_RESERVE_BPS, [wish()], 0) == [None]


def test_a_budget_on_the_edge_does_not_flutter() -> None:
    edge = AUDIO_RESERVE_BPS + 510_000
    assert allocate(edge, [wish(present="l", since=0)], 10_000) == ["l"]
    assert allocate(edge, [wish(present="m", since=0)], 10_000) == ["m"]


def test_nobody_rises_within_two_seconds_of_the_last_change() -> None:
    assert allocate(9_000_000, [wish(present="l", since=9_000)], 10_000) == ["l"]
    assert allocate(9_000_000, [wish(present="l", since=9_000)], 11_000) == ["h"]


def test_going_down_happens_at_once() -> None:
    assert allocate(AUDIO_RESERVE_BPS + 200_000, [wish(present="h", since=9_999)], 10_000) == ["l"]


def test_an_empty_slot_costs_nothing() -> None:
    assert allocate(10_000_000, [Wish((), "h"), wish()], 0) == [None, "h"]


def test_thumbnails_of_a_large_wall_are_small() -> None:
    assert [size_cap(0, 9), size_cap(1, 4), size_cap(1, 9)] == ["h", "m", "l"]


def test_a_layer_nobody_receives_is_not_wanted_but_the_smallest_stays() -> None:
    assert wanted_layers(["h"], ["l", "m", "h"]) == {"l": True, "m": False, "h": True}
    assert wanted_layers([], []) == {}


def report(estimator: Estimator, start: int, now: int, lost_every: int = 0, delay_ms: int = 20) -> None:
    arrivals = []
    for index in range(100):
        number = (start + index) & 0xFFFF
        sent = now * 1000 + index * 5_000
        estimator.departures.note((number, sent))
        if not lost_every or index % lost_every:
            arrivals.append((number, sent + delay_ms * 1000 + 77_000_000))
    estimator.reported(len(arrivals), 100 - len(arrivals), arrivals)


def test_loss_lowers_the_budget_at_once() -> None:
    estimator = Estimator(0)
    report(estimator, 0, 0, lost_every=5)
    assert estimator.assess(500, 1_200)
    assert FLOOR_BPS < estimator.budget < 0.85 * 100 * 1_200 * 8 * 2


def test_a_growing_queue_lowers_the_budget_before_packets_are_lost() -> None:
    estimator = Estimator(0)
    report(estimator, 0, 0)
    assert not estimator.assess(500, 1_200)
    report(estimator, 100, 500, delay_ms=300)
    assert estimator.assess(1_000, 1_200)
    assert estimator.budget < START_BPS


def test_the_budget_grows_again_after_patience_and_each_failure_doubles_it() -> None:
    estimator = Estimator(0)
    report(estimator, 0, 0, lost_every=3)
    estimator.assess(2_000, 1_200)
    low = estimator.budget
    for step in range(1, 8):
        report(estimator, 100 * step, 2_000 + 500 * step)
        estimator.assess(2_000 + 500 * step, 1_200)
    assert estimator.budget == low
    for step in range(8, 40):
        report(estimator, 100 * step, 2_000 + 500 * step)
        estimator.assess(2_000 + 500 * step, 1_200)
    assert estimator.budget > low


def test_silence_says_nothing() -> None:
    estimator = Estimator(0)
    assert not estimator.assess(500, 1_200)
    assert estimator.budget == START_BPS


def test_a_remb_only_lowers() -> None:
    estimator = Estimator(0)
    estimator.believed(900_000)
    estimator.believed(90_000_000)
    assert estimator.budget == 900_000


def test_a_packet_left_when_its_burst_left() -> None:
    departures = Departures()
    departures.note((65_533, 1_000))
    departures.note((2, 2_000))
    departures.note((5, 3_000))
    assert [departures.when(number) for number in (65_533, 65_534, 0, 2, 4)] == [1_000, 2_000, 2_000, 2_000, 3_000]


def test_what_was_asked_for_is_forgotten_and_what_never_left_is_unknown() -> None:
    departures = Departures()
    departures.note((10, 1_000))
    departures.note((20, 2_000))
    assert departures.when(15) == 2_000
    assert departures.when(8) is None
    assert departures.when(21) is None
