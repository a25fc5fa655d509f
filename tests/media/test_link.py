"""The bad line of the bench: the same every time, and as bad as it says."""

from __future__ import annotations

from bench.media.link import QUEUE_LIMIT_MS, Line, Link


def carry(line: Line, seed: int = 1, count: int = 2_000) -> list[list[float]]:
    link = Link(line, seed)
    return [link.carry(10.0 * index, 1_000) for index in range(count)]


def test_the_same_seed_gives_the_same_line() -> None:
    line = Line(loss=0.2, reorder=0.1, duplicate=0.1, delay_ms=50, jitter_ms=20)
    assert carry(line) == carry(line)
    assert carry(line) != carry(line, seed=2)


def test_as_much_is_lost_and_doubled_as_said() -> None:
    arrivals = carry(Line(loss=0.2, duplicate=0.1))
    assert 0.18 < sum(not one for one in arrivals) / 2_000 < 0.22
    assert 0.06 < sum(len(one) == 2 for one in arrivals) / 2_000 < 0.10


def test_a_burst_takes_everything_for_its_time() -> None:
    arrivals = carry(Line(burst_ms=200, burst_every_ms=2_000), count=600)
    lost = [index for index, one in enumerate(arrivals) if not one]
    assert lost == [*range(180, 200), *range(380, 400), *range(580, 600)]


def test_a_narrow_line_queues_and_then_drops() -> None:
    link = Link(Line(bits_per_second=100_000), 1)
    waits = [link.carry(0.0, 1_000) for _ in range(8)]
    assert [one[0] for one in waits if one] == [80.0, 160.0, 240.0, 320.0]
    assert waits[3][0] <= QUEUE_LIMIT_MS + 80


def test_delay_keeps_the_order_unless_something_overtakes() -> None:
    steady = [one[0] for one in carry(Line(delay_ms=300, jitter_ms=100))]
    assert steady == sorted(steady)
    overtaken = [one[0] for one in carry(Line(reorder=0.2))]
    assert overtaken != sorted(overtaken)
