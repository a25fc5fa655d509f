"""Which process carries a conference: by load, the same for all who decide, whatever order they hear it in."""

from __future__ import annotations

import random

import pytest

from server.media.control import Load, Peer, Placed
from server.media.placing import (
    FEW,
    FULL,
    GUESSED,
    MINUTE_MS,
    MOVED_A_MINUTE,
    OVER_MS,
    RELIEVED,
    Burden,
    Relief,
    Standing,
    by_name,
    chosen,
    first,
    for_receiver,
    mended,
    newest,
)

A, B, C, D = (Peer(name, f"{name}-print", ((f"10.0.0.{at}", 8444),), "s") for at, name in enumerate("abcd", 1))


def there(*busy: int) -> list[Standing]:
    return [Standing(peer, one) for peer, one in zip((A, B, C), busy, strict=False)]


def says(cpu_ms: int, down: int) -> Load:
    return Load(0, down, 0, 0, 0, 0, 0, 0, cpu_ms, 0)


def test_a_conference_begins_where_there_is_least_to_do() -> None:
    assert first("k", there(400, 90, 300)) == Placed("k", 1, B)
    assert first("k", []) is None


def test_among_idle_processes_it_begins_where_fewest_have_begun_and_order_does_not_matter() -> None:
    standings = [Standing(A, 10, 2), Standing(B, 0, 1), Standing(C, 30, 1)]
    found = {first(f"k{index}", random.Random(index).sample(standings, 3)).home.name for index in range(40)}  # type: ignore[union-attr]
    assert found == {"b", "c"}, "loads that hardly differ are alike"
    for index in range(40):
        assert first(f"k{index}", standings) == first(f"k{index}", standings[::-1])


def test_receivers_go_home_until_it_is_full_then_to_edges_one_after_the_other() -> None:
    placed = Placed("k", 4, A)
    assert for_receiver(placed, there(FULL - 1, 0, 0)) == (placed, "a")
    grown, where = for_receiver(placed, there(FULL, 300, 100))
    assert (grown, where) == (Placed("k", 4, A, (C,)), "c")
    assert for_receiver(grown, there(FULL, 0, 100)) == (grown, "c"), "one edge is filled before the next begins"
    both, where = for_receiver(grown, there(FULL, 300, FULL))
    assert (both.edges, where) == ((B, C), "b")


def test_where_all_are_full_the_idlest_of_those_who_carry_it_takes_more() -> None:
    placed = Placed("k", 1, A, (B,))
    assert for_receiver(placed, there(900, 800, 700)) == (placed, "b")


def test_nobody_becomes_an_edge_of_a_home_that_is_gone() -> None:
    placed = Placed("k", 1, A)
    assert for_receiver(placed, [Standing(B)]) == (placed, "a")


def test_when_home_is_gone_another_one_follows_and_edges_stay() -> None:
    placed = Placed("k", 3, A, (B, C))
    assert mended(placed, there(0, 0, 0)) is None
    found = mended(placed, [Standing(B, 500), Standing(C, 100)])
    assert found == Placed("k", 4, C, (B,))
    assert mended(placed, [Standing(A), Standing(C)]) == Placed("k", 4, A, (C,))
    assert mended(placed, []) is None


@pytest.mark.parametrize("seed", range(30))
def test_whoever_places_at_the_same_time_comes_to_the_same_end(seed: int) -> None:
    chance = random.Random(seed)
    said = [
        Placed("k", chance.randint(1, 3), chance.choice((A, B)), chance.choice(((), (C,), (C, D), (D,))))
        for _ in range(6)
    ]
    ends = set()
    for _ in range(4):
        held: Placed | None = None
        for one in chance.sample(said, 6):
            held = newest(held, one)
        assert held is not None
        ends.add((held.number, held.members))
    assert len(ends) == 1


