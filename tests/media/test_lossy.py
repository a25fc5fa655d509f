"""The loss matrix, in held time: the same packets are lost at every run, on every machine."""

from __future__ import annotations

import pytest

from bench.media import loss
from bench.media.loss import CASES, PICTURE_BACK_MS, Case, Found

BAD_S, LOSSY_S = 5.0, 20.0
"""How long a line is bad; where chance decides what is lost, long enough for a thousand voices."""


@pytest.mark.parametrize("case", CASES, ids=lambda one: one.name)
def test_what_is_played_over_a_bad_line_keeps_its_aim_and_the_picture_comes_back_with_the_line(case: Case) -> None:
    found = loss.run(case, LOSSY_S if case.line.loss else BAD_S)
    assert found.heard >= case.heard
    assert found.recovery_ms <= PICTURE_BACK_MS
    assert not found.dropped


def test_a_run_can_be_had_again() -> None:
    case = next(one for one in CASES if one.name.startswith("20 % lost, viewer"))
    first: Found = loss.run(case, 2.0)
    assert first == loss.run(case, 2.0) != loss.run(case, 2.0, loss.SEED + 1)
