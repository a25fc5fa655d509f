"""Which layer each slot gets, and how a receiver's budget moves."""

from __future__ import annotations

from server.media.estimate import (
    ALARM_MS,
    FLOOR_BPS,
    GENTLE_BPS,
    GENTLE_LOSS,
    SMALL_BPS,
    START_BPS,
    SURE,
    Departures,
    Estimator,
)
from server.media.layers import VOICE_RESERVE_BPS, Wish, allocate, size_cap, wanted_layers

THREE_VOICES = 3 * VOICE_RESERVE_BPS
RATES = (("l", 150_000), ("m", 500_000), ("h", 1_500_000))


def wish(cap: str = "h", present: str | None = None, since: int = 0) -> Wish:
    return Wish(RATES, cap, present, since)


def test_with_plenty_everybody_gets_what_the_slot_deserves() -> None:
    assert allocate(10_000_000, [wish("h"), wish("m"), wish("l")], 0) == ["h", "m", "l"]


def test_everybody_gets_the_smallest_before_anybody_gets_more() -> None:
    assert allocate(THREE_VOICES + 460_000, [wish(), wish(), wish()], 0) == ["l", "l", "l"]


def test_the_stage_rises_first() -> None:
    assert allocate(THREE_VOICES + 800_000, [wish(), wish()], 0) == ["m", "l"]


def test_pictures_are_switched_off_before_sound_suffers() -> None:
    assert allocate(THREE_VOICES + 160_000, [wish(), wish()], 0) == ["l", None]
    assert allocate(THREE_VOICES, [wish()], 0) == [None]


def test_voices_that_nobody_hears_leave_room_for_a_picture() -> None:
    assert allocate(220_000, [wish()], 0, voices=1) == ["l"]
    assert allocate(220_000, [wish()], 0, voices=3) == [None]


def test_a_budget_on_the_edge_does_not_flutter() -> None:
    edge = THREE_VOICES + 510_000
    assert allocate(edge, [wish(present="l", since=0)], 10_000) == ["l"]
    assert allocate(edge, [wish(present="m", since=0)], 10_000) == ["m"]


def test_nobody_rises_within_two_seconds_of_the_last_change() -> None:
    assert allocate(9_000_000, [wish(present="l", since=9_000)], 10_000) == ["l"]
    assert allocate(9_000_000, [wish(present="l", since=9_000)], 11_000) == ["h"]


def test_going_down_happens_at_once() -> None:
    assert allocate(THREE_VOICES + 200_000, [wish(present="h", since=9_999)], 10_000) == ["l"]


def test_an_empty_slot_costs_nothing() -> None:
    assert allocate(10_000_000, [Wish((), "h"), wish()], 0) == [None, "h"]


def test_thumbnails_of_a_large_wall_are_small() -> None:
    assert [size_cap(0, 9), size_cap(1, 4), size_cap(1, 9)] == ["h", "m", "l"]


def test_a_layer_nobody_receives_is_not_wanted_but_the_smallest_stays() -> None:
    assert wanted_layers(["h"], ["l", "m", "h"]) == {"l": True, "m": False, "h": True}
    assert wanted_layers([], []) == {}


def leave(departures: Departures, number: int, at_us: int) -> None:
    """All up to this number leave at that moment."""
    departures.begin(at_us)
    departures.wide = number


def report(estimator: Estimator, start: int, now: int, lost_every: int = 0, delay_ms: int = 20) -> None:
    arrivals = []
    for index in range(100):
        number = (start + index) & 0xFFFF
        sent = now * 1000 + index * 5_000
        leave(estimator.departures, number, sent)
        if not lost_every or index % lost_every:
            arrivals.append((number, sent + delay_ms * 1000 + 77_000_000))
    estimator.reported(len(arrivals), 100 - len(arrivals), arrivals)