def test_who_came_since_a_process_last_spoke_counts_by_what_the_others_cost() -> None:
    burden = Burden()
    assert burden.expected(10) == 10 * GUESSED, "nothing was measured"
    burden.weigh(says(1_000, 0), 10_000)
    burden.weigh(says(2_000, 2 * FEW), 15_000)
    assert burden.busy == 200
    assert burden.expected(2 * FEW) == 200
    assert burden.expected(3 * FEW) == 200 + FEW * 5
    assert burden.expected(0) == 0


def test_a_second_word_at_once_measures_nothing() -> None:
    burden = Burden()
    for at in (0, 1, 2):
        burden.weigh(says(at * 500, 1), at)
    assert burden.busy == 0


def test_what_nobody_places_is_at_the_same_process_wherever_the_same_are_known() -> None:
    assert by_name("line-test", {}) is None
    names = ["a", "b", "c"]
    for index in range(20):
        assert by_name(f"t{index}", names) == by_name(f"t{index}", names[::-1])
    chosen = by_name("t", names)
    assert by_name("t", [one for one in names if one in (chosen, "a")]) == chosen


def test_nobody_is_moved_before_a_process_has_been_full_for_long_without_a_pause() -> None:
    relief = Relief()
    assert relief.look(there(FULL + 50, 0), 0) == {}
    assert relief.look(there(FULL + 50, 0), OVER_MS - 1) == {}
    assert relief.look(there(FULL - 1, 0), OVER_MS) == {}, "it had time to breathe"
    assert relief.look(there(FULL + 50, 0), OVER_MS + 1) == {}
    assert relief.closed == frozenset()
    assert list(relief.look(there(FULL + 50, 0), 2 * OVER_MS + 1)) == ["a"]


def test_so_many_leave_as_relieve_it_as_there_is_room_for_and_never_more_than_a_few_in_a_minute() -> None:
    def wanted(*standings: Standing) -> dict[str, int]:
        relief = Relief()
        relief.look(standings, 0)
        return relief.look(standings, OVER_MS)

    busy = Standing(A, FULL + 20, each=20)
    assert wanted(busy, Standing(B)) == {"a": (20 + RELIEVED) // 20}
    assert wanted(busy, Standing(B, FULL - RELIEVED - 40)) == {"a": 2}, "elsewhere there is room for two"
    assert wanted(busy, Standing(B, FULL - RELIEVED)) == {}, "where little room is left nobody is sent"
    assert wanted(busy) == {}
    assert wanted(Standing(A, 950), Standing(B)) == {"a": MOVED_A_MINUTE}
    both = wanted(Standing(A, 900, each=60), Standing(B, 700, each=30), Standing(C))
    assert both == {"a": 7, "b": 2}, "the room of one is shared by two, the busier first"


def test_the_next_ones_leave_only_when_the_minute_is_over() -> None:
    relief = Relief()
    relief.look(there(950, 0), 0)
    relief.moved(relief.look(there(950, 0), OVER_MS)["a"], OVER_MS)
    assert relief.look(there(900, 40), OVER_MS + 1_000) == {}
    assert relief.look(there(900, 40), OVER_MS + MINUTE_MS) == {"a": MOVED_A_MINUTE}


def test_a_process_that_was_over_takes_nobody_until_it_has_room_so_that_nobody_is_sent_to_and_fro() -> None:
    relief, placed = Relief(), Placed("k", 1, A, (B,))
    relief.look(there(FULL, 0), 0)
    relief.look(there(FULL, 0), OVER_MS)
    for busy, where in ((FULL - 1, "b"), (FULL - RELIEVED, "b"), (FULL - RELIEVED - 1, "a"), (FULL - 1, "a")):
        standings = there(busy, 20)
        assert relief.look(standings, OVER_MS + 1) == {}
        assert for_receiver(placed, relief.shut(standings))[1] == where


def test_the_same_ones_leave_whoever_decides() -> None:
    sessions = [f"session-{number}" for number in range(50)]
    assert chosen(sessions, 5) == chosen(sessions[::-1], 5)
    assert len(set(chosen(sessions, 5))) == 5
    assert chosen(sessions[:2], 5) == chosen(sessions[:2], 2)
