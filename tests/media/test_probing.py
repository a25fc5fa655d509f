"""A thin line is measured by what is sent at once, and its pictures come back as soon as it takes them."""

from __future__ import annotations

from server.media.estimate import FLOOR_BPS, RETURN_MS, START_BPS, Estimator
from server.media.probing import TICK_US, Probe
from tests.media.test_layers import report


def test_the_distance_of_packets_that_left_together_is_the_lines_rate() -> None:
    probe = Probe()
    probe.left(range(10, 14), 320)
    assert probe.reported([(9, 0), (10, 1_000_000), (11, 1_010_000)]) is None
    assert probe.reported([(12, 1_020_000), (13, 1_030_000), (14, 1_090_000)]) == 3 * 320 * 8 * 1_000_000 // 30_000
    assert probe.reported([(10, 0), (11, 0), (12, 0), (13, 0)]) is None, "it was said once"


def test_of_a_try_of_which_something_was_lost_nothing_is_said() -> None:
    probe = Probe()
    probe.left(range(4), 320)
    assert probe.reported([(0, 1_000), (1, None), (2, 3_000), (3, 4_000)]) is None
    probe.left(range(65_534, 65_536), 320)
    assert probe.reported([(1, 2_000), (65_534, 5_000), (65_535, 5_000)]) == 320 * 8 * 1_000_000 // TICK_US


class Thin:
    """A line that was found too thin, half a second a look."""

    def __init__(self) -> None:
        self.estimator, self.step = Estimator(0), 0
        self.look()
        self.look(delay_ms=400, size=200)
        assert self.estimator.budget < 400_000

    def look(self, measured: int = 0, delay_ms: int = 20, size: int = 100) -> int:
        self.step += 1
        report(self.estimator, 100 * self.step, 500 * self.step, delay_ms=delay_ms)
        if measured:
            self.estimator.measured(measured)
        self.estimator.assess(500 * self.step, size)
        return self.estimator.budget


def test_a_line_that_was_measured_gets_what_it_takes_at_once() -> None:
    thin = Thin()
    low = thin.look()
    assert thin.look(measured=low) == low, "it is as thin as before"
    assert thin.look(measured=1_000_000) == 850_000
    assert thin.estimator.given_back
    assert thin.look() == 850_000 and not thin.estimator.given_back
    assert thin.look(measured=90_000_000) == START_BPS


def test_above_all_that_a_measurement_may_give_a_line_is_tried_on() -> None:
    thin = Thin()
    budgets = [thin.look(measured=90_000_000) for _ in range(60)]
    assert START_BPS in budgets and budgets[-1] > 2 * START_BPS, "a large wall needs more than it"
    thin = Thin()
    thin.look(measured=90_000_000)
    assert [thin.look(measured=300_000) for _ in range(60)][-1] > START_BPS, "four packets say little of a fast line"


def test_what_was_measured_while_packets_wait_is_not_believed() -> None:
    thin = Thin()
    assert thin.look(measured=1_000_000, delay_ms=600) <= 400_000
    assert thin.look() < 850_000


def test_each_measurement_that_was_wrong_doubles_the_pause_before_the_next_is_believed() -> None:
    thin = Thin()
    waited = []
    for _ in range(4):
        tries = 1
        while thin.look(measured=1_000_000) < 850_000:
            tries += 1
        waited.append(tries)
        thin.look(delay_ms=900)
        assert FLOOR_BPS <= thin.estimator.budget < 850_000
    assert waited == sorted(waited) and waited[-1] * 500 >= 8 * RETURN_MS