def suffer(estimator: Estimator, steps: range, lost_every: int = 0, size: int = 1_200, since: int = 0) -> None:
    for step in steps:
        now = since + 500 * step
        report(estimator, 100 * step & 0xFFFF, now, lost_every=lost_every)
        estimator.assess(now, size)


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


def test_what_waits_already_is_to_leave_within_a_second_too() -> None:
    estimator = Estimator(0)
    report(estimator, 0, 0)
    estimator.assess(500, 1_200)
    report(estimator, 100, 500, lost_every=2, delay_ms=320)
    estimator.assess(1_000, 1_200)
    assert estimator.queue_ms == 300
    assert estimator.budget == int(estimator.received_bps * (SURE - 0.3))


def test_everything_that_waits_long_is_looked_at_at_once_and_jitter_is_not() -> None:
    estimator = Estimator(0)
    report(estimator, 0, 0)
    estimator.assess(500, 1_200)
    report(estimator, 100, 500, delay_ms=20 + int(ALARM_MS))
    assert not estimator.alarmed
    report(estimator, 200, 1_000, delay_ms=21 + int(ALARM_MS))
    assert estimator.alarmed
    estimator.assess(1_500, 1_200)
    assert not estimator.alarmed


def test_after_a_queue_the_budget_grows_again_with_patience() -> None:
    estimator = Estimator(0)
    report(estimator, 0, 0)
    estimator.assess(500, 1_200)
    report(estimator, 100, 500, delay_ms=300)
    estimator.assess(2_000, 1_200)
    low = estimator.budget
    suffer(estimator, range(2, 6), since=1_500)
    assert estimator.budget == low
    suffer(estimator, range(6, 24), since=1_500)
    assert low < estimator.budget < START_BPS


def test_a_loss_that_ends_gives_the_budget_back_at_once() -> None:
    estimator = Estimator(0)
    suffer(estimator, range(1, 3), lost_every=2)
    assert estimator.budget < START_BPS
    suffer(estimator, range(3, 4), lost_every=0)
    assert estimator.budget == START_BPS


def test_each_return_that_fails_doubles_the_pause_before_the_next() -> None:
    estimator = Estimator(0)
    waited = []
    step = 1
    for _ in range(4):
        suffer(estimator, range(step, step + 1), lost_every=2)
        start = step = step + 1
        while estimator.budget < START_BPS:
            suffer(estimator, range(step, step + 1), lost_every=0)
            step += 1
        waited.append(step - start)
    assert waited == [1, 2, 4, 7]


def test_a_loss_that_a_lower_rate_does_not_lessen_is_the_lines_own() -> None:
    estimator = Estimator(0)
    suffer(estimator, range(1, 2), lost_every=8)
    assert estimator.budget < START_BPS
    suffer(estimator, range(2, 3), lost_every=8, size=600)
    assert estimator.budget == START_BPS
    suffer(estimator, range(3, 20), lost_every=8)
    assert estimator.budget >= START_BPS
    suffer(estimator, range(20, 22), lost_every=2)
    assert estimator.budget < START_BPS / 2, "much more than usual is too much again"


def test_a_line_that_lost_much_of_little_too_is_well_again_when_nothing_is_lost() -> None:
    estimator, step = Estimator(0), 1
    for _ in range(4):
        suffer(estimator, range(step, step + 1), lost_every=2)
        step += 1
        while estimator.budget < START_BPS:
            suffer(estimator, range(step, step + 1))
            step += 1
    suffer(estimator, range(step, step + 1), lost_every=2)
    suffer(estimator, range(step + 1, step + 3), lost_every=2, size=100)
    assert estimator.budget < START_BPS
    suffer(estimator, range(step + 3, step + 4), size=100)
    assert estimator.budget == START_BPS, "the pause that several failed tries have made long is not for this"


def few(estimator: Estimator, now: int, lost: int, of: int = 45) -> None:
    """A look at a small picture and a voice, of whose packets some were lost here and there."""
    for part in range(5):
        estimator.reported(of // 5 - (part < lost), int(part < lost), [(0, now * 1000)])
    estimator.assess(now, 700)


def test_of_few_packets_some_are_lost_by_chance() -> None:
    estimator = Estimator(0)
    few(estimator, 500, lost=5)
    assert estimator.loss > 0.1 and estimator.budget == START_BPS


def test_a_small_picture_of_which_a_fifth_is_lost_once_is_not_taken_away() -> None:
    estimator = Estimator(0)
    few(estimator, 500, lost=5, of=25)
    assert estimator.loss == GENTLE_LOSS and estimator.budget == GENTLE_BPS


def test_a_queue_that_is_emptying_does_not_lower_the_budget_twice() -> None:
    estimator = Estimator(0)
    report(estimator, 0, 0)
    estimator.assess(500, 1_200)
    report(estimator, 100, 500, delay_ms=300)
    estimator.assess(1_000, 1_200)
    low = estimator.budget
    report(estimator, 200, 1_000, delay_ms=200)
    estimator.assess(1_500, 200)
    assert estimator.budget == low


def test_one_bad_moment_of_a_small_picture_does_not_take_it_away() -> None:
    estimator = Estimator(0)
    report(estimator, 0, 0)
    estimator.assess(500, 100)
    report(estimator, 100, 500, delay_ms=300)
    estimator.assess(1_000, 100)
    assert estimator.budget == GENTLE_BPS
    report(estimator, 200, 1_000, delay_ms=500)
    estimator.assess(1_500, 100)
    assert estimator.budget < SMALL_BPS, "it was no moment: the queue grows although little is sent"


def test_a_longer_way_is_no_queue_for_ever() -> None:
    estimator = Estimator(0)
    suffer(estimator, range(1, 3), lost_every=0)
    for step in range(3, 12):
        report(estimator, 100 * step, 500 * step, delay_ms=300)
        estimator.assess(500 * step, 1_200 if step < 5 else 300)
    assert estimator.budget >= START_BPS


def test_jitter_is_no_queue() -> None:
    estimator = Estimator(0)
    for index in range(20):
        report(estimator, 100 * index, 100 * index, delay_ms=300 + 100 * (index % 2 or -1))
    assert not estimator.assess(2_000, 1_200)
    assert estimator.budget == START_BPS


def test_an_outage_that_is_over_lowers_nothing() -> None:
    estimator = Estimator(0)
    for index in range(5):
        report(estimator, 100 * index, 100 * index, lost_every=2 if index == 2 else 0)
    assert not estimator.assess(500, 1_200)
    assert estimator.loss > 0.09
    assert estimator.budget >= START_BPS


def test_a_narrow_line_with_a_queue_keeps_the_lower_budget() -> None:
    estimator = Estimator(0)
    report(estimator, 0, 0)
    estimator.assess(500, 1_200)
    for step in range(1, 8):
        report(estimator, 100 * step, 500 * step, lost_every=6, delay_ms=60 if step % 2 else 250)
        estimator.assess(500 + 500 * step, 1_200 // step)
    assert estimator.budget < START_BPS / 2


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
    leave(departures, 65_533, 1_000)
    leave(departures, 2, 2_000)
    leave(departures, 5, 3_000)
    assert [departures.when(number) for number in (65_533, 65_534, 0, 2, 4)] == [1_000, 2_000, 2_000, 2_000, 3_000]


def test_what_leaves_beside_a_burst_at_the_same_moment_left_then_too() -> None:
    departures = Departures()
    leave(departures, 10, 1_000)
    departures.wide = 12
    leave(departures, 13, 2_000)
    assert [departures.when(number) for number in (10, 12, 13)] == [1_000, 1_000, 2_000]


def test_what_was_asked_for_is_forgotten_and_what_never_left_is_unknown() -> None:
    departures = Departures()
    leave(departures, 10, 1_000)
    leave(departures, 20, 2_000)
    assert departures.when(15) == 2_000
    assert departures.when(8) is None
    assert departures.when(21) is None
